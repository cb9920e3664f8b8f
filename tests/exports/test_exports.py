"""A version is exported by a worker: refused before where it cannot be, proven, kept once, carried away on record."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from common.storage import local_path
from experiments.errors import Cancelled
from experiments.exports.formats import FORMATS
from experiments.exports.formats.sql import DIALECTS
from exports import runner, services
from exports.models import Dialect, Export, ExportForm
from exports.samples import export_sample
from jobs.models import Job, JobState
from registry.models import ModelVersion
from tests.api.conftest import caller
from training.models import Experiment

__all__ = ["caller"]
ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]


def ask_on_page(browser: Client, version: ModelVersion, form: str, **more: str) -> Any:
    return browser.post(reverse("export_ask", args=[version.pk]), {"form": form, **more})


def card_of(browser: Client, version: ModelVersion) -> BeautifulSoup:
    answer = browser.get(reverse("version_exports", args=[version.pk]))
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def alter(version: ModelVersion) -> None:
    (local_path(version.artifact_path) / "manifest.json").write_text("{}")


def test_forms_and_dialects_are_those_of_the_engine() -> None:
    assert {form.value: form.label for form in ExportForm} == {name: form.label for name, form in FORMATS.items()}
    assert Dialect.values == list(DIALECTS)


def test_an_export_is_made_by_a_worker_with_its_proof_kept_once_and_downloaded_on_record(
    client_of: ClientOf, version: ModelVersion, analyst: User, modeler: User, run_jobs: RunJobs
) -> None:
    browser = client_of(analyst)
    assert ask_on_page(browser, version, "sql", dialect="oracle").status_code == 302
    (job,) = run_jobs()

    assert job.state == JobState.SUCCEEDED, job.error
    export = Export.objects.get()
    assert (export.owner, export.state, export.model_hash) == (analyst, "verified", version.artifact_hash)
    assert export.rows > 10_000
    assert 0 <= export.furthest <= export.tolerance == 1e-9
    content = b"".join(client_of(modeler).get(reverse("export_file", args=[export.pk])).streaming_content)
    assert hashlib.sha256(content).hexdigest() == export.sha256
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["duckdb.sql", "oracle.sql"]
    shown = card_of(browser, version).find(id=f"export-{export.pk}").get_text(" ", strip=True)
    assert f"{export.rows:,} rows compared" in shown
    assert export.sha256 in shown

    ask_on_page(client_of(modeler), version, "sql", dialect="oracle")
    assert run_jobs() == []
    assert Export.objects.get() == export
    acts = AuditEntry.objects.filter(action__startswith="export.").order_by("pk")
    assert [(one.action, one.actor_id) for one in acts] == [
        ("export.asked", analyst.pk), ("export.made", analyst.pk), ("export.downloaded", modeler.pk),
    ]  # fmt: skip
    assert acts[2].details == {"form": "sql", "dialect": "oracle", "export_sha256": export.sha256}


def test_a_form_that_cannot_be_is_greyed_with_the_reason_and_refused_before_a_job(
    client_of: ClientOf, version: ModelVersion, analyst: User, caller: Any
) -> None:
    shown = card_of(client_of(analyst), version)
    why = "The scorecard reads the derived column due ÷ income, which PMML is not written with."
    assert why in shown.get_text()
    assert len(shown.find_all("button", disabled=True)) == 1
    forms = [found["value"] for found in shown.find_all("input", {"name": "form"})]
    assert forms == ["bundle", "sql", "onnx", "mlflow"]

    answer = caller(analyst).post(address(version), '{"form": "pmml"}', content_type="application/json")

    assert (answer.status_code, answer.json()["detail"]) == (409, why)
    assert not Job.objects.exists()
    assert not Export.objects.exists()


def address(version: ModelVersion) -> str:
    return f"/api/v1/model-versions/{version.pk}/exports"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"form": "sql"}', services.WITHOUT_DIALECT),
        ('{"form": "bundle", "dialect": "oracle"}', services.ONLY_SQL),
    ],
)
def test_a_dialect_is_chosen_for_sql_and_for_nothing_else(
    caller: Any, version: ModelVersion, analyst: User, body: str, why: str
) -> None:
    answer = caller(analyst).post(address(version), body, content_type="application/json")
    assert (answer.status_code, answer.json()["detail"]) == (409, why)
    assert answer.json()["errors"][0]["pointer"] == "/dialect"


def test_an_altered_folder_is_refused_when_asked_and_by_the_worker(
    caller: Any, version: ModelVersion, analyst: User, run_jobs: RunJobs, client_of: ClientOf
) -> None:
    export = services.ask(analyst, version, form="bundle")
    alter(version)

    (job,) = run_jobs()
    asked = caller(analyst).post(address(version), '{"form": "onnx"}', content_type="application/json")

    assert (job.state, Export.objects.get().state) == (JobState.FAILED, "failed")
    assert asked.status_code == 409
    found = caller(analyst).get(f"/api/v1/exports/{export.pk}").json()
    assert (found["state"], found["sha256"]) == ("failed", "")
    assert found["error"]
    line = client_of(analyst).get(reverse("export_line", args=[export.pk])).content.decode()
    assert "ti-alert-octagon" in line
    assert not local_path(export.folder).exists()


def made(version: ModelVersion, owner: User, run_jobs: RunJobs) -> Export:
    services.ask(owner, version, form="onnx")
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.error
    return Export.objects.get()


def test_a_file_that_is_no_longer_the_verified_one_is_not_handed_out(
    caller: Any, version: ModelVersion, analyst: User, run_jobs: RunJobs, client_of: ClientOf
) -> None:
    export = made(version, analyst, run_jobs)
    file = f"/api/v1/exports/{export.pk}/file"
    whole = local_path(export.path).read_bytes()
    local_path(export.path).write_bytes(b"another")
    assert caller(analyst).get(file).json()["detail"] == services.ALTERED
    assert client_of(analyst).get(reverse("export_file", args=[export.pk])).status_code == 302

    local_path(export.path).write_bytes(whole)
    alter(version)
    assert caller(analyst).get(file).status_code == 409
    local_path(export.path).unlink()
    assert not AuditEntry.objects.filter(action="export.downloaded").exists()


def test_who_may_not_change_an_export_is_offered_neither_cancel_nor_delete(
    client_of: ClientOf, caller: Any, version: ModelVersion, analyst: User, add_person: Callable[..., User],
    stranger: User,
) -> None:  # fmt: skip
    export = services.ask(analyst, version, form="bundle")
    another = add_person("another", Role.ANALYST)
    addresses = [reverse(name, args=[export.pk]) for name in ("export_cancel", "export_delete")]

    assert addresses[0] in str(card_of(client_of(analyst), version))
    assert addresses[0] not in str(card_of(client_of(another), version))
    assert [client_of(another).post(one).status_code for one in addresses] == [403, 403]
    assert [client_of(stranger).post(one).status_code for one in addresses] == [404, 404]
    assert client_of(stranger).get(reverse("version_exports", args=[version.pk])).status_code == 404
    assert caller(another).delete(f"/api/v1/exports/{export.pk}").status_code == 403
    assert caller(stranger).get(f"/api/v1/exports/{export.pk}").status_code == 404
    assert caller(stranger).get(address(version)).status_code == 404
    assert Export.objects.get().is_under_way


def test_one_that_waits_is_cancelled_and_may_be_asked_for_again(
    caller: Any, version: ModelVersion, analyst: User
) -> None:
    export = services.ask(analyst, version, form="bundle")

    answer = caller(analyst).post(f"/api/v1/exports/{export.pk}/cancel")

    assert answer.json()["state"] == "cancelled"
    again = services.ask(analyst, version, form="bundle")
    assert (again.pk, again.state) == (export.pk, "queued")
    listed = caller(analyst).get(address(version)).json()
    assert [(one["id"], one["state"]) for one in listed] == [(export.pk, "queued")]


def test_one_that_is_cancelled_while_it_is_written_leaves_nothing(version: ModelVersion, analyst: User) -> None:
    export = services.ask(analyst, version, form="onnx")

    class Stopped:
        def progress(self, percent: float, stage: str) -> None:
            if percent > 50:
                raise Cancelled

    with pytest.raises(Cancelled):
        runner.run(Job.objects.get(), Stopped())  # type: ignore[arg-type]

    assert not local_path(export.folder).exists()
    assert not Export.objects.get().is_made


def test_deleting_takes_the_file_along_and_stops_one_under_way(
    caller: Any, version: ModelVersion, analyst: User, run_jobs: RunJobs, django_capture_on_commit_callbacks: Any
) -> None:
    export = made(version, analyst, run_jobs)
    waiting = services.ask(analyst, version, form="bundle")
    assert local_path(export.path).is_file()

    with django_capture_on_commit_callbacks(execute=True):
        answers = [caller(analyst).delete(f"/api/v1/exports/{one.pk}").status_code for one in (export, waiting)]

    assert answers == [204, 204]
    assert not local_path(export.folder).exists()
    assert not Export.objects.exists()
    assert Job.objects.get(subject_id=waiting.pk, kind="export_model").state == JobState.CANCELLED


def test_exports_go_with_their_experiment(version: ModelVersion, analyst: User) -> None:
    export = services.ask(analyst, version, form="bundle")

    assert services.let_go(version.leaderboard_row.experiment) == [export.folder]

    assert Job.objects.get().state == JobState.CANCELLED


def test_without_the_model_server_the_card_says_so_and_programs_are_told_to_come_again(
    client_of: ClientOf, caller: Any, version: ModelVersion, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.asking.read_whereabouts", lambda: None)

    assert "The model server is not answering." in card_of(client_of(analyst), version).get_text()
    answer = caller(analyst).post(address(version), '{"form": "bundle"}', content_type="application/json")
    assert answer.status_code == 503
    assert not Export.objects.exists()


def test_the_page_of_a_version_fetches_the_card(client_of: ClientOf, version: ModelVersion, analyst: User) -> None:
    shown = client_of(analyst).get(reverse("model_version_detail", args=[version.pk])).content.decode()
    assert f'hx-get="{reverse("version_exports", args=[version.pk])}"' in shown


def test_the_sample_has_a_bundle_of_its_version_once(version: ModelVersion) -> None:
    experiment = version.leaderboard_row.experiment
    export_sample(experiment)
    assert not Export.objects.exists()
    Experiment.objects.filter(pk=experiment.pk).update(is_sample=True)
    experiment.refresh_from_db()
    for _time in range(2):
        export_sample(experiment)
    assert Export.objects.get().form == "bundle"
