"""One table of kinds: whatever has a name in it can be asked, searched, scored and reported."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.artifact.model import ModelArtifact
from experiments.experiment import run_experiment
from experiments.kinds import KINDS
from experiments.leakage.names import speaks_of_later
from experiments.report import make_report
from experiments.spec import TARGET_KINDS, ExperimentSpec, SearchBudget


def test_the_kinds_a_spec_may_name_are_those_of_the_table() -> None:
    assert set(TARGET_KINDS) == set(KINDS)
    assert all(KINDS[name].name == name for name in KINDS)


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        *((name, True) for name in ("销户日期", "closing_reason", "churn_date", "流失原因", "挽留结果")),
        *((name, False) for name in ("开户日期", "balance", "近3月交易次数", "score", "exit_count_last_6m")),
    ],
)
def test_what_is_known_only_after_a_customer_left_is_told_by_its_name(name: str, tells: bool) -> None:
    assert speaks_of_later(name, "attrition") is tells


@pytest.mark.slow
def test_attrition_is_searched_scored_and_reported_in_its_own_words(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    idle = random.gamma(2.0, 30.0, 1_500)
    table = pd.DataFrame({"idle_days": idle, "products": random.integers(1, 5, 1_500).astype(float)})
    table["left"] = (random.random(1_500) < 1 / (1 + np.exp(3 - idle / 40))).astype(int).astype(str)
    spec = ExperimentSpec(
        "left", "1", kind="attrition", event_name="休眠客户", budget=SearchBudget(None, 2), learners=("linear",),
        contact_share=0.2,
    )  # fmt: skip

    result = run_experiment(spec, table, work_dir=tmp_path)

    folder = tmp_path / "models" / result.recommended
    artifact = ModelArtifact.load(folder)
    likely, unlikely = table.assign(idle_days=200.0).head(1), table.assign(idle_days=1.0).head(1)
    assert artifact.score_of(artifact.predict(likely)) > artifact.score_of(artifact.predict(unlikely))
    assert artifact.band_of(artifact.predict(likely))[0] == "A"
    page = make_report(folder, language="zh").decode()
    assert "流失" in page
    assert "休眠客户" in page
