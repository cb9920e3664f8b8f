"""The evidence of a finalist is gathered by a worker; pages and the API start it, follow it and never wait for it."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from approvals.job_kinds import JobKind
from approvals.services import dossiers
from approvals.services.submission import submit_for_approval
from experiments.artifact.manifest import EXPLANATION, attach
from jobs.models import Job, JobState
from registry.models import ApprovalRequest, Dossier, ModelVersion
from tests.conftest import around_the_triggers
from tests.registry.conftest import submit_gathered
from training.models import Experiment, LeaderboardRow
from training.signals import result_stored

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]


@pytest.fixture
def row(finished_experiment: Callable[..., Experiment]) -> LeaderboardRow:
    return finished_experiment().leaderboard.get(candidate="lightgbm")


def submit_page(row: LeaderboardRow) -> str:
    return reverse("submit", args=[row.experiment_id]) + f"?candidate={row.candidate}"


def fragment(row: LeaderboardRow, name: str = "") -> str:
    return reverse("submit_checks", args=[row.experiment_id]) + f"?candidate={row.candidate}&name={name}"


def test_opening_the_page_has_the_evidence_gathered_and_the_fragment_follows_it(
    row: LeaderboardRow, analyst: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    client = client_of(analyst)

    page = client.get(submit_page(row)).content.decode()
    assert "Next in the queue" in page
    assert '<button class="btn btn-primary" disabled>' in page
    Job.objects.update(state=JobState.RUNNING, stage="Testing the reasons on customers", percent=40)
    assert "Testing the reasons on customers" in client.get(fragment(row)).content.decode()
    Job.objects.update(state=JobState.QUEUED)
    (job,) = run_jobs()
    filled = client.get(fragment(row)).content.decode()

    assert (job.kind, job.state, job.owner) == (JobKind.EVIDENCE, JobState.SUCCEEDED, analyst)
    assert filled.count("<li>") == 13
    assert '<span id="submit-act" hx-swap-oob="true"><button class="btn btn-primary">' in filled
    assert "every 1s" not in filled
    assert "disabled" not in client.get(submit_page(row)).content.decode()


def test_who_submits_too_early_is_told_and_loses_nothing(
    row: LeaderboardRow, analyst: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    client = client_of(analyst)
    written = {"candidate": "lightgbm", "name": "Phone", "purpose": "Call savers", "note": "Look at PSI"}

    early = client.post(submit_page(row), written)
    run_jobs()
    later = client.post(submit_page(row), written)

    assert early.status_code == 422
    page = early.content.decode()
    assert "still being gathered" in page
    assert all(text in page for text in ("Phone", "Call savers", "Look at PSI"))
    assert later.status_code == 302
    assert ApprovalRequest.objects.get().note == "Look at PSI"


def test_a_failed_gathering_says_why_and_is_asked_for_again_in_place(
    row: LeaderboardRow, analyst: User, client_of: ClientOf, run_jobs: RunJobs, settings: Any
) -> None:
    client, model = client_of(analyst), Path(settings.MEDIA_ROOT) / row.model_path / "model.json"
    whole = model.read_text()
    model.write_text(json.dumps({"learner": "lightgbm", "changed": True}))
    client.get(submit_page(row))
    run_jobs()

    failed = client.get(fragment(row)).content.decode()
    assert "its file model.json is missing or was changed" in failed
    assert "every 1s" not in failed
    refused = client.post(submit_page(row), {"candidate": "lightgbm", "name": "Phone", "purpose": "Call savers"})
    assert "its file model.json is missing or was changed" in refused.content.decode()

    model.write_text(whole)
    again = reverse("gather_again", args=[row.experiment_id])
    asked = client.post(again, {"candidate": "lightgbm", "name": "Phone"}, headers={"HX-Request": "true"})
    assert "Next in the queue" in asked.content.decode()
    run_jobs()
    assert client.get(fragment(row)).content.decode().count("<li>") == 13
    assert client.post(again, {"candidate": "lightgbm"}).url == submit_page(row)


def test_a_model_without_a_seal_is_refused_in_a_sentence_and_nothing_is_gathered_of_it(
    row: LeaderboardRow, analyst: User, client_of: ClientOf
) -> None:
    LeaderboardRow.objects.filter(experiment=row.experiment_id).update(model_seal="")

    page = client_of(analyst).get(submit_page(row), follow=True).content.decode()
    dossiers.ask_for_recommended(row.experiment)

    assert "No seal was recorded for the files of this model" in page
    assert not Dossier.objects.exists()
    assert not Job.objects.exists()


def test_of_many_who_ask_one_is_heard(row: LeaderboardRow, analyst: User, modeler: User) -> None:
    first, second = dossiers.asked_for(row, analyst), dossiers.asked_for(row, modeler)
    dossiers.ask_again(row, modeler)

    assert first == second
    assert Job.objects.filter(kind=JobKind.EVIDENCE).count() == 1


def test_no_page_of_a_gathered_model_opens_it_or_reads_the_table(
    row: LeaderboardRow, analyst: User, client_of: ClientOf, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossiers.asked_for(row, analyst)
    run_jobs()

    def forbidden(*_given: Any, **_named: Any) -> Any:
        raise AssertionError("a web request opened a model or a table")

    for name in (
        "approvals.runner.dossier.verified",
        "registry.queries.artifacts.verified",
        "approvals.runner.dossier.spread_rows",
    ):
        monkeypatch.setattr(name, forbidden)
    monkeypatch.setattr("experiments.artifact.model.ModelArtifact.load", forbidden)
    monkeypatch.setattr("shutil.copytree", forbidden)
    client = client_of(analyst)

    assert client.get(submit_page(row)).status_code == 200
    assert client.get(fragment(row, "Phone")).status_code == 200
    assert (
        client.post(submit_page(row), {"candidate": "lightgbm", "name": "Phone", "purpose": "Call"}).status_code == 302
    )


def test_the_recommended_model_is_gathered_behind_the_run_which_has_ended_by_then(
    finished_experiment: Callable[..., Experiment], analyst: User, run_jobs: RunJobs
) -> None:
    experiment = finished_experiment()

    result_stored.send_robust(sender=Experiment, experiment=experiment)
    result_stored.send_robust(sender=Experiment, experiment=experiment)

    assert not Dossier.objects.get().is_gathered
    assert [(job.kind, job.state) for job in run_jobs()] == [(JobKind.EVIDENCE, JobState.SUCCEEDED)]
    dossier = Dossier.objects.get()
    row = experiment.leaderboard.get(is_recommended=True)
    assert dossier.facts == {
        "schema_version": 1,
        "seal": row.model_seal,
        "columns": ["age", "income"],
        "factors": [{"column": "age", "share": 0.75}, {"column": "income", "share": 0.25}],
        "coefficients": [0.4, 0.7],
        "reasons_tried": {"given": 2, "rows": 2, "nothing": 0, "withheld": 0, "masked": 0, "acted_on_unheard": 0},
    }
    assert submit_for_approval(row, analyst, "Phone", "Call savers").model_version.state == "submitted"


def test_the_main_factors_are_those_that_the_page_of_reasons_tells_not_the_columns_made_of_them(
    row: LeaderboardRow, analyst: User, settings: Any
) -> None:
    factors = [{"column": "income", "share": 0.61}, {"column": "age", "share": 0.39}, {"column": "job", "share": 0.0}]
    explained = json.dumps({"factors": [{**factor, "mean_abs": 0.1, "direction": None} for factor in factors]})
    row.model_seal = attach(Path(settings.MEDIA_ROOT) / row.model_path, {EXPLANATION: explained})["seal"]
    row.save()

    version = submit_gathered(row, analyst, "Phone").model_version

    assert version.metrics["factors"] == factors[:2]


def test_a_finalist_without_a_saved_model_is_refused_in_a_sentence(
    row: LeaderboardRow, analyst: User, client_of: ClientOf
) -> None:
    LeaderboardRow.objects.filter(pk=row.pk).update(model_path="", model_hash="")

    page = client_of(analyst).get(submit_page(row)).content.decode()

    assert "could not be saved within the time of its run" in page
    assert not Job.objects.exists()


def test_a_run_that_went_on_has_its_new_model_gathered(row: LeaderboardRow, analyst: User, run_jobs: RunJobs) -> None:
    dossiers.asked_for(row, analyst)
    run_jobs()
    row.model_hash = "another"
    row.save()

    assert not dossiers.asked_for(row, analyst).is_gathered


def test_a_sealed_copy_that_is_gone_is_made_again(
    row: LeaderboardRow, analyst: User, run_jobs: RunJobs, settings: Any
) -> None:
    dossier = dossiers.asked_for(row, analyst)
    run_jobs()
    folder = dossier.sealed_folder
    folder.rename(folder.with_name("elsewhere"))

    assert not dossiers.asked_for(row, analyst).is_gathered
    run_jobs()
    assert dossiers.asked_for(row, analyst).is_gathered
    assert (folder / "model.json").exists()


def test_the_sealed_copy_does_not_follow_what_becomes_of_the_run(
    row: LeaderboardRow, analyst: User, settings: Any
) -> None:
    version = submit_gathered(row, analyst).model_version
    sealed = Path(settings.MEDIA_ROOT) / version.artifact_path / "model.json"
    before = sealed.read_text()

    (Path(settings.MEDIA_ROOT) / row.model_path / "model.json").write_text("{}")

    assert sealed.read_text() == before


def test_tidying_keeps_what_was_submitted_and_what_is_new(
    row: LeaderboardRow, finished_experiment: Callable[..., Experiment], analyst: User, run_jobs: RunJobs, settings: Any
) -> None:
    version = submit_gathered(row, analyst).model_version
    rows = [finished_experiment(name=name).leaderboard.get(rank=1) for name in ("Old", "New")]
    old, new = (dossiers.asked_for(each, analyst) for each in rows)
    run_jobs()
    long_ago = timezone.now() - timedelta(days=60)
    Dossier.objects.exclude(pk=new.pk).update(gathered_at=long_ago)
    for dossier in Dossier.objects.all():
        os.utime(dossier.sealed_folder, (long_ago.timestamp(), long_ago.timestamp()))

    dossiers.tidy()

    assert not old.sealed_folder.exists()
    assert new.sealed_folder.exists()
    assert (Path(settings.MEDIA_ROOT) / version.artifact_path).exists()
    assert set(Dossier.objects.values_list("leaderboard_row__experiment__name", flat=True)) == {"Phone campaign", "New"}


def test_owner_and_modeler_see_the_checks_but_a_colleague_and_a_stranger_do_not(
    row: LeaderboardRow,
    analyst: User,
    modeler: User,
    stranger: User,
    add_person: Callable[..., User],
    client_of: ClientOf,
) -> None:
    again = reverse("gather_again", args=[row.experiment_id])
    answers = {
        person: (client_of(person).get(fragment(row)).status_code, client_of(person).post(again).status_code)
        for person in (analyst, modeler, add_person("colleague"), stranger)
    }

    assert list(answers.values()) == [(200, 302), (200, 302), (403, 403), (404, 404)]


def test_the_checks_follow_the_name_of_the_model(
    row: LeaderboardRow, submitted: Callable[..., ApprovalRequest], admin: User, analyst: User, client_of: ClientOf,
    run_jobs: RunJobs,
) -> None:  # fmt: skip
    version = submitted().model_version
    with around_the_triggers():
        ModelVersion.objects.filter(pk=version.pk).update(metrics={})
    ApprovalRequest.objects.update(decision="approved", decided_by=admin, comment="Agreed")
    ModelVersion.objects.filter(pk=version.pk).update(state="approved", alias="champion")
    dossiers.asked_for(row, analyst)
    run_jobs()

    assert "First version: no model to fall back on" in client_of(analyst).get(fragment(row)).content.decode()
    assert "v1 is kept" in client_of(analyst).get(fragment(row, "Phone")).content.decode()
