"""A report is asked for on a page, made by a worker, kept with its hash, and carried away on record."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from approvals.services.decision import decide
from audit.models import AuditEntry
from checks.models import CheckedColumn
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.inquiries import key_of
from dictionary.models import DictionaryEntry
from experiments.comparison.evidence import Swap
from experiments.evaluation.intervals import Interval
from experiments.scoring.sensitivity import StressRow
from experiments.sentence import Sentence
from experiments.strategy.swap_set import CELLS, swap_set
from jobs.models import Job, JobState
from planning.services.deleting import delete_experiment
from registry.evidence.later import current_checks
from registry.facts import ComparisonFacts
from registry.models import Comparison, EvidenceCheck, ModelVersion
from reports import evidence
from reports.models import Report
from reports.runner import reports as runner
from reports.services import reports as services
from results.queries.act import stakes_of
from tests.api.conftest import caller
from tests.approvals.conftest import finished_experiment, stand_in_engine, submitted
from tests.conftest import PASSWORD
from tests.registry.conftest import submit_gathered
from training.models import Experiment, LeaderboardRow

__all__ = ["caller", "finished_experiment", "stand_in_engine", "submitted"]
ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the engine was asked to write; the engine's own tests hold what it writes."""
    asked: list[dict[str, Any]] = []

    def write(folder: Path, form: str, **given: Any) -> bytes:
        asked.append({"folder": folder, "form": form, **given})
        return b"the report"

    monkeypatch.setattr(runner, "make_report", write)
    return asked


def page_of(experiment: Experiment) -> str:
    return reverse("candidate_reports", args=[experiment.pk]) + "?candidate=lightgbm"


def test_a_report_is_made_by_a_worker_and_kept_with_hash_who_and_when(
    client_of: ClientOf, finished_experiment, analyst: User, run_jobs: RunJobs, heard
) -> None:
    experiment = finished_experiment()
    browser = client_of(analyst)

    assert browser.post(page_of(experiment), {"form": "docx", "language": "zh"}).status_code == 302
    (job,) = run_jobs()

    assert job.state == JobState.SUCCEEDED, job.error
    report = Report.objects.get()
    assert (report.owner, report.form, report.language, report.is_made) == (analyst, "docx", "zh", True)
    assert report.sha256 == hashlib.sha256(b"the report").hexdigest()
    assert heard[0]["language"] == "zh"
    assert heard[0]["known"].sources[0].sha256 == "ab" * 32
    answer = browser.get(reverse("report_file", args=[report.pk]))
    assert b"".join(answer.streaming_content) == b"the report"
    acts = [*AuditEntry.objects.filter(action__startswith="report.").values_list("action", flat=True)]
    assert sorted(acts) == ["report.asked", "report.downloaded", "report.made"]


def test_the_same_report_asked_for_twice_is_made_once(
    client_of: ClientOf, finished_experiment, analyst: User, run_jobs: RunJobs, heard
) -> None:
    experiment = finished_experiment()
    browser = client_of(analyst)
    for mark in ("a" * 32, "b" * 32):
        browser.post(page_of(experiment), {"form": "docx", "language": "zh", "once": mark})

    assert len(run_jobs()) == 1
    assert Report.objects.count() == 1


def test_a_version_tells_what_is_on_record_of_it(
    client_of: ClientOf, submitted, modeler: User, run_jobs: RunJobs, heard
) -> None:
    version = submitted().model_version
    run_jobs()
    address = reverse("version_reports", args=[version.pk])

    client_of(modeler).post(address, {"form": "html", "language": "en"})
    run_jobs()

    known = heard[-1]["known"]
    assert known.name == str(version)
    assert known.purpose == version.purpose
    assert [one.role for one in known.sign_offs] == ["Ran the experiment", "Author"]
    assert {name for name, _state, _told in known.checked} >= {"Calibration", "Fairness"}
    assert known.why_no_swap
    assert {one.name for one in known.columns} <= {"duration"}


def test_a_finalist_that_was_submitted_since_tells_its_purpose_and_who_signed(
    client_of: ClientOf, submitted, modeler: User, run_jobs: RunJobs, heard
) -> None:
    version = submitted().model_version
    run_jobs()
    row = version.leaderboard_row
    address = reverse("candidate_reports", args=[row.experiment_id]) + f"?candidate={row.candidate}"

    client_of(modeler).post(address, {"form": "html", "language": "en"})
    run_jobs()

    assert Report.objects.latest("pk").version is None
    known = heard[-1]["known"]
    assert (known.name, known.purpose) == (str(version), version.purpose)
    assert [one.role for one in known.sign_offs] == ["Ran the experiment", "Author"]


