"""Tables of one kind of column, or of a single one, go the whole way: fit, score, report."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.ingest.reading import ingest_file
from experiments.report import make_report
from experiments.scoring.batch import score_file

ROWS = 160
SPEC = ExperimentSpec(
    "bad", "1", id_column="id", budget=SearchBudget(None, 1), learners=("catboost",), feature_effort="off"
)


def narrow(kind: str) -> pd.DataFrame:
    random = np.random.default_rng(3)
    bad = random.random(ROWS) < 0.4
    hint = np.where(random.random(ROWS) < 0.25, ~bad, bad)
    day = pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 300, ROWS) + 90 * bad, unit="D")
    columns = {
        "categories": {"product": random.choice(list("ABC"), ROWS), "job": np.where(hint, "私企", "国企")},
        "booleans": {"is_staff": hint, "is_new": random.random(ROWS) < 0.5},
        "dates": {"opened": day, "seen": day + pd.Timedelta(days=30)},
        "a constant and a category": {"bank": 7, "job": np.where(hint, "私企", "国企")},
        "text": {"note": [f"来电 {number} {'投诉' if it else '咨询'}" for number, it in enumerate(hint)]},
    }[kind]
    return pd.DataFrame({"id": [f"C{number:03d}" for number in range(ROWS)], **columns, "bad": bad.astype(int)})


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["categories", "booleans", "dates", "a constant and a category", "text"])
def test_a_table_of_one_kind_of_column_is_fitted_scored_and_reported(tmp_path: Path, kind: str):
    narrow(kind).to_csv(tmp_path / "train.csv", index=False)
    ingest_file(tmp_path / "train.csv", tmp_path / "train.parquet", file_name="train.csv")
    result = run_experiment(SPEC, tmp_path / "train.parquet", work_dir=tmp_path / "run")
    for row in result.finalists:
        assert row.model_dir is not None, row.candidate
        summary = score_file(row.model_dir, tmp_path / "train.csv", out_csv=tmp_path / "scores.csv", encoding="utf-8")
        assert summary.rows == ROWS, row.candidate
        assert "模型验证报告" in make_report(row.model_dir, language="zh").decode()
    # Of texts that never come twice CatBoost has nothing to learn.
    expected = {"scorecard", "baseline"} if kind == "text" else {"catboost", "scorecard", "baseline"}
    assert expected <= {row.candidate for row in result.finalists}
