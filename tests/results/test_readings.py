"""How often the rows that were set aside have been read."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.registry.conftest import finished_experiment, stand_in_engine  # noqa: F401 - fixtures
from training.models import Experiment
from training.queries.readings import readings_of_version
from training.runner.readings import count_readings


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
