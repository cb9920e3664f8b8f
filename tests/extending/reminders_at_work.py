"""What the app of docs/extending.md does where it is installed; run by test_an_app in a process that has it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from reminders.models import Reminder  # type: ignore[import-not-found]

from accounts.models import User, Workspace
from accounts.services import create_token
from audit.models import AuditEntry
from jobs.models import Job, JobState
from jobs.registry import label_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
TEXT = "Ask the branch about loan 7"


@pytest.fixture
def written(modeler: User, client_of: ClientOf) -> Any:
    """A reminder that a person wrote on its page."""
    client_of(modeler).post("/reminders/", {"text": TEXT})
    return Reminder.objects.get()


def page(client: Client, name: str, language: str = "en") -> str:
    headers = {"Accept-Language": language}
    return client.get(reverse(name), headers=headers).content.decode()


def in_chinese(person: User) -> User:
    person.language = "zh-hans"
    person.save()
    return person


def test_its_job_runs(written: Any, run_jobs: Callable[[], list[Job]]) -> None:
    (job,) = run_jobs()

    written.refresh_from_db()
    assert (job.kind, job.state, job.stage) == ("remind", JobState.SUCCEEDED, "Passing the reminder on")
    assert written.passed_on_at is not None
    assert label_of(job.kind) == "Pass on a reminder"
    with translation.override("zh-hans"):
        assert label_of(job.kind) == "发送提醒"


def test_its_act_is_told_in_the_audit_log_in_both_languages(written: Any, admin: User, client_of: ClientOf) -> None:
    assert AuditEntry.objects.filter(action="reminder.written", object_id=str(written.pk)).exists()

    told = page(client_of(admin), "audit_log")
    assert all(words in told for words in ("wrote a reminder", "reminder", TEXT, "length in characters"))
    assert ">reminder.written<" not in told
    told = page(client_of(in_chinese(admin)), "audit_log")
    assert all(words in told for words in ("写了一条提醒", "字数"))


def test_its_inbox_entry_waits_for_its_author_alone(
    written: Any, modeler: User, admin: User, client_of: ClientOf, run_jobs: Callable[[], list[Job]]
) -> None:
    def titles(person: User) -> list[str]:
        return [item.title for item in client_of(person).get(reverse("home")).context["shell"].inbox]

    assert titles(modeler) == []
    run_jobs()
    assert titles(modeler) == [f"Reminder: {TEXT}"]
    assert titles(admin) == []


def test_its_line_stands_in_the_sidebar_of_those_who_may_open_it_last_by_its_weight(
    analyst: User, modeler: User, client_of: ClientOf
) -> None:
    def lines(person: User) -> list[str]:
        return [line.label for line in client_of(person).get(reverse("home")).context["shell"].work]

    assert lines(modeler) == ["Home", "Data", "Experiments", "Models", "Scoring", "Deployments", "Reminders"]
    assert lines(analyst) == ["Home", "Data", "Experiments", "Models", "Scoring", "Deployments"]
    assert lines(in_chinese(modeler))[-1] == "提醒"


def test_its_card_stands_on_the_first_page_while_it_has_something_to_say(
    written: Any, modeler: User, client_of: ClientOf, run_jobs: Callable[[], list[Job]]
) -> None:
    assert "1 reminder has not been passed on yet." in page(client_of(modeler), "home")
    assert "还有 1 条提醒尚未发送。" in page(client_of(in_chinese(modeler)), "home")
    run_jobs()
    assert "尚未发送" not in page(client_of(modeler), "home")


def test_it_is_found_from_every_page(written: Any, modeler: User, admin: User, client_of: ClientOf) -> None:
    def found(person: User) -> str:
        return client_of(person).get(reverse("find"), {"q": "loan 7"}, headers={"HX-Request": "true"}).content.decode()

    assert TEXT in found(modeler)
    assert TEXT not in found(admin)


def test_who_may_not_gets_403(analyst: User, modeler: User, client: Client, client_of: ClientOf) -> None:
    assert client_of(modeler).get("/reminders/").status_code == 200
    assert client_of(analyst).get("/reminders/").status_code == 403
    assert client_of(analyst).post("/reminders/", {"text": "x"}).status_code == 403
    assert client.get("/reminders/").status_code == 302
    assert not Reminder.objects.exists()


def test_its_operation_is_reached_by_key_and_listed_under_its_own_heading(
    modeler: User, stranger: User, workspace: Workspace, client: Client
) -> None:
    def post(person: User | None) -> Any:
        headers = {"Authorization": f"Bearer {create_token(person, 'key')[1]}"} if person else {}
        body = {"text": TEXT, "workspace": workspace.slug}
        return client.post("/api/v1/reminders", body, content_type="application/json", headers=headers)

    assert post(None).status_code == 401
    assert post(stranger).status_code == 404
    answer = post(modeler)
    assert (answer.status_code, answer.json()["text"]) == (201, TEXT)
    assert Reminder.objects.get().owner == modeler
    assert "<h2>Reminders</h2>" in client.get("/api/v1/docs").content.decode()
