"""Which way a column pushes is judged by one rule, whoever tells it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.artifact.evidence import ModelEvidence, SampleCurves
from experiments.artifact.explanation import Explanation, Extremes
from experiments.charts.dependence import DependenceData, dependence_data
from experiments.explanation.direction import way_of
from experiments.explanation.global_view import Importance, importance_of
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.report.background import Background
from experiments.report.chapters.reasons import explanation
from experiments.report.content import Table
from experiments.report.on_file import Report

RANDOM = np.random.default_rng(3)
VALUES = pd.Series(RANDOM.normal(size=600), name="age")


def _report(found: Explanation, checks: list[dict[str, object]] | None = None) -> Report:
    finalist = {
        "candidate": "lightgbm", "rank": 1, "is_tie": False, "is_recommended": True,
        "reason": {"message": "", "params": {}}, "metrics": {},
        "evidence": {"constraints": {"checks": checks}} if checks else {},
    }  # fmt: skip
    manifest = {"facts": {"kind": "default", "candidate": "lightgbm", "spec": {"target": "bad", "event": "1"}}}
    nothing = SampleCurves.__new__(SampleCurves)
    return Report(
        Path(), manifest, ModelEvidence(validation=nothing), found, {"finalists": [finalist]}, "en", [], Background()
    )


def _told(report: Report) -> str:
    table = next(block for block in explanation(report) if isinstance(block, Table))
    return str(table.rows[0][-1].value)


def _explained(correlation: float | None, curve: DependenceData) -> Explanation:
    factor = Importance(curve.column, 0.4, 1.0, correlation)
    return Explanation(factors=(factor,), dependence={curve.column: curve})


def _wavering() -> DependenceData:
    """A curve whose steps go up and down, of a column whose contributions rise with it over the customers."""
    x = tuple(np.linspace(0, 1, 8))
    y = (0.0, 0.3, 0.2, 0.5, 0.4, 0.7, 0.6, 0.9)
    return DependenceData("age", "numeric", x, (), y, y, y, (), (), None, 0)


@pytest.mark.parametrize(
    ("correlation", "way"), [(0.5, 1), (-0.5, -1), (0.49, 0), (-0.49, 0), (None, 0), (float("nan"), 0)]
)
def test_a_direction_is_told_from_a_large_rank_correlation_on(correlation: float | None, way: int) -> None:
    assert way_of(correlation) == way


def test_a_direction_that_holds_everywhere_is_told_whatever_a_sample_shows() -> None:
    assert way_of(-0.9, held=1) == 1


def test_paper_and_page_say_the_same_of_a_curve_that_wavers() -> None:
    found = _explained(0.8, _wavering())
    tendency = found.tendency_of("age")
    assert tendency is not None
    assert tendency.way == 1
    assert _told(_report(found)) == "The higher, the riskier"


def test_paper_says_where_a_column_without_a_direction_stands_highest() -> None:
    curve = DependenceData("age", "numeric", (20.0, 40.0, 60.0), (), (0.1, 0.9, 0.2), (0,), (0,), (), (), None, 0)
    assert _told(_report(_explained(0.1, curve))) == "Riskiest at 40, safest at 20"


def test_paper_tells_a_direction_that_the_model_keeps() -> None:
    check = {"feature": "age", "direction": -1, "violations": 0, "worst_step": 0.0, "rows": 100, "points": 20}
    assert _told(_report(_explained(0.1, _wavering()), [check])) == "The lower, the riskier"


def test_the_curve_stands_in_where_a_model_kept_no_direction() -> None:
    tendency = _explained(None, _wavering()).tendency_of("age")
    assert tendency is not None
    assert tendency.way == 1


def test_codes_go_neither_up_nor_down() -> None:
    curve = DependenceData("sex", "numeric", (1.0, 2.0), (), (0.1, 0.6), (0.1, 0.6), (0.1, 0.6), (), (), None, 0)
    sex = {"1": {"en": "male"}, "2": {"en": "female"}}
    tendency = _explained(0.9, curve).tendency_of("sex", meanings=sex)
    assert tendency is not None
    assert (tendency.way, tendency.best, tendency.worst) == (0, 2.0, 1.0)

    frame = pd.DataFrame({"sex": [1, 2] * 20})
    (importance,) = importance_of(frame - 1.5, frame, meanings={"sex": sex})
    assert importance.direction is None


def test_a_category_is_told_by_its_ends() -> None:
    curve = dependence_data([0.4] * 10 + [-0.2] * 10, pd.Series(["a"] * 10 + ["b"] * 10), "job")
    found = Explanation(dependence={"job": curve}, extremes={"job": Extremes("c", "b")})
    tendency = found.tendency_of("job")
    assert tendency is not None
    assert (tendency.way, tendency.best, tendency.worst) == (0, "c", "b")


@pytest.mark.parametrize("noise", [0.5, 1.5, 4.0])
def test_reasons_go_by_the_same_rule(noise: float) -> None:
    phi = pd.DataFrame({"age": VALUES + noise * RANDOM.normal(size=600)})
    frame = pd.DataFrame({"age": VALUES})
    (importance,) = importance_of(phi, frame)
    assert ReasonBook().fit(frame, phi).columns[0].trend == way_of(importance.direction)