def _look_taken(row: LeaderboardRow, asked: dict[str, Any], answer: dict[str, Any], key: str = "") -> None:
    Inquiry.objects.create(
        experiment=row.experiment, candidate=row.candidate, subject=Subject.SENSITIVITY, asked=asked, answer=answer,
        key=key or key_of(row, Subject.SENSITIVITY, asked),
    )  # fmt: skip


def test_looks_taken_and_words_of_the_dictionary_enter_the_report(
    client_of: ClientOf, submitted, modeler: User, run_jobs: RunJobs, heard
) -> None:
    version = submitted().model_version
    row, experiment = version.leaderboard_row, version.leaderboard_row.experiment
    column = experiment.version.columns.get(name="duration")
    CheckedColumn.objects.create(check_of=experiment.data_check, column=column)
    DictionaryEntry.objects.create(
        dataset=experiment.version.dataset, name=column.name, source="Bureau",
        enumerations={"1": {"en": "married", "zh": "已婚"}, "2": {"zh": "单身"}}, set_by=modeler,
    )  # fmt: skip
    stress = StressRow("noise", "age", 1, 0.71, -0.012, -0.021, -0.003, 0.4, 0.001, 0.2)
    for number, answer in enumerate(({"rows": [stress.to_dict()]}, {"message": "No rows.", "params": {}}, {})):
        _look_taken(row, {"noise": number}, answer)
    # The newest of all was taken at the model that stood here before the run went on.
    former = LeaderboardRow(candidate=row.candidate, model_hash="former")
    _look_taken(row, {"noise": 9}, {"rows": []}, key=key_of(former, Subject.SENSITIVITY, {"noise": 9}))

    for language in ("en", "zh"):
        client_of(modeler).post(reverse("version_reports", args=[version.pk]), {"form": "html", "language": language})
        run_jobs()

    english, chinese = (asked["known"] for asked in heard[-2:])
    assert list(english.stressed) == [stress]
    assert english.columns[0].meaning == "From Bureau. 1 = married, 2 = 单身"
    assert chinese.columns[0].meaning == "来源：Bureau。1 = 已婚、2 = 单身"


def test_what_the_dictionary_marks_as_sensitive_since_is_told_to_the_report(
    client_of: ClientOf, submitted, modeler: User, run_jobs: RunJobs, heard
) -> None:
    version = submitted().model_version
    dataset = version.leaderboard_row.experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name="duration", is_sensitive=True, set_by=modeler)

    client_of(modeler).post(reverse("version_reports", args=[version.pk]), {"form": "html", "language": "en"})
    run_jobs()

    known = heard[-1]["known"]
    assert "duration" in known.secret
    assert "duration" in known.unshown


def test_money_that_is_given_reaches_the_report_and_one_amount_alone_says_nothing(
    client_of: ClientOf, finished_experiment, analyst: User, run_jobs: RunJobs, heard
) -> None:
    experiment = finished_experiment()
    browser = client_of(analyst)
    for given in ({"gain": "80", "cost": "6"}, {"gain": "80"}):
        browser.post(page_of(experiment), {"form": "html", "language": "en", **given})
    run_jobs()

    both, one = heard if heard[0]["known"].stakes else heard[::-1]
    assert both["known"].stakes == stakes_of(experiment, {"gain": 80.0, "cost": 6.0})
    assert one["known"].stakes is None
    answer = browser.post(page_of(experiment), {"form": "html", "language": "en", "gain": "-1"})
    assert (answer.status_code, Report.objects.count()) == (200, 2)


@pytest.mark.parametrize("amount", ["-1.0", "1e13"])
def test_programs_give_no_other_amounts_than_pages_do(caller: Any, finished_experiment, analyst: User, amount) -> None:
    address = f"/api/v1/experiments/{finished_experiment().pk}/reports"
    body = f'{{"form": "html", "language": "en", "gain": {amount}, "cost": 1.0}}'

    answer = caller(analyst).post(address, body, content_type="application/json")

    assert (answer.status_code, Report.objects.count()) == (422, 0)


