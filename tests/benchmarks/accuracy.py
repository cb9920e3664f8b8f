"""Xiaoyu and other AutoML systems on the same rows with the same seconds, one after another.

    python -m tests.benchmarks.accuracy SETS --budget 60 --out results.csv [--python flaml=/envs/flaml/bin/python …]

SETS is a folder with ``NAME.train.csv`` and ``NAME.test.csv`` and a ``sets.json``,
``{NAME: {"target": …, "kind": …}}``, where the target is 0 or 1. A peer runs in the environment that
``--python PEER=…`` names, where its own package is installed: flaml, autogluon or autogluon_best (autogluon.tabular),
lightgbm, mljar (mljar-supervised), lightautoml. What stands in the results already is not measured again. The last
lines are a table in Markdown.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.evaluation.metrics import auc, ks, log_loss

ROOT = Path(__file__).parents[2]
PEER = Path(__file__).with_name("peer.py")
FIELDS = ("set", "system", "budget", "seed", "auc", "ks", "log_loss", "seconds", "note")


def main() -> None:
    """Measure what is missing in the results and print the table."""
    options = _options()
    sets = json.loads((options.sets / "sets.json").read_text(encoding="utf-8"))
    pythons = dict(pair.split("=", 1) for pair in options.python)
    known = {(row["set"], row["system"], row["budget"], row["seed"]) for row in _rows(options.out)}
    for name in options.only or sets:
        for system in ("xiaoyu", *pythons):
            if (name, system, str(options.budget), str(options.seed)) in known:
                continue
            row = _measured(name, system, sets[name], options, pythons)
            _add(options.out, row)
            _say(f"{row}")
    _say(table(_rows(options.out), options.budget))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--python", nargs="*", default=[], metavar="PEER=PYTHON")
    return parser.parse_args()


def _measured(name: str, system: str, question: dict, options: argparse.Namespace, pythons: dict) -> dict:
    train, test = (options.sets / f"{name}.{part}.csv" for part in ("train", "test"))
    started, note = time.monotonic(), ""
    row = dict.fromkeys(FIELDS, "") | {"set": name, "system": system, "budget": options.budget, "seed": options.seed}
    with tempfile.TemporaryDirectory() as folder:
        scores = Path(folder) / "scores.csv"
        try:
            if system == "xiaoyu":
                _run_ours(train, test, question, options, Path(folder) / "model", scores)
            else:
                command = [pythons[system], str(PEER), system, str(train), str(test), question["target"]]
                _run([*command, str(options.budget), str(scores)], 5 * options.budget + 300, folder)
            row |= _figures(pd.read_csv(test, usecols=[question["target"]]), pd.read_csv(scores)["probability"])
        except (subprocess.SubprocessError, OSError) as error:
            note = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1][:200]
    return row | {"seconds": round(time.monotonic() - started, 1), "note": note}


def _run_ours(train: Path, test: Path, question: dict, options: argparse.Namespace, model: Path, scores: Path) -> None:
    ours = [sys.executable, "-m", "experiments"]
    asked = ["--target", question["target"], "--event", "1", "--kind", question["kind"]]
    granted = ["--budget", str(options.budget), "--seed", str(options.seed)]
    _run([*ours, "fit", str(train), *asked, *granted, "--out", str(model)], 2 * options.budget + 60, str(ROOT))
    _run([*ours, "score", str(model), str(test), "--reasons", "0", "--out", str(scores)], 600, str(ROOT))


def _run(command: list[str], timeout: float, folder: str) -> None:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout, cwd=folder, env=environment)


def _figures(truth: pd.DataFrame, probability: pd.Series) -> dict:
    y = truth.iloc[:, 0].to_numpy(dtype=float)
    p = np.clip(probability.to_numpy(dtype=float), 1e-6, 1 - 1e-6)
    return {
        "auc": round(float(auc(y, p)), 5),
        "ks": round(ks(y, p).value, 4),
        "log_loss": round(float(log_loss(y, p)), 5),
    }


def table(rows: list[dict], budget: int) -> str:
    """Return AUC and log loss of each system on each set, with mean ranks and mean AUC lost, as Markdown."""
    found: dict[str, dict[str, dict]] = defaultdict(dict)
    for row in rows:
        if int(row["budget"]) == budget:
            found[row["set"]][row["system"]] = row
    systems = sorted({system for by_system in found.values() for system in by_system})
    ranks, lost = defaultdict(list), defaultdict(list)
    for by_system in found.values():
        best = max(float(row["auc"]) for row in by_system.values() if row["auc"])
        for system, row in by_system.items():
            value = float(row["auc"]) if row["auc"] else -1.0
            ranks[system].append(1 + sum(float(other["auc"] or -1) > value for other in by_system.values()))
            if row["auc"]:
                lost[system].append(best - value)
    systems.sort(key=lambda system: float(np.mean(ranks[system])))
    lines = [f"| set | {' | '.join(systems)} |", f"|---{'|---' * len(systems)}|"]
    for name, by_system in found.items():
        cells = [_cell(by_system.get(system)) for system in systems]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines.append(f"| mean rank | {' | '.join(f'{np.mean(ranks[system]):.2f}' for system in systems)} |")
    lines.append(f"| mean AUC lost | {' | '.join(f'{np.mean(lost[system] or [np.nan]):.4f}' for system in systems)} |")
    return "\n".join(lines)


def _cell(row: dict | None) -> str:
    if row is None:
        return ""
    return f"{float(row['auc']):.4f} / {float(row['log_loss']):.4f}" if row["auc"] else "failed"


def _rows(path: Path) -> list[dict]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _add(path: Path, row: dict) -> None:
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
