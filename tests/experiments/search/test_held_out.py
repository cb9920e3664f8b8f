"""The rows set aside stay shut until a shortlist stands, each opening is counted, and no search depends on them."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.experiment import open_log, run_experiment
from experiments.progress import Said, ignore
from experiments.search.conductor import Search
from experiments.search.held_out import READINGS, HeldOutReading, NotYetOpened
from experiments.search.preparing import prepare
from experiments.search.run import Run
from experiments.spec import ExperimentSpec, SearchBudget, ValidationScheme
from tests.experiments.customers import customers

ROWS, OUTCOMES = np.array([3, 5, 8]), np.array([0.0, 1.0, 0.0])


def test_the_rows_are_shut_until_a_shortlist_stands():
    held_out = HeldOutReading(ROWS, OUTCOMES)
    with pytest.raises(NotYetOpened):
        _ = held_out.rows
    held_out.open_for(["lightgbm", "scorecard"])
    assert held_out.rows.tolist() == [3, 5, 8]
    assert held_out.openings == 1


def test_a_run_that_goes_on_in_its_folder_adds_to_the_count(tmp_path):
    for number in (1, 2, 3):
        held_out = HeldOutReading(ROWS, OUTCOMES)
        held_out.keep_in(tmp_path)
        held_out.open_for(["lightgbm"])
        assert held_out.openings == number


def test_other_rows_in_the_same_folder_are_counted_on_their_own(tmp_path):
    for rows in (ROWS, ROWS + 1):
        held_out = HeldOutReading(rows, OUTCOMES)
        held_out.keep_in(tmp_path)
        held_out.open_for(["lightgbm"])
        assert held_out.openings == 1


def test_a_line_cut_off_by_a_crash_is_no_opening(tmp_path):
    (tmp_path / READINGS).write_text('{"rows": "ab', encoding="utf-8")
    held_out = HeldOutReading(ROWS, OUTCOMES)
    held_out.keep_in(tmp_path)
    assert held_out.openings == 0


def searched(spec: ExperimentSpec, table: pd.DataFrame, folder, poison=None) -> list[tuple]:
    """Return what a search tried and found, without the clock."""
    data = prepare(spec, table)
    if poison is not None:
        poison(data)
    log = open_log(spec, data, folder)
    run = Run.begun(spec.budget, ignore)
    Search(spec, data, run, log, reserve=0.0).conduct()
    assert sum(record.is_finished for record in log.records) >= 4
    return [(one.learner, one.params, one.fold_aucs, one.ks, one.log_loss, one.iterations) for one in log.records]


SPEC = ExperimentSpec("bad", "yes", id_column="id", budget=SearchBudget(None, 3), learners=("lightgbm", "linear"))


def table_with_parts() -> pd.DataFrame:
    table = customers(400)
    table["when"] = pd.date_range("2024-01-01", periods=400, freq="D")
    table["part"] = np.repeat(["train", "test"], [300, 100])
    return table


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, validation=ValidationScheme(scheme="given", split_column="part", folds=3), excluded=("when",)),
        replace(
            SPEC, validation=ValidationScheme(scheme="time", embargo_days=5, folds=3), time_column="when",
            excluded=("part",),
        ),
    ],
    ids=["given", "time"],
)  # fmt: skip
def test_scrambled_held_out_rows_leave_the_search_as_it_was(spec, tmp_path):
    table = table_with_parts()
    rows = prepare(spec, table).split.held_out
    scrambled = table.copy()
    scrambled.loc[rows, "bad"] = np.where(table.loc[rows, "bad"] == "yes", "no", "yes")
    scrambled.loc[rows, ["age", "income", "noise"]] = np.random.default_rng(9).normal(1e6, 1e5, (len(rows), 3))
    scrambled.loc[rows, "job"] = "pirate"
    assert searched(spec, table, tmp_path / "as_is") == searched(spec, scrambled, tmp_path / "scrambled")


@pytest.mark.slow
def test_a_search_without_the_outcomes_of_held_out_rows_is_the_same_search(tmp_path):
    def forget(data):
        data.y[data.split.held_out] = np.nan

    assert searched(SPEC, customers(400), tmp_path / "as_is") == searched(
        SPEC, customers(400), tmp_path / "blind", forget
    )


@pytest.mark.slow
def test_a_run_repeated_in_its_folder_says_that_it_looked_twice(tmp_path):
    spec = replace(SPEC, budget=SearchBudget(None, 1), learners=("linear",))
    told = []
    assert run_experiment(spec, customers(300), work_dir=tmp_path).out_of_time_readings == 1
    result = run_experiment(spec, customers(300), work_dir=tmp_path, on_progress=told.append)
    assert result.out_of_time_readings == 2
    story = json.loads((tmp_path / "models" / result.recommended / "run.json").read_text(encoding="utf-8"))
    assert story["out_of_time_readings"] == 2
    assert any("used 2 times" in event.message % event.params for event in told if isinstance(event, Said))
