"""What a first visitor finds comes once, with the names of those who published it."""

from collections.abc import Callable

import pytest

from accounts.samples import create_sample_people
from catalog.models import Dataset
from jobs.models import Job
from planning.services.samples import GERMAN, SAMPLES, load_dataset, run_sample_experiment
from training.models import Experiment

pytestmark = pytest.mark.django_db


def test_every_sample_is_shipped_and_says_where_it_comes_from() -> None:
    assert [sample.path.exists() for sample in SAMPLES] == [True, True, True]
    assert all("CC BY 4.0" in sample.attribution and "UCI" in sample.attribution for sample in SAMPLES)


def test_a_sample_is_uploaded_once_and_read_like_any_file(run_jobs: Callable[[], list[Job]]) -> None:
    workspace = create_sample_people()
    owner = workspace.members.get(username="modeler")
    first = load_dataset(GERMAN, workspace, owner)
    again = load_dataset(GERMAN, workspace, owner)
    assert first == again
    assert [job.state for job in run_jobs()] == ["succeeded"]
    dataset = Dataset.objects.get()
    version = dataset.versions.get()
    assert (dataset.is_sample, version.row_count, version.column_count) == (True, 1000, 21)


@pytest.mark.slow
def test_the_sample_experiment_starts_once_its_data_are_checked(
    run_jobs: Callable[[], list[Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The workers of a real platform do the work while the command waits; here it is done while it sleeps.
    monkeypatch.setattr("planning.services.samples.time.sleep", lambda _seconds: run_jobs())
    started: list[str] = []
    monkeypatch.setattr(
        "planning.services.samples.start_experiment", lambda experiment, user: started.append(str(user))
    )
    workspace = create_sample_people()
    owner = workspace.members.get(username="modeler")
    version = load_dataset(GERMAN, workspace, owner)
    assert version is not None
    run_sample_experiment(version, workspace, owner)
    experiment = Experiment.objects.get()
    check = experiment.data_check
    assert (started, experiment.is_sample) == ([str(owner)], True)
    assert (check.target, check.event, check.event_count) == ("creditability", "bad", 300)
