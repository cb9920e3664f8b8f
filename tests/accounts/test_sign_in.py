"""Signing in, the language and the look that follow a person, and the workspaces one may switch between."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.errors import NotAllowed
from accounts.models import Role, User, Workspace
from accounts.samples import PASSWORD, create_sample_people, remove_sample_people
from audit.models import AuditEntry

pytestmark = pytest.mark.django_db


def sign_in(username: str, password: str) -> Any:
    return Client().post("/sign-in/", {"username": username, "password": password})


def test_a_person_signs_in_and_comes_home(analyst: User) -> None:
    answer = sign_in("analyst", "correct horse battery")
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_and_an_unknown_name_get_the_same_sentence(analyst: User) -> None:
    sentences = [sign_in(name, "wrong").context["form"].non_field_errors() for name in ("analyst", "nobody")]
    assert sentences[0] == sentences[1]
    assert len(sentences[0]) == 1


def test_a_failed_attempt_is_on_record_without_what_was_typed(analyst: User) -> None:
    sign_in("my-secret-typed-as-name", "wrong")
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.object_label) == ("person.sign_in_failed", None, "")
    assert entry.details == {"address": "127.0.0.1"}


def test_the_language_follows_the_person_to_another_browser(analyst: User, client_of: Callable[[User], Client]) -> None:
    client_of(analyst).post("/language/", {"language": "zh-hans", "next": "/account/"})
    page = client_of(analyst).get("/account/", headers={"accept-language": "en"})
    assert 'lang="zh-CN"' in page.content.decode()
    assert "API 密钥" in page.content.decode()


def test_the_theme_follows_the_person(analyst: User, client_of: Callable[[User], Client]) -> None:
    client_of(analyst).post("/theme/", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in client_of(analyst).get("/account/").content.decode()


def test_a_switch_never_leads_to_another_site(analyst: User, client_of: Callable[[User], Client]) -> None:
    answer = client_of(analyst).post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_a_person_switches_between_own_workspaces_only(
    analyst: User, workspace: Workspace, other_workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(analyst)
    assert browser.post("/workspace/", {"workspace": other_workspace.slug}).status_code == 404
    services.add_member(workspace=other_workspace, user=analyst, role=Role.ADMIN)
    assert browser.post("/workspace/", {"workspace": other_workspace.slug}).status_code == 302
    assert browser.get("/people/").context["workspace"] == other_workspace
    browser.post("/workspace/", {"workspace": workspace.slug})
    assert browser.get("/people/").status_code == 403


def test_a_person_without_a_workspace_is_told_what_to_do(db: None, client_of: Callable[[User], Client]) -> None:
    page = client_of(User.objects.create_user("lonely")).get("/people/")
    assert page.status_code == 403
    assert "You belong to no workspace yet" in page.content.decode()


def test_sample_people_sign_in_on_loopback_and_nowhere_else(db: None, settings: Any) -> None:
    create_sample_people()
    assert sign_in("approver", PASSWORD).status_code == 302
    settings.SAMPLE_PEOPLE_MAY_SIGN_IN = False
    assert sign_in("approver", PASSWORD).status_code == 200
    with pytest.raises(NotAllowed):
        create_sample_people()


def test_sample_people_are_made_once_and_removed_for_good(db: None) -> None:
    create_sample_people()
    create_sample_people()
    assert User.objects.filter(is_sample=True).count() == 3
    assert remove_sample_people() == 3
    assert sign_in("analyst", PASSWORD).status_code == 200


def test_an_address_that_only_takes_forms_says_so_when_opened_as_a_page(analyst: User) -> None:
    client = Client()
    client.force_login(analyst)
    answer = client.get("/language/", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "There is nothing to see at this address" in answer.content.decode()
