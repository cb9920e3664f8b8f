"""How often the rows that were set aside have been read."""

from pathlib import Path
from typing import Any

import numpy as np
from django.test import Client
from django.urls import reverse

from experiments.artifact.held_out_scores import HELD_OUT, HeldOutScores
from experiments.artifact.manifest import attach, write_manifest
from experiments.search.held_out import READINGS, HeldOutReading
from tests.registry.conftest import finished_experiment, stand_in_engine  # noqa: F401 - fixtures
from training.models import Experiment
from training.queries.readings import readings_of_version
from training.runner.readings import count_reading, count_readings


def _reads(experiment: Experiment, times: int, *, repeats: Experiment | None = None) -> None:
    repeated = {"repeats": {"experiment": repeats.pk, "hashes": {}}} if repeats else {}
    experiment.result = {**experiment.result, "out_of_time_readings": times, **repeated}
    experiment.save()
    count_readings(experiment)


def test_a_run_and_all_that_repeat_it_count_the_readings_of_each_other(finished_experiment: Any) -> None:  # noqa: F811
    first, again, once_more, other = (finished_experiment(name=name) for name in "ABCD")
    _reads(first, 2)
    _reads(other, 5)
    _reads(again, 1, repeats=first)
    _reads(once_more, 1, repeats=again)

    counts = dict(Experiment.objects.values_list("name", "out_of_time_readings"))

    assert [counts[name] for name in "ABCD"] == [4, 4, 4, 5]
    assert once_more.out_of_time_readings == 4


def test_the_settings_of_the_original_name_what_repeats_it_and_count_the_whole_version(
    finished_experiment: Any,  # noqa: F811
    client: Client,
) -> None:
    first, again, other = (finished_experiment(name=name) for name in ("First", "Again", "Other"))
    Experiment.objects.update(version=first.version)
    for run in (again, other):
        run.refresh_from_db()
    _reads(first, 1)
    _reads(again, 1, repeats=first)
    _reads(other, 3)
    assert readings_of_version(first).count == 5
    client.force_login(first.owner)

    shown = client.get(reverse("experiment_settings", args=[first.pk])).content.decode()

    assert "Repeated by:" in shown
    assert reverse("experiment_settings", args=[again.pk]) in shown
    assert "read 5 times by all runs on it (3)" in shown


def test_a_reading_for_another_number_is_counted_once_in_the_ledger_and_in_the_database(
    finished_experiment: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    run = finished_experiment(name="A")
    _reads(run, 1)
    run.work_dir.mkdir(parents=True, exist_ok=True)
    scores = HeldOutScores(np.array([2, 5]), np.array([0.0, 1.0]), np.array([0.2, 0.6]))
    model = tmp_path / "model"
    model.mkdir()
    write_manifest(model, {"learner": "scorecard"})
    attach(model, {HELD_OUT: scores.to_parquet()})
    own = HeldOutReading(scores.rows, scores.outcomes, run.work_dir / READINGS)
    own.open_for(["scorecard"])

    for asked in ("refit 1", "refit 1", "comparison 7"):  # The first was called again after a crash.
        count_reading(run, model=model, asked=asked, candidates=["x"])

    again = HeldOutReading(scores.rows, scores.outcomes)
    again.keep_in(run.work_dir)
    run.refresh_from_db()
    assert (again.openings, run.out_of_time_readings, run.found.out_of_time_readings) == (3, 3, 3)
    # What is counted for a run is counted with those that repeat it as well, and stays when they are counted anew.
    count_readings(run)
    assert run.out_of_time_readings == 3


def test_a_reading_of_a_run_whose_folder_is_gone_is_counted_in_the_database(
    finished_experiment: Any,  # noqa: F811
) -> None:
    run = finished_experiment(name="A")
    _reads(run, 1)
    count_reading(run, model=None, asked="comparison 7", candidates=["x"])
    assert Experiment.objects.get(pk=run.pk).out_of_time_readings == 2
