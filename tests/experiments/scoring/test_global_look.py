"""A model over all customers and over a segment: every family can be looked at, and the parts agree with each other."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.errors import BadInput
from experiments.explanation.reason_codes.columns import ReasonColumn
from experiments.scoring.global_look import GlobalLook, SegmentAsked, look_at_model, rows_of_segment
from tests.experiments.loans import loans, model_of

TABLE = loans(400, seed=7)


def read(rows: np.ndarray) -> pd.DataFrame:
    return TABLE.iloc[rows]


def everyone() -> np.ndarray:
    return np.arange(len(TABLE))


@pytest.fixture(scope="module")
def look() -> GlobalLook:
    return look_at_model(model_of("lightgbm"), read, rows=everyone())


@pytest.mark.parametrize("learner", ["scorecard", "linear"])
def test_a_model_that_adds_up_column_by_column_has_no_interaction(learner: str) -> None:
    found = look_at_model(model_of(learner), read, rows=everyone())
    assert {one.h for one in found.interactions} == {0.0}
    assert found.coloured == {}
    assert found.partial


def test_a_look_comes_back_from_json_the_same(look: GlobalLook) -> None:
    assert GlobalLook.from_dict(json.loads(json.dumps(look.to_dict(), allow_nan=False))) == look


def test_importance_and_curves_are_those_of_exact_contributions(look: GlobalLook) -> None:
    model = model_of("lightgbm")
    phi, _base = model.own_contributions(TABLE)
    means = dict(zip(model.own_columns, np.abs(phi).mean(axis=0), strict=True))
    assert {one.column: one.mean_abs for one in look.explanation.factors} == pytest.approx(means)


def test_partial_dependence_is_in_calibrated_probability_over_the_sample(look: GlobalLook) -> None:
    model, curve = model_of("lightgbm"), look.partial["job"]
    asked = curve.levels[0]
    told = model.predict(TABLE.assign(job=pd.Series([asked] * len(TABLE), dtype=object))).mean()
    assert curve.mean[0] == pytest.approx(told, rel=1e-4)
    assert sum(look.partial["age"].counts) > 0.95 * len(TABLE)


def test_a_curve_is_coloured_by_the_strongest_interaction(look: GlobalLook) -> None:
    assert look.coloured
    for name, curve in look.coloured.items():
        own = [one for one in look.interactions if name in one.columns]
        assert curve.partner in own[0].columns
    assert look.together == 100


def test_columns_of_one_reason_are_weighed_together() -> None:
    model = model_of("lightgbm")
    model.reason_book.columns = [
        ReasonColumn(name, "numeric", group="money" if name.startswith("income") else name)
        for name in model.own_columns
    ]
    found = look_at_model(model, read, rows=everyone())

    money = next(group for group in found.groups if group.group == "money")
    phi, _base = model.own_contributions(TABLE)
    parts = pd.DataFrame(phi, columns=model.own_columns)
    together = parts["income"] + parts["income_again"]
    assert money.mean_abs == pytest.approx(together.abs().mean())
    assert sum(group.share for group in found.groups) == pytest.approx(1)


def test_a_segment_is_told_by_its_own_customers() -> None:
    young = np.flatnonzero(rows_of_segment(TABLE["age"], SegmentAsked("age", "range", high=30.0)))
    found = look_at_model(model_of("lightgbm"), read, rows=young)
    assert found.rows == len(young)
    assert max(found.partial["age"].x) < 30


@pytest.mark.parametrize(
    ("column", "segment", "rows"),
    [
        ([1, 2, 2], SegmentAsked("a", "level", "2"), [1, 2]), ([1.0, 2.0, None], SegmentAsked("a", "level", "2"), [1]),
        (["x", None, "y"], SegmentAsked("a", "level", "x"), [0]),
        ([True, False], SegmentAsked("a", "level", "True"), [0]),
        (["x", None, "y"], SegmentAsked("a", "missing"), [1]),
        ([1.0, 2.0, 3.0], SegmentAsked("a", "range", low=2.0, high=3.0), [1]),
    ],
)  # fmt: skip
def test_rows_of_a_segment_are_found_as_the_page_writes_them(
    column: list[object], segment: SegmentAsked, rows: list[int]
) -> None:
    assert np.flatnonzero(rows_of_segment(pd.Series(column), segment)).tolist() == rows


def test_a_segment_of_few_customers_is_refused() -> None:
    with pytest.raises(BadInput, match="49"):
        look_at_model(model_of("scorecard"), read, rows=np.arange(49))


def test_steps_are_told_up_to_the_end() -> None:
    told: list[float] = []
    look_at_model(model_of("linear"), read, rows=everyone(), on_step=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
