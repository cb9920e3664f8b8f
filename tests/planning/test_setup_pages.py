"""From the question and the file to the checked columns: two clicks are one act, and every decision has an owner."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from catalog.models import DatasetVersion
from jobs.models import Job
from training.models import Experiment

ClientOf = Callable[[User], Client]
ROWS = "age,calls,length,answered\n" + "".join(
    f"{20 + n * 7 % 53},{n % 4},{(n % 5 == 0) * 900 + n * 13 % 100},{'yes' if n % 5 == 0 else 'no'}\n"
    for n in range(300)
)


def a_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("calls.csv", ROWS.encode())


def test_a_file_and_a_kind_make_a_draft_that_waits_for_the_reading(analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).post("/experiments/new/", {"kind": "response", "file": a_file()})

    experiment = Experiment.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/experiments/{experiment.pk}/data/")
    assert (experiment.name, experiment.kind, experiment.state) == ("calls", "response", "draft")
    page = client_of(analyst).get(answer["Location"]).content.decode()
    assert "The file is being read" in page


def test_a_dataset_that_is_here_needs_no_file(analyst: User, client_of: ClientOf, version: DatasetVersion) -> None:
    client_of(analyst).post("/experiments/new/", {"kind": "default", "version": version.pk, "experiment_name": "Q3"})

    assert Experiment.objects.values_list("name", "version_id").get() == ("Q3", version.pk)


def test_two_clicks_make_one_experiment_and_one_dataset(analyst: User, client_of: ClientOf) -> None:
    key = str(uuid.uuid4())
    places = {
        client_of(analyst).post("/experiments/new/", {"kind": "response", "file": a_file(), "once": key})["Location"]
        for _click in range(2)
    }

    assert len(places) == 1
    assert (Experiment.objects.count(), DatasetVersion.objects.count()) == (1, 1)


def test_what_is_missing_is_said_beside_the_field(analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).post("/experiments/new/", {"experiment_name": "Calls"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose what the model should predict" in page
    assert "Choose a file first" in page
    assert 'value="Calls"' in page


def test_another_workspace_s_dataset_cannot_be_chosen(
    stranger: User, client_of: ClientOf, version: DatasetVersion
) -> None:
    answer = client_of(stranger).post("/experiments/new/", {"kind": "default", "version": version.pk})

    assert answer.status_code == 422
    assert not Experiment.objects.exists()


@pytest.mark.slow
def test_the_whole_way_from_a_file_to_the_leak_that_was_taken_out(
    analyst: User, client_of: ClientOf, run_jobs: Callable[[], list[Job]]
) -> None:
    client = client_of(analyst)
    place = client.post("/experiments/new/", {"kind": "response", "file": a_file()})["Location"]
    jobs = run_jobs()

    assert [(job.kind, job.state) for job in jobs] == [("ingest", "succeeded"), ("check", "succeeded")]
    page = client.get(place).content.decode()
    check = Experiment.objects.get().data_check
    assert (check.target, check.event, check.event_count, check.labelled_count) == ("answered", "yes", 60, 300)
    assert list(check.columns.filter(excluded=True).values_list("column__name", flat=True)) == ["length"]
    assert "20.00%" in page
    assert re.search(r'class="btn btn-primary" href="/experiments/\d+/plan/"', page)
