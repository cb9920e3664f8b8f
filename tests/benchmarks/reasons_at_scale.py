"""Reasons for a million rows with a recommended boosted model, beside LightGBM's own contributions and shap's.

Run ``python -m tests.benchmarks.reasons_at_scale MODEL ROWS.csv`` in the root of the repository, with a model of
LightGBM as ``fit ROWS.csv --learners lightgbm --single --out MODEL`` makes it. The rows are drawn from the file's again
and again, up to ``--rows``, and their numbers moved a little. Ours is the whole way from the table to four sentences a
row. The others are given the finished matrix, have only to add up contributions, and do so for ``--others`` rows; what
a million would take is reckoned from that. All are on one machine in one run, with as many threads as there are cores
(shap has one).
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact
from experiments.explanation.tree_paths import PathTrees
from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet
from experiments.scoring.batch import ROWS_A_CHUNK, scored_by_turns


def drawn(frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return so many rows like those of a table, hardly one of them twice."""
    random = np.random.default_rng(7)
    drawn = frame.iloc[random.integers(0, len(frame), rows)].reset_index(drop=True)
    for name in drawn.select_dtypes("number"):
        if drawn[name].nunique() > 50:
            drawn[name] = drawn[name] * random.normal(1.0, 0.02, rows)
    return drawn


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the seconds by the clock and of processor time."""
    wall, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - busy


def main() -> None:
    """Print the times, and the others' as multiples of ours."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", type=Path)
    options.add_argument("file", type=Path)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--others", type=int, default=5_000)
    chosen = options.parse_args()

    parquet = chosen.model.with_suffix(".rows.parquet")
    ingest_file(chosen.file, parquet)
    frame = drawn(read_parquet(parquet), chosen.rows)
    parquet.unlink()
    model = ModelArtifact.load(chosen.model)

    import lightgbm
    import shap

    boosters = [lightgbm.Booster(model_file=str(path)) for path in sorted(chosen.model.glob("*.lightgbm.txt"))]
    explainers = [shap.TreeExplainer(booster) for booster in boosters]
    matrix = np.ascontiguousarray(model.encoder.transform(frame.head(chosen.others))[0].to_numpy())
    for booster in boosters:
        parts, base = PathTrees.parse(booster.model_to_string()).contributions(matrix[:500])
        theirs = booster.predict(matrix[:500], pred_contrib=True)
        np.testing.assert_allclose(np.column_stack([parts, base]), theirs, rtol=0, atol=1e-9)
    model.score(frame.head(1_000))

    def ours() -> None:
        chunks = (frame.iloc[start : start + ROWS_A_CHUNK] for start in range(0, len(frame), ROWS_A_CHUNK))
        assert sum(len(scored.frame) for _frame, scored in scored_by_turns(model, chunks)) == len(frame)

    def by_shap() -> None:
        for explainer in explainers:
            explainer.shap_values(matrix)

    def by_lightgbm() -> None:
        for booster in boosters:
            booster.predict(matrix, pred_contrib=True)

    trees = sum(booster.num_trees() for booster in boosters)
    print(f"{len(boosters)} fits, {trees} trees, {matrix.shape[1]} columns; a million rows, seconds:")
    print(f"{'':28}  by the clock  of processor time  times ours")
    own = 0.0
    for name, work, rows in (
        ("ours, table to 4 reasons", ours, len(frame)),
        ("LightGBM pred_contrib", by_lightgbm, len(matrix)),
        ("shap.TreeExplainer", by_shap, len(matrix)),
    ):
        wall, busy = (seconds * 1e6 / rows for seconds in timed(work))
        own = own or busy
        print(f"{name:28}  {wall:12.1f}  {busy:17.1f}  {busy / own:10.1f}", flush=True)


if __name__ == "__main__":
    main()
