"""A first model comes before columns are made, and makes way when they are."""

from dataclasses import replace

import numpy as np
import pytest

from experiments import ExperimentSpec, SearchBudget
from experiments.errors import FinishNow
from experiments.experiment import open_log
from experiments.progress import Said, Tick, TrialFinished, ignore
from experiments.search.attempts import FIRST_SCORE
from experiments.search.conductor import FIRST_LOOK, FIXED, WITHOUT_DERIVED_COLUMNS, Fixed, Search
from experiments.search.derived_columns import ENDED, takes_time
from experiments.search.preparing import read_question, with_columns, without_columns
from experiments.search.run import Run
from experiments.search.trial import FEWER_COLUMNS, FINISHED, MORE_COLUMNS, PRUNED
from tests.experiments.generation.test_generated_columns import loans

SPEC = ExperimentSpec("bad", "1", budget=SearchBudget(120), learners=("lightgbm",))


@pytest.fixture
def data():
    return read_question(SPEC, loans())


def _looked(data, folder, tell=ignore) -> tuple[Search, Run]:
    run = Run.begun(SPEC.budget, tell)
    search = Search(SPEC, data, run, open_log(SPEC, data, folder), reserve=10.0)
    search.look_first()
    return search, run


def test_the_baseline_and_something_boosted_are_known_before_columns_are_made(data, tmp_path):
    told = []
    search, _ = _looked(data, tmp_path, told.append)
    found = [(record.learner, record.backend, record.state) for record in search.log.records]
    assert found == [("baseline", FIRST_LOOK, FINISHED), ("lightgbm", FIRST_LOOK, FINISHED)]
    assert [event.trial for event in told if isinstance(event, TrialFinished)] == search.log.records


def test_a_first_look_makes_way_for_models_of_more_columns_and_only_for_them(data, tmp_path):
    search, run = _looked(data, tmp_path)
    first = list(search.log.records)
    Search(SPEC, data, run, search.log, reserve=10.0)
    assert search.log.records == first

    grown = with_columns(data, SPEC)
    assert len(grown.generator.names_) > 0
    again = Search(SPEC, grown, run, search.log, reserve=10.0)
    assert again.log.records == [replace(record, state=PRUNED, message=FEWER_COLUMNS) for record in first]
    assert again.fold_models == {}


@pytest.mark.slow
def test_the_first_score_of_a_run_is_told_once_though_columns_are_made_behind_it(data, tmp_path):
    told = []
    search, run = _looked(data, tmp_path, told.append)
    Search(SPEC, with_columns(data, SPEC), run, search.log, reserve=10.0)._try_fixed()

    said = [event.message for event in told if isinstance(event, Said)]
    assert said.count(FIRST_SCORE) == 1
    assert len(search.log.records) > 2


def test_a_grown_table_keeps_its_split_and_its_count_of_readings(data):
    data.held_out.open_for(["lightgbm"])
    grown = with_columns(data, SPEC)
    assert grown.held_out is data.held_out
    assert grown.held_out.openings == 1
    assert list(grown.table.columns[:3]) == list(data.table.columns)
    np.testing.assert_array_equal(grown.matrix.iloc[:, :3].to_numpy(), data.matrix.to_numpy())


@pytest.mark.parametrize(
    ("budget", "effort", "expected"),
    [
        (SearchBudget(120), "standard", True),
        (SearchBudget(120), "off", False),
        (SearchBudget(10), "standard", False),  # Too short for columns at all.
        (SearchBudget(None, 5), "standard", False),  # Nothing may hang on the clock.
    ],
)
def test_a_first_look_is_worth_it_where_making_columns_takes_seconds(budget, effort, expected, data):
    spec = replace(SPEC, budget=budget, feature_effort=effort)
    assert takes_time(spec, data.table, data.y, Run.begun(budget, ignore), None) is expected


def test_a_choice_of_columns_that_is_known_already_takes_no_time(data, tmp_path):
    kept, run = tmp_path / "features.json", Run.begun(SPEC.budget, ignore)
    assert takes_time(SPEC, data.table, data.y, run, kept)
    with_columns(data, SPEC, kept=kept)
    assert not takes_time(SPEC, data.table, data.y, run, kept)


def test_who_wants_what_there_is_does_not_wait_for_columns(data):
    told = []

    def finish(event):
        told.append(event)
        if isinstance(event, Tick):
            raise FinishNow

    assert with_columns(data, SPEC, run=Run.begun(SPEC.budget, finish)) is data
    assert Said(ENDED, {}) in told


def test_who_ends_a_search_right_after_columns_were_made_keeps_what_was_found_before(data, tmp_path):
    told = []
    search, run = _looked(data, tmp_path, told.append)
    first = list(search.log.records)
    grown = with_columns(data, SPEC)
    again = Search(SPEC, grown, run, search.log, reserve=10.0)
    again._attempt(again._fixed()[0], Fixed(FIXED))  # The baseline alone is validated with the columns.
    assert again.has_more_without_derived()

    again.go_back(without_columns(grown))

    best = again.log.best_of_each_learner()
    assert {name: one.auc for name, one in best.items()} == {one.learner: one.auc for one in first}
    assert set(again.fold_models) == {one.number for one in first}
    assert [one.message for one in again.log.records if not one.is_finished] == [MORE_COLUMNS]
    assert Said(WITHOUT_DERIVED_COLUMNS, {}) in told
    assert not again.has_more_without_derived()


def test_the_table_without_made_columns_is_the_one_from_before_them(data):
    plain = without_columns(with_columns(data, SPEC))
    assert list(plain.table.columns) == list(data.table.columns)
    assert plain.encoder.to_dict() == data.encoder.to_dict()
    np.testing.assert_array_equal(plain.matrix.to_numpy(), data.matrix.to_numpy())
    assert plain.generator.names_ == []
    assert plain.held_out is data.held_out


@pytest.mark.slow
def test_a_search_that_has_its_boosted_model_with_made_columns_stays_with_them(data, tmp_path):
    search, run = _looked(data, tmp_path)
    again = Search(SPEC, with_columns(data, SPEC), run, search.log, reserve=10.0)
    for proposal in again._fixed()[:2]:
        again._attempt(proposal, Fixed(FIXED))
    assert not again.has_more_without_derived()
