"""What a bank may take of a run beside the most accurate model, and whether its probabilities hold, on rows unseen.

    python -m tests.benchmarks.leaderboard SETS --budget 60 --out results.csv

SETS is a folder as for ``tests.benchmarks.accuracy``. Each set is fitted once; the ensemble, the recommended single
model and the scorecard of that run are then read on the test rows: AUC, slope of the recalibration, ECE in 15 bins.
"""

import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.evaluation.calibration import recalibration
from experiments.evaluation.metrics import auc
from experiments.evaluation.reliability import ece
from experiments.experiment import ExperimentResult
from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet

FIELDS = ("set", "budget", "seed", "taken_as", "candidate", "rows", "auc", "slope", "slope_low", "slope_high", "ece")


def main() -> None:
    """Fit each set that is not in the results yet, read its models on the test rows, print the table."""
    options = _options()
    sets = json.loads((options.sets / "sets.json").read_text(encoding="utf-8"))
    known = {row["set"] for row in _rows(options.out)}
    for name in options.only or sets:
        if name not in known:
            _add(options.out, _read_one(name, sets[name], options))
    sys.stdout.write(table(_rows(options.out)) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--budget", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*")
    return parser.parse_args()


def _read_one(name: str, question: dict[str, Any], options: argparse.Namespace) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        train, test = (_ingested(options.sets / f"{name}.{part}.csv", folder) for part in ("train", "test"))
        spec = ExperimentSpec(
            question["target"], "1", kind=question["kind"], budget=SearchBudget(options.budget), seed=options.seed
        )
        result = run_experiment(spec, train, work_dir=folder / "run")
        frame = read_parquet(test)
        y = pd.to_numeric(frame[question["target"]]).to_numpy(dtype=float)
        first = {"set": name, "budget": options.budget, "seed": options.seed, "rows": len(y)}
        return [
            first | {"taken_as": taken_as, "candidate": candidate} | _figures(folder, candidate, frame, y)
            for taken_as, candidate in _taken(result).items()
        ]


def _ingested(path: Path, folder: Path) -> Path:
    parquet = folder / f"{path.stem}.parquet"
    ingest_file(path, parquet, file_name=path.name)
    return parquet


def _taken(result: ExperimentResult) -> dict[str, str]:
    candidates = {row.candidate for row in result.finalists}
    wanted = {"most accurate": result.most_accurate, "recommended": result.recommended, "scorecard": "scorecard"}
    return {taken_as: candidate for taken_as, candidate in wanted.items() if candidate in candidates}


def _figures(folder: Path, candidate: str, frame: pd.DataFrame, y: np.ndarray) -> dict[str, float]:
    p = ModelArtifact.load(folder / "run" / "models" / candidate).predict(frame)
    slope = recalibration(y, p).slope
    return {
        "auc": round(float(auc(y, p)), 5),
        "slope": round(slope.value, 3),
        "slope_low": round(float(slope.low or np.nan), 3),
        "slope_high": round(float(slope.high or np.nan), 3),
        "ece": round(ece(y, p), 4),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the figures as Markdown, with what is lost to the most accurate model in the mean over the sets."""
    lines = ["| set | taken as | model | AUC | slope | ECE |", "|---|---|---|---|---|---|"]
    best = {row["set"]: float(row["auc"]) for row in rows if row["taken_as"] == "most accurate"}
    lost: dict[str, list[float]] = {}
    for row in rows:
        slope = f"{float(row['slope']):.2f} ({float(row['slope_low']):.2f} – {float(row['slope_high']):.2f})"
        cells = (row["set"], row["taken_as"], row["candidate"], f"{float(row['auc']):.4f}", slope, row["ece"])
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
        lost.setdefault(row["taken_as"], []).append(best[row["set"]] - float(row["auc"]))
    lines += [f"Mean AUC lost, {taken_as}: {np.mean(values):.4f}" for taken_as, values in lost.items()]
    return "\n".join(lines)


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _add(path: Path, rows: list[dict[str, Any]]) -> None:
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        if is_new:
            writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
