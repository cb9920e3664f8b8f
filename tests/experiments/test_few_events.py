"""Three events out of time prove nothing, and every place that shows a number of theirs says so."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.console.leaderboard import leaderboard_text
from experiments.experiment import ExperimentResult, run_experiment
from experiments.house_rules import MIN_EVENTS, MIN_ROWS, counts_of, has_too_few, is_enough, too_few
from experiments.report import make_report
from experiments.sentence import Sentence
from experiments.spec import ExperimentSpec, SearchBudget

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ExperimentResult:
    """A run on 2,000 customers of twelve months, of which the last three have three events."""
    random = np.random.default_rng(5)
    table = pd.DataFrame({"a": random.normal(size=2000), "b": random.normal(size=2000)})
    table["on"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(2000) * 365 // 2000, unit="D")
    is_event = random.random(2000) < 1 / (1 + np.exp(1.5 - table["a"]))
    late = np.flatnonzero(np.arange(2000) >= 1600)
    is_event.iloc[late] = False
    is_event.iloc[late[[120, 220, 320]]] = True
    spec = ExperimentSpec(
        "bad", "1", time_column="on", budget=SearchBudget(None, 3), feature_effort="off",
        learners=("lightgbm", "scorecard", "baseline"),
    )  # fmt: skip
    work_dir = tmp_path_factory.mktemp("run")
    return run_experiment(spec, table.assign(bad=is_event.astype(int)), work_dir=work_dir)


def test_the_counts_stand_beside_the_measures_and_no_limit_on_them_is_judged(found):
    for row in found.finalists:
        counts = row.metrics["out_of_time"]["counts"]
        assert counts == {"rows": counts["rows"], "events": 3, "is_enough": False}
        assert has_too_few(row.metrics["out_of_time"])
        assert not has_too_few(row.metrics["validation"])
        verdicts = {limit["code"]: limit["is_kept"] for limit in row.evidence["limits"]}
        assert verdicts["ks_gap"] is None
        assert "ks_gap" not in row.broken_limits
        low, high = (row.metrics["out_of_time"]["auc"][end] for end in ("low", "high"))
        assert high - low > 0.4
    (chosen,) = [row for row in found.finalists if row.is_recommended]
    assert "meet every limit" not in str(Sentence.from_dict(chosen.reason))
    assert "Too few out-of-time rows or events to judge these limits" in str(Sentence.from_dict(chosen.reason))


def test_the_console_and_the_report_say_it_in_grey_and_name_the_method(found):
    text = leaderboard_text(found)
    assert text.count("too few") == len(found.finalists)
    assert "Out of time. Too few to judge: 3 events in" in text
    (chosen,) = [row for row in found.finalists if row.is_recommended]
    folder = Path(chosen.model_dir or "")
    english, chinese = (make_report(folder, language=language).decode() for language in ("en", "zh"))
    assert english.count("Too few to judge: 3 events in") >= 3
    assert "In a random pair of one event" not in english
    assert "Newcombe" in english
    assert "Clopper" in english
    assert "样本不足，不作判断" in chinese
    assert "Newcombe 法" in chinese
    months = english.split('<section id="stability">')[1].split("</section>")[0]
    assert months.count("too few to judge") >= 3


def test_too_few_has_one_home():
    assert is_enough(MIN_ROWS, MIN_EVENTS)
    assert not is_enough(MIN_ROWS - 1, MIN_EVENTS)
    assert not is_enough(1000, MIN_EVENTS - 1)
    assert not is_enough(1000, 1000 - MIN_EVENTS + 1)
    assert counts_of(50, 40)["is_enough"] is False
    assert str(Sentence.from_dict(too_few(1113, 3))) == (
        "Too few to judge: 3 events in 1,113 rows. At least 30 events, 30 non-events and 100 rows in all are needed."
    )