def test_a_report_settles_its_check_on_the_decision_page_which_leads_there(
    client_of: ClientOf, submitted, admin: User, modeler: User, run_jobs: RunJobs, heard
) -> None:
    version = submitted().model_version
    run_jobs()
    page, address = (
        reverse("approval_detail", args=[version.approval_requests.get().pk]),
        reverse("version_reports", args=[version.pk]),
    )

    def check() -> EvidenceCheck:
        return next(one for one in current_checks(version) if one.code == "report")

    assert check().state == "missing"
    assert f'href="{address}"' in client_of(admin).get(page).content.decode()

    client_of(modeler).post(address, {"form": "html", "language": "en"})
    run_jobs()

    assert check().state == "passed"
    assert f"The validation report requested by {modeler} was created on" in client_of(admin).get(page).content.decode()
    Report.objects.update(model_hash="0" * 64)
    assert check().state == "missing"


def test_a_changed_model_is_refused_and_the_page_says_why(
    client_of: ClientOf, finished_experiment, analyst: User, run_jobs: RunJobs, settings
) -> None:
    experiment = finished_experiment()
    row = experiment.leaderboard.get(candidate="lightgbm")
    (Path(settings.MEDIA_ROOT) / row.model_path / "model.json").write_text("{}")
    browser = client_of(analyst)

    browser.post(page_of(experiment), {"form": "html", "language": "en"})
    (job,) = run_jobs()

    assert job.state == JobState.FAILED
    assert not Report.objects.get().is_made
    assert "changed after it was saved" in browser.get(page_of(experiment)).content.decode()
    assert browser.get(reverse("report_file", args=[Report.objects.get().pk])).status_code == 404


def test_a_report_that_waits_can_be_cancelled(client_of: ClientOf, finished_experiment, analyst: User) -> None:
    experiment = finished_experiment()
    browser = client_of(analyst)
    browser.post(page_of(experiment), {"form": "html", "language": "en"})
    report = Report.objects.get()

    answer = browser.post(reverse("report_cancel", args=[report.pk]))

    assert answer["Location"] == page_of(experiment)
    report.job.refresh_from_db()
    assert report.job.state == JobState.CANCELLED
    assert "Cancelled" in browser.get(page_of(experiment)).content.decode()


def test_strangers_find_nothing(client_of: ClientOf, finished_experiment, stranger: User) -> None:
    experiment = finished_experiment()
    row = experiment.leaderboard.get(candidate="lightgbm")
    report = Report.objects.create(leaderboard_row=row, form="html", language="en", owner=experiment.owner)
    browser = client_of(stranger)

    for address in (
        page_of(experiment),
        reverse("report_file", args=[report.pk]),
        reverse("report_line", args=[report.pk]),
    ):
        assert browser.get(address).status_code in (403, 404)


