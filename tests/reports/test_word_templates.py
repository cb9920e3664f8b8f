"""A workspace brings a Word template of its own: a worker tries it, an admin sets it, reports are set in it."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document

from accounts.models import User, Workspace
from audit.models import AuditEntry
from common.storage import local_path
from experiments.report.word_template import standard_template
from jobs.models import Job
from reports.errors import ReportError
from reports.models import Report, WordTemplate
from reports.runner import reports as runner
from reports.services.word_templates import bring, reset
from tests.api.conftest import caller
from tests.approvals.conftest import finished_experiment, stand_in_engine
from tests.reports.test_reports import page_of

__all__ = ["caller", "finished_experiment", "stand_in_engine"]
ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]


def own_template(*more: str) -> bytes:
    document = Document(BytesIO(standard_template()))
    for text in more:
        document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def upload(browser: Client, written: bytes, name: str = "bank.docx") -> Any:
    return browser.post(reverse("word_template"), {"file": SimpleUploadedFile(name, written)})


@pytest.fixture
def tried(client_of: ClientOf, admin: User, run_jobs: RunJobs) -> WordTemplate:
    upload(client_of(admin), own_template("Bank of Examples"))
    run_jobs()
    return WordTemplate.objects.get()


def test_a_template_is_tried_in_both_languages_before_it_can_be_set(
    client_of: ClientOf, admin: User, run_jobs: RunJobs
) -> None:
    browser = client_of(admin)
    assert upload(browser, own_template("Bank of Examples")).status_code == 302
    template = WordTemplate.objects.get()
    assert template.state == "trying"
    browser.post(reverse("word_template_use", args=[template.pk]))
    assert not WordTemplate.objects.get().is_used

    run_jobs()

    assert WordTemplate.objects.get().state == "usable"
    for language, title in (("zh", "模型验证报告"), ("en", "Model validation report")):
        answer = browser.get(reverse("word_template_trial", args=[template.pk, language]))
        page = zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))).read("word/document.xml").decode()
        assert title in page
        assert "Bank of Examples" in page


def test_the_reports_of_the_workspace_are_set_in_it_until_it_is_reset(
    tried: WordTemplate, client_of: ClientOf, admin: User, analyst: User, finished_experiment: Any, run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    heard: list[Path | None] = []

    def write(_folder: Path, _form: str, **given: Any) -> bytes:
        heard.append(given["template"])
        return b"the report"

    monkeypatch.setattr(runner, "make_report", write)
    experiment = finished_experiment()

    def report(form: str) -> Report:
        client_of(analyst).post(page_of(experiment), {"form": form, "language": "zh"})
        run_jobs()
        return Report.objects.first()

    client_of(admin).post(reverse("word_template_use", args=[tried.pk]))
    in_bank_template, as_page = report("docx"), report("html")
    client_of(admin).post(reverse("word_template_reset"))
    in_ours = report("docx")

    assert heard == [local_path(tried.path), None, None]
    assert [one.template for one in (in_bank_template, as_page, in_ours)] == [tried, None, None]
    acts = (
        AuditEntry.objects.filter(action__startswith="word_template.").order_by("pk").values_list("action", flat=True)
    )
    assert list(acts) == ["word_template.uploaded", "word_template.used", "word_template.reset"]
    made = AuditEntry.objects.filter(action="report.made").order_by("pk")
    assert [entry.details.get("template_sha256") for entry in made] == [tried.sha256, None, None]


def test_one_that_cannot_be_used_says_why_and_changes_nothing(
    tried: WordTemplate, client_of: ClientOf, admin: User, run_jobs: RunJobs
) -> None:
    browser = client_of(admin)
    browser.post(reverse("word_template_use", args=[tried.pk]))

    upload(browser, own_template("{{ bank }}"))
    run_jobs()

    page = browser.get(reverse("word_template")).content.decode()
    newest = WordTemplate.objects.first()
    assert newest.state == "refused"
    assert "The template uses placeholders that no report has: bank." in page
    browser.post(reverse("word_template_use", args=[newest.pk]))
    assert WordTemplate.objects.get(is_used=True) == tried


@pytest.mark.parametrize(("name", "told"), [("bank.docm", ".docx"), ("bank.pdf", ".docx")])
def test_another_kind_of_file_is_refused_at_once(client_of: ClientOf, admin: User, name: str, told: str) -> None:
    answer = upload(client_of(admin), b"bytes", name)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not WordTemplate.objects.exists()


def test_an_earlier_one_that_is_not_used_goes_with_its_files_and_one_in_use_stays(
    tried: WordTemplate, client_of: ClientOf, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    browser, folder = client_of(admin), local_path(tried.folder)
    with django_capture_on_commit_callbacks(execute=True):
        upload(browser, own_template())
    assert not folder.exists()
    second = WordTemplate.objects.get()

    WordTemplate.objects.update(is_used=True)
    upload(browser, own_template())

    assert WordTemplate.objects.filter(pk=second.pk).exists()


def test_a_template_that_a_report_is_written_in_stays_until_it_is_whole(
    tried: WordTemplate, client_of: ClientOf, admin: User, finished_experiment: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    WordTemplate.objects.update(is_used=True)
    row = finished_experiment().leaderboard.first()
    report = Report.objects.create(leaderboard_row=row, form="docx", language="en", owner=admin)

    path = runner._template_of(report)
    with django_capture_on_commit_callbacks(execute=True):
        reset(tried.workspace, admin)
        upload(client_of(admin), own_template())

    assert path == local_path(tried.path)
    assert path.is_file()
    report.refresh_from_db()
    assert report.template == tried


def test_a_template_that_is_not_the_one_that_was_tried_sets_no_report(
    tried: WordTemplate, admin: User, finished_experiment: Any
) -> None:
    WordTemplate.objects.update(is_used=True)
    row = finished_experiment().leaderboard.first()
    report = Report.objects.create(leaderboard_row=row, form="docx", language="en", owner=admin)
    local_path(tried.path).write_bytes(own_template("Another"))
    with pytest.raises(ReportError, match="no longer the file"):
        runner._template_of(report)


def test_of_a_template_that_could_not_be_kept_no_file_stays(
    admin: User, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_more: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("reports.services.word_templates.jobs.enqueue", full)
    with pytest.raises(OSError, match="no space"):
        bring(admin, workspace, written=own_template(), file_name="bank.docx")
    assert not WordTemplate.objects.exists()
    assert not list(local_path("word-templates").glob("*/*"))


def test_one_that_a_report_was_set_in_stays_on_record_with_its_file(
    tried: WordTemplate, client_of: ClientOf, admin: User, finished_experiment: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    row = finished_experiment().leaderboard.first()
    report = Report.objects.create(leaderboard_row=row, form="docx", language="en", owner=admin, template=tried)

    with django_capture_on_commit_callbacks(execute=True):
        upload(client_of(admin), own_template())

    report.refresh_from_db()
    assert report.template == tried
    assert local_path(tried.path).is_file()
    assert WordTemplate.objects.count() == 2


def test_only_admins_of_the_workspace_reach_it(
    tried: WordTemplate, client_of: ClientOf, analyst: User, modeler: User, stranger: User
) -> None:
    own = [reverse(name, args=[tried.pk]) for name in ("word_template_line", "word_template_file")]
    for person in (analyst, modeler):
        for address in (reverse("word_template"), *own):
            assert client_of(person).get(address).status_code == 403
        assert client_of(person).post(reverse("word_template_use", args=[tried.pk])).status_code == 403
    assert {client_of(stranger).get(address).status_code for address in own} <= {403, 404}
    assert not WordTemplate.objects.filter(is_used=True).exists()


def test_programs_bring_try_set_and_reset_one_as_pages_do(
    caller: Any, admin: User, analyst: User, run_jobs: RunJobs
) -> None:
    client, address = caller(admin), "/api/v1/word-templates"
    brought = client.post(address, {"file": SimpleUploadedFile("bank.docx", own_template())})
    assert (brought.status_code, brought.json()["state"]) == (202, "trying")
    own = f"{address}/{brought.json()['id']}"
    assert client.post(f"{own}/use").status_code == 409
    run_jobs()

    assert client.post(f"{own}/use").json()["state"] == "used"
    assert b"".join(client.get(f"{own}/trial.docx?language=zh").streaming_content)[:2] == b"PK"
    assert [one["state"] for one in client.get(address).json()] == ["used"]
    assert caller(analyst).get(own).status_code == 403
    assert client.post("/api/v1/standard-word-template").status_code == 204
    assert client.get(own).json()["state"] == "usable"
    assert client.get("/api/v1/standard-word-template.docx").content == standard_template()
