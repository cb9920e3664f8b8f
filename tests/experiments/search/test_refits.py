"""The last fits: which are made, in what order, and in how large steps."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments.progress import ignore
from experiments.search.ensemble import Ingredient
from experiments.search.refits import LARGEST_STEP, Refits, fit_task
from experiments.search.run import Run
from experiments.search.trial import FINISHED, TrialRecord
from experiments.spec import SearchBudget


def _record(number: int, learner: str = "lightgbm", seconds: float = 6.0) -> TrialRecord:
    return TrialRecord(
        number=number, learner=learner, backend="flaml", state=FINISHED, params={"learning_rate": 0.03, "n": number},
        auc=0.7, fold_aucs=(0.7, 0.7, 0.7), iterations=(100, 100, 100), seconds=seconds,
    )  # fmt: skip


def _data(rows: int = 90_000) -> SimpleNamespace:
    positions = np.arange(rows)
    sample = [(positions[:10_000], positions[10_000:20_000])] * 3
    whole = [(positions[: rows * 2 // 3], positions[rows * 2 // 3 :])] * 5
    return SimpleNamespace(folds=whole, search_folds=sample, labelled=positions)


RUN = Run.begun(SearchBudget(60.0), ignore, workers=SimpleNamespace(threads=2))


def test_more_rows_bear_more_rounds_but_not_in_proportion():
    task = fit_task(_record(1), _data(), RUN, np.arange(90_000), seed=1)
    assert 100 < task.more["iterations"] < 900
    assert task.params["learning_rate"] == 0.03


def test_a_fit_that_would_take_too_long_goes_in_fewer_and_larger_steps():
    slow = fit_task(_record(1), _data(), RUN, np.arange(90_000), seed=1)
    fast = fit_task(_record(1), _data(), RUN, np.arange(90_000), seed=1, seconds_allowed=20.0)
    assert fast.more["iterations"] < slow.more["iterations"]
    assert fast.params["learning_rate"] > 0.03
    work = fast.more["iterations"] * fast.params["learning_rate"]
    assert work == pytest.approx(slow.more["iterations"] * 0.03, rel=0.05)


def test_steps_grow_only_so_far():
    task = fit_task(_record(1, seconds=600.0), _data(), RUN, np.arange(90_000), seed=1, seconds_allowed=1.0)
    assert task.params["learning_rate"] == LARGEST_STEP
    assert task.more["iterations"] >= 1


def test_a_repetition_fits_in_the_same_steps_however_long_its_own_trials_took():
    workers = SimpleNamespace(threads=2)
    first = Run.begun(SearchBudget(60.0), ignore, workers=workers)
    before = fit_task(_record(1), _data(), first, np.arange(90_000), seed=1, seconds_allowed=20.0)

    again = Run.begun(SearchBudget(60.0), ignore, replayed=first.decisions.made, workers=workers)
    slow = _record(1, seconds=200.0)

    task = fit_task(slow, _data(), again, np.arange(90_000), seed=1, seconds_allowed=20.0)
    assert (task.params, task.more) == (before.params, before.more)


def test_an_ensemble_is_shipped_only_when_each_of_its_parts_is_fitted():
    refits = Refits(_data(), RUN, first_seed=1)  # type: ignore[arg-type]
    ingredients = (Ingredient(_record(1), 0.5, 0.5), Ingredient(_record(2, "xgboost"), 0.5, 0.5))
    candidate = SimpleNamespace(recipe=SimpleNamespace(ingredients=ingredients, intercept=0.1), record=_record(3))
    requests = refits.first(candidate)  # type: ignore[arg-type]
    assert [want.record.learner for want in requests] == ["lightgbm", "xgboost"]
    refits.models[requests[0].key] = SimpleNamespace(iterations=3)  # type: ignore[assignment]
    assert refits.members_of(candidate) == []  # type: ignore[arg-type]
    refits.models[requests[1].key] = SimpleNamespace(iterations=4)  # type: ignore[assignment]
    (whole,) = refits.members_of(candidate)  # type: ignore[arg-type]
    assert [part.learner for part in whole.parts] == ["lightgbm", "xgboost"]
    assert whole.iterations == 7


def test_heavier_parts_get_more_seeds():
    refits = Refits(_data(), RUN, first_seed=1)  # type: ignore[arg-type]
    ingredients = (Ingredient(_record(1), 0.75, 0.75), Ingredient(_record(2, "xgboost"), 0.25, 0.25))
    candidate = SimpleNamespace(recipe=SimpleNamespace(ingredients=ingredients, intercept=0.0), record=_record(3))
    more = [want.record.learner for want in refits.more(candidate)]  # type: ignore[arg-type]
    assert more.count("lightgbm") > more.count("xgboost") > 0
