"""Limits come from the spec, none means no limit, and chance alone breaks none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.limits import Readings, allowed_fall, check_limits
from experiments.features.encoding import TableEncoder
from experiments.learners import LEARNERS
from experiments.learners.base import FitRequest
from experiments.search.columns_read import columns_read
from experiments.spec import HOUSE_LIMITS, ExperimentSpec, Limits

READINGS = Readings(
    train_ks=0.50, held_out_ks=0.38, held_out_ks_high=0.39, score_psi=0.12, psi_by_chance=0.02, features=14,
    milliseconds=0.02,
)  # fmt: skip


def verdicts(limits: Limits, **changes: float | None) -> dict[str, bool | None]:
    return {limit["code"]: limit["is_kept"] for limit in check_limits(limits, replace(READINGS, **changes))}


def test_a_number_that_is_set_is_the_limit_and_nothing_widens_it():
    readings = replace(READINGS, held_out_ks=0.43, held_out_ks_high=0.43)
    asked = ExperimentSpec.from_dict({"target": "bad", "event": "1", "limits": {"ks_gap": 0.05}}).limits
    (gap, _) = check_limits(asked, readings)
    assert (gap["limit"], gap["is_kept"]) == (0.05, False)
    assert gap["message"] % gap["params"] == (
        "KS falls by 0.070, from 0.500 on training rows to 0.430 on held-out rows; the limit is 0.050."
    )


def test_the_fall_in_ks_may_be_a_share_only_where_that_is_asked_for_and_then_it_is_told():
    assert verdicts(Limits()) == {"ks_gap": False, "score_psi": False}
    assert verdicts(Limits(ks_gap=0.15))["ks_gap"]
    assert verdicts(Limits(ks_gap_share=0.25))["ks_gap"]
    assert not verdicts(Limits(ks_gap=0.1, ks_gap_share=0.1))["ks_gap"]
    assert ExperimentSpec("bad", "1").limits == HOUSE_LIMITS
    (gap, _) = check_limits(HOUSE_LIMITS, READINGS)
    assert gap["message"] % gap["params"] == (
        "KS falls by 0.120, from 0.500 on training rows to 0.380 on held-out rows; the limit is 0.100 (20% "
        "of the training KS, at least 0.05)."
    )


def test_what_a_small_sample_cannot_prove_breaks_no_limit():
    assert verdicts(Limits(), held_out_ks_high=0.45, psi_by_chance=0.2) == {"ks_gap": True, "score_psi": True}
    assert not verdicts(Limits(), held_out_ks_high=None)["ks_gap"]


def test_too_few_events_neither_keep_nor_break_a_limit_and_a_shift_needs_rows_only():
    assert verdicts(Limits(), has_enough_events=False) == {"ks_gap": None, "score_psi": False}
    assert verdicts(Limits(), has_enough_events=False, has_enough_rows=False) == {"ks_gap": None, "score_psi": None}


def test_none_sets_no_limit():
    assert check_limits(Limits(ks_gap=None, score_psi=None), READINGS) == []


def test_size_and_speed_are_limited_when_asked_for():
    assert verdicts(Limits(None, score_psi=None, features=14, milliseconds=0.02)) == {
        "features": True, "milliseconds": True,
    }  # fmt: skip
    assert verdicts(Limits(None, score_psi=None, features=13, milliseconds=0.01)) == {
        "features": False, "milliseconds": False,
    }  # fmt: skip


def test_a_verdict_tells_its_numbers():
    (limit,) = check_limits(Limits(None, score_psi=None, features=10), READINGS)
    assert limit["message"] % limit["params"] == "The model uses 14 columns; the limit is 10."


@pytest.mark.parametrize("name", ["lightgbm", "linear", "xgboost", "random_forest"])
def test_columns_without_a_part_in_the_margin_are_not_read(name):
    random = np.random.default_rng(1)
    table = pd.DataFrame({"a": random.normal(size=500), "b": random.normal(size=500), "still": np.zeros(500)})
    y = (table["a"] + table["b"] + random.normal(size=500) > 0).to_numpy().astype(float)
    matrix, _ = TableEncoder().fit(table, list(table.columns)).transform(table)
    learner = LEARNERS[name]
    settings = learner.first_configurations(500, 3)[0]
    model = learner.fit(FitRequest(table=matrix, y=y, params=settings, iterations=20))
    assert columns_read([model], matrix.head(30)) == 2


@pytest.mark.parametrize(("gap", "share", "allowed"), [(0.05, 0.0, 0.05), (0.05, 0.5, 0.2), (None, 0.5, None)])
def test_ks_may_fall_by_the_larger_of_gap_and_share_and_without_a_limit_by_anything(gap, share, allowed):
    assert allowed_fall(Limits(ks_gap=gap, ks_gap_share=share), 0.4) == allowed
