"""A form that starts work does it once, however often it is sent."""

import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from accounts.models import User, Workspace
from jobs import once as guard
from jobs.models import SentForm
from jobs.once import once

pytestmark = pytest.mark.database

Send = Callable[..., HttpResponse]


@pytest.fixture
def done() -> list[str]:
    """What the view below has done, in order."""
    return []


@pytest.fixture
def send(analyst: User, workspace: Workspace, done: list[str]) -> Send:
    @once
    def view(request: Any) -> HttpResponse:
        if request.POST.get("name") == "wrong":
            return HttpResponse(status=422)
        if request.POST.get("name") == "broken":
            raise RuntimeError
        done.append(request.POST.get("name", ""))
        address = f"/made/{len(done)}/"
        return JsonResponse({"url": address}) if request.headers.get("Accept") else redirect(address)

    def sent(*, by: User = analyst, accept: str = "", file: bytes | None = None, **filled_in: str) -> HttpResponse:
        request = HttpRequest()
        request.method, request.path = "POST", "/make/"
        request.META = {"HTTP_ACCEPT": accept, "SERVER_NAME": "testserver", "SERVER_PORT": "80"}
        request.POST = QueryDict(mutable=True)
        request.POST.update(filled_in)
        if file is not None:
            request.FILES["file"] = SimpleUploadedFile("rows.csv", file)
        request.user, request.workspace = by, workspace  # type: ignore[attr-defined]
        request.session = {}  # type: ignore[assignment]
        request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
        return view(request)

    return sent


def test_the_second_sending_leads_where_the_first_one_led(send: Send, done: list[str]) -> None:
    answers = [send(once="m", name="a", csrfmiddlewaretoken=token) for token in ("one", "two", "three")]
    assert [answer["Location"] for answer in answers] == ["/made/1/"] * 3
    assert done == ["a"]


def test_a_script_gets_the_address_in_its_own_way(send: Send, done: list[str]) -> None:
    answers = [send(once="m", name="a", accept="application/json") for _ in range(2)]
    assert [answer.content for answer in answers] == [b'{"url": "/made/1/"}'] * 2
    assert done == ["a"]


def test_what_was_changed_or_comes_from_another_page_or_person_is_another_form(
    send: Send, done: list[str], add_person: Callable[..., User]
) -> None:
    send(once="m", name="a")
    send(once="m", name="b")
    send(once="n", name="a")
    send(once="m", name="a", by=add_person("other"))
    send(once="m", name="a", file=b"1")
    send(once="m", name="a", file=b"2")
    send(once="m", name="a", file=b"2")
    assert done == ["a", "b", "a", "a", "a", "a"]


def test_what_was_refused_or_broke_may_be_sent_again(send: Send) -> None:
    assert [send(once="m", name="wrong").status_code for _ in range(2)] == [422, 422]
    for _ in range(2):
        with pytest.raises(RuntimeError):
            send(once="m", name="broken")
    assert not SentForm.objects.exists()


def test_without_a_mark_only_a_second_click_is_the_same(send: Send, done: list[str]) -> None:
    send(name="a")
    send(name="a")
    assert done == ["a"]
    send(name="b")
    send(name="a")
    assert done == ["a", "b", "a"]
    SentForm.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    send(name="a")
    assert done == ["a", "b", "a", "a"]


def test_one_that_is_still_being_done_is_waited_for_and_not_done_twice(
    send: Send, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(once="m", name="a")
    SentForm.objects.update(address="")
    monkeypatch.setattr(guard, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(guard.time, "sleep", lambda _: SentForm.objects.update(address="/made/at-last/"))
    assert send(once="m", name="a")["Location"] == "/made/at-last/"
    SentForm.objects.update(address="")
    monkeypatch.setattr(guard.time, "sleep", lambda _: None)
    assert send(once="m", name="a")["Location"] == "/"
    assert done == ["a"]


def test_one_whose_server_died_on_the_way_may_be_sent_again(send: Send, done: list[str]) -> None:
    send(once="m", name="a")
    SentForm.objects.update(address="", sent_at=timezone.now() - timedelta(minutes=10))
    send(once="m", name="a")
    assert done == ["a", "a"]


TEMPLATES = Path(__file__).parents[2] / "templates"


def forms_in(template: str) -> list[str]:
    return re.findall(r"<form\b(?:(?!</form>).)*", (TEMPLATES / template).read_text(encoding="utf-8"), re.DOTALL)


def rendered_by(view: Callable[..., Any]) -> set[str]:
    """The templates that a view names, itself or through functions of its own module."""
    first = inspect.unwrap(view)
    waiting, seen, found = [first], {first}, set()
    while waiting:
        code = waiting.pop().__code__
        found |= {one for one in code.co_consts if isinstance(one, str) and one.endswith(".html")}
        for name in code.co_names:
            other = first.__globals__.get(name)
            if inspect.isfunction(other) and other.__module__ == first.__module__ and other not in seen:
                seen.add(other)
                waiting.append(other)
    return found


def guarded_views() -> dict[str, Callable[..., Any]]:
    patterns = [one for one in get_resolver().url_patterns if isinstance(one, URLPattern)]
    for included in get_resolver().url_patterns:
        patterns += [one for one in getattr(included, "url_patterns", []) if isinstance(one, URLPattern)]
    return {str(one.name): one.callback for one in patterns if getattr(one.callback, "does_once", False)}


def test_every_form_of_a_guarded_view_carries_a_mark() -> None:
    guarded = guarded_views()
    assert guarded.keys() >= {"join_again", "version_refresh", "rerun_start", "submit"}
    without_mark = [
        f"{path.name}: {name}"
        for path in TEMPLATES.rglob("*.html")
        for form in forms_in(str(path.relative_to(TEMPLATES)))
        for name in re.findall(r'action="{% url \'(\w+)\'', form)
        if name in guarded and "{% once %}" not in form
    ]
    assert without_mark == []


def test_so_does_one_that_is_sent_to_the_address_of_its_own_page() -> None:
    own = {
        f"{template}: {name}": form
        for name, view in guarded_views().items()
        for template in rendered_by(view)
        for form in forms_in(template)
        if 'method="post"' in form and "action=" not in form and "hx-post=" not in form
    }
    assert {"reports/reports.html: candidate_reports", "reports/reports.html: version_reports"} <= own.keys()
    assert [place for place, form in own.items() if "{% once %}" not in form] == []
