"""Who stands on the shortlist when there is no time to score everybody on all rows."""

import numpy as np
import pytest

from experiments import ExperimentSpec, SearchBudget
from experiments.experiment import open_log
from experiments.progress import Skipped
from experiments.search.conductor import Search
from experiments.search.preparing import read_question
from experiments.search.run import Run
from experiments.search.shortlist import LEFT_OUT_FOR_TIME, shortlist
from tests.experiments.customers import customers

SPEC = ExperimentSpec("bad", "yes", id_column="id", budget=SearchBudget(600), learners=("lightgbm", "linear"))


@pytest.fixture
def searched(tmp_path):
    """Return a search on a sample: the baseline, two boosted trials' worth of families, and a scorecard."""
    data = read_question(SPEC, customers(900))
    data.search_rows = 200
    told = []
    run = Run.begun(SPEC.budget, told.append)
    search = Search(SPEC, data, run, open_log(SPEC, data, tmp_path), reserve=10.0)
    search._try_fixed()
    return search, run, told


def test_with_time_everybody_is_scored_on_all_rows(searched):
    search, run, _ = searched
    found = shortlist(search.data, run, search.log, search.fold_models, SPEC)
    assert {one.name for one in found} >= {"baseline", "lightgbm", "scorecard"}
    assert [one.name for one in found if one.is_of_sample] == []
    assert {len(one.rows) for one in found} == {len(search.data.split.train)}


def test_scorecard_and_baseline_keep_their_place_by_the_sample_where_only_the_best_was_completed(searched):
    search, _, told = searched
    best = max(search.log.records, key=lambda record: record.auc or 0.0)
    # A repeated run in which there was time for the best only.
    others = {f"on all folds {record.number}": False for record in search.log.records if record is not best}
    again = Run.begun(SPEC.budget, told.append, replayed=others)
    found = shortlist(search.data, again, search.log, search.fold_models, SPEC)
    left_out = [event.learner for event in told if isinstance(event, Skipped) and event.message == LEFT_OUT_FOR_TIME]
    assert found[0].name == best.learner
    assert not found[0].is_of_sample
    sampled = {one.name: one for one in found if one.is_of_sample}
    assert set(sampled) == {"baseline", "scorecard"} - {best.learner}
    assert set(left_out) == {record.learner for record in search.log.records if record is not best}
    for one in sampled.values():
        np.testing.assert_array_equal(one.rows, np.flatnonzero(~np.isnan(search.log.margins_of(one.record))))
    assert "ensemble" not in {one.name for one in found}