def test_pdf_is_not_offered_where_it_cannot_be_made_and_the_page_says_what_to_install(
    client_of: ClientOf, finished_experiment, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.queries.why_no_pdf", lambda: ("PDF needs %(what)s.", {"what": "Pango"}))
    experiment = finished_experiment()
    browser = client_of(analyst)

    shown = browser.get(page_of(experiment)).content.decode()
    assert "PDF needs Pango." in shown
    assert 'value="pdf"' not in shown
    browser.post(page_of(experiment), {"form": "pdf", "language": "en"})
    assert not Report.objects.exists()


def test_the_sample_experiment_has_a_report_ready(finished_experiment, run_jobs: RunJobs, heard) -> None:
    experiment = finished_experiment()
    services.ask_for_sample(experiment)
    assert not Report.objects.exists()
    Experiment.objects.filter(pk=experiment.pk).update(is_sample=True)
    experiment.refresh_from_db()
    services.ask_for_sample(experiment)
    run_jobs()
    services.ask_for_sample(experiment)
    assert Report.objects.get().is_made


def test_cancel_is_shown_only_to_who_may(
    client_of: ClientOf, finished_experiment, analyst: User, add_person: Callable[..., User]
) -> None:
    experiment = finished_experiment()
    client_of(analyst).post(page_of(experiment), {"form": "html", "language": "en"})
    address = reverse("report_cancel", args=[Report.objects.get().pk])
    line = reverse("report_line", args=[Report.objects.get().pk])

    for person, may in ((analyst, True), (add_person("another", Role.ANALYST), False)):
        browser = client_of(person)
        assert [address in browser.get(each).content.decode() for each in (page_of(experiment), line)] == [may, may]
    assert browser.post(address).status_code == 403


def test_after_one_that_failed_the_same_may_be_asked_for_again(
    client_of: ClientOf, finished_experiment, analyst: User
) -> None:
    experiment = finished_experiment()
    browser = client_of(analyst)
    for _sent in range(2):
        shown = BeautifulSoup(browser.get(page_of(experiment)).content, "html.parser")
        mark = shown.find("input", {"name": "once"})["value"]
        browser.post(page_of(experiment), {"form": "html", "language": "en", "once": mark})
        Job.objects.update(state=JobState.FAILED)

    assert Report.objects.count() == 2


def test_deleting_an_experiment_takes_its_reports_along_and_stops_those_under_way(
    client_of: ClientOf, finished_experiment, analyst: User, run_jobs: RunJobs, heard, settings,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    experiment = finished_experiment()
    browser = client_of(analyst)
    browser.post(page_of(experiment), {"form": "docx", "language": "zh"})
    run_jobs()
    made = Path(settings.MEDIA_ROOT) / Report.objects.get().path
    assert made.is_file()
    browser.post(page_of(experiment), {"form": "html", "language": "en"})
    job = Report.objects.get(made_at=None).job

    with django_capture_on_commit_callbacks() as after:
        delete_experiment(experiment, analyst)
    assert made.is_file()
    for act in after:
        act()

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert not made.parent.exists()


def test_a_report_whose_experiment_is_deleted_while_it_is_written_leaves_nothing(
    client_of: ClientOf, finished_experiment, analyst: User, settings
) -> None:
    experiment = finished_experiment()
    client_of(analyst).post(page_of(experiment), {"form": "docx", "language": "zh"})
    report = Report.objects.get()
    delete_experiment(experiment, analyst)

    runner._keep(report, b"the report")

    assert not (Path(settings.MEDIA_ROOT) / report.folder).exists()
    assert not AuditEntry.objects.filter(action="report.made").exists()


def compared(version: ModelVersion, former: ModelVersion, verdict: str) -> None:
    facts = ComparisonFacts(rows=900, events=90, verdict=verdict, how=Sentence("On all rows."))
    Comparison.objects.update_or_create(
        version=version, former=former, defaults={"facts": facts.to_dict(), "compared_at": timezone.now()}
    )


def test_the_swap_set_is_against_the_champion_of_the_decision_and_tells_the_verdict_first(
    finished_experiment, analyst: User, admin: User
) -> None:
    versions = []
    for number in (1, 2, 3):
        row = finished_experiment(name=f"Run {number}").leaderboard.get(candidate="lightgbm")
        request = submit_gathered(row, analyst)
        versions.append(request.model_version)
        if number < 3:
            decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Calls only")
    first, second, third = versions
    compared(third, second, "better")
    # One with a former champion that was made later does not take its place.
    compared(third, first, "worse")

    for _state in ("pending", "approved"):
        swapped = evidence._swapped(ModelVersion.objects.get(pk=third.pk))
        assert swapped is not None
        assert swapped.champion == str(second)
        assert "v3 is better than v2" in swapped.told[0]
        assert swapped.told[1] == "On all rows."
        if request.is_pending:
            decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Calls only")
            request.refresh_from_db()


def test_amounts_of_a_column_that_is_marked_since_are_not_printed(
    finished_experiment, analyst: User, admin: User
) -> None:
    versions = []
    for number in (1, 2):
        row = finished_experiment(name=f"Run {number}").leaderboard.get(candidate="lightgbm")
        request = submit_gathered(row, analyst)
        versions.append(request.model_version)
        if number == 1:
            decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Calls only")
    former, version = versions
    y, p = np.tile([1, 0, 0, 0], 100), np.linspace(0.9, 0.1, 400)
    swap = swap_set(y, p, np.roll(p, 40), share=0.2, amount=np.full(400, 5_000.0))
    facts = ComparisonFacts(rows=400, events=100, verdict="better", how=Sentence("On all rows."), amount="income")
    empty = Interval(0.0, 0.0, 0.0)
    facts = replace(facts, swap=Swap(0.2, swap, swap, empty))
    Comparison.objects.update_or_create(
        version=version, former=former, defaults={"facts": facts.to_dict(), "compared_at": timezone.now()}
    )
    version = ModelVersion.objects.get(pk=version.pk)
    before, after = evidence._swapped(version, ["age"]), evidence._swapped(version, ["income"])
    assert (before.amount, before.swap.equal_share.swap_in.mean_amount) == ("income", 5_000)
    assert after.amount == ""
    cells = [getattr(each, name) for each in (after.swap.equal_share, after.swap.equal_rate) for name in CELLS]
    assert {cell.mean_amount for cell in cells} == {None}
    assert after.swap.equal_share.swap_in.customers == before.swap.equal_share.swap_in.customers
