"""Who scores the file a model was built on is told that nothing has shifted, whichever model was kept."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.experiment import run_experiment
from experiments.scoring.batch import score_file
from experiments.spec import ExperimentSpec, SearchBudget

pytestmark = pytest.mark.slow


def _ties(random: np.random.Generator) -> pd.DataFrame:
    """Two columns of few values, as where customers are known by channel and number of products only."""
    table = pd.DataFrame({"channel": random.choice(["甲", "乙", "丙"], 3000), "products": random.integers(0, 3, 3000)})
    margin = 0.9 * (table["channel"] == "甲") - 0.6 * table["products"] - 0.8
    return table.assign(y=_drawn(random, margin))


def _rare(random: np.random.Generator) -> pd.DataFrame:
    """Two customers of a thousand have the event."""
    table = pd.DataFrame({"income": random.lognormal(9, 0.6, 12_000).round(2), "late": random.poisson(0.6, 12_000)})
    return table.assign(y=_drawn(random, 1.2 * table["late"] - 8.0))


def _dated(random: np.random.Generator) -> pd.DataFrame:
    """A table that is split by date: what was measured is what is kept, and has seen the older rows only."""
    table = pd.DataFrame({"a": random.normal(size=3000).round(1), "b": random.integers(0, 4, 3000)})
    table["seen_on"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(3000) // 10, unit="D")
    return table.assign(y=_drawn(random, table["a"] - 1.5))


def _drawn(random: np.random.Generator, margin: pd.Series) -> np.ndarray:
    return (random.random(len(margin)) < 1 / (1 + np.exp(-margin.to_numpy(dtype=float)))).astype(int)


@pytest.mark.parametrize("made", [_ties, _rare, _dated])
def test_the_training_file_has_no_shift_on_any_model_that_was_kept(made, tmp_path: Path):
    random = np.random.default_rng(11)
    table = made(random)
    time_column = "seen_on" if "seen_on" in table else None
    spec = ExperimentSpec(
        "y", "1", kind="response", time_column=time_column, budget=SearchBudget(None, 4), feature_effort="off",
        learners=("lightgbm", "random_forest", "scorecard", "baseline"),
    )  # fmt: skip
    result = run_experiment(spec, table, work_dir=tmp_path / "run")
    source, again = tmp_path / "train.csv", tmp_path / "again.csv"
    table.to_csv(source, index=False)
    made(random).to_csv(again, index=False)
    for finalist in result.finalists:
        assert finalist.model_dir is not None
        own, fresh = (score_file(finalist.model_dir, path, reasons=0) for path in (source, again))
        assert own.psi["value"] < 0.01, finalist.candidate
        assert fresh.psi["value"] <= fresh.psi["limit"], finalist.candidate
        # Neither is the shift to the rows set aside one, as the models that were measured are compared with themselves.
        assert finalist.evidence["score_psi"] <= finalist.evidence["score_psi_limit"], finalist.candidate
        assert "score_psi" not in finalist.broken_limits
