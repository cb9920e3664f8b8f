"""Admins manage people; every act is on record, and nobody locks the workspace."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts import services
from accounts.errors import LastAdmin, OwnAccount
from accounts.models import Membership, Role, User, Workspace
from accounts.queries import user_for_token
from audit.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ClientOf = Callable[[User], Client]
NEW = {"username": "wang.fang", "display_name": "王芳", "role": "modeler", "password": "a-longer-word-7"}


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_an_admin_adds_a_person_who_can_sign_in(admin: User, client_of: ClientOf) -> None:
    assert client_of(admin).post("/people/", NEW).status_code == 302
    person = User.objects.get(username="wang.fang")
    assert (str(person), membership(person).role) == ("王芳", Role.MODELER)
    assert Client().login(username="wang.fang", password="a-longer-word-7")
    assert actions()[-2:] == ["person.added", "person.signed_in"]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.MODELER])
def test_others_are_told_whom_to_ask(
    role: str, admin: User, add_person: Callable[..., User], client_of: ClientOf
) -> None:
    answer = client_of(add_person("other", role)).post("/people/", NEW)
    assert answer.status_code == 403
    assert admin.username in answer.content.decode()
    assert not User.objects.filter(username="wang.fang").exists()


def test_an_admin_of_another_workspace_cannot_reach_people_here(
    analyst: User, stranger: User, client_of: ClientOf
) -> None:
    pk = membership(analyst).pk
    for path in ("role", "password", "deactivate", "reactivate"):
        assert client_of(stranger).post(f"/people/{pk}/{path}/", {"role": "admin"}).status_code == 404
    assert membership(analyst).role == Role.ANALYST


def test_a_taken_name_and_a_weak_password_keep_the_form_and_say_why(
    admin: User, analyst: User, client_of: ClientOf
) -> None:
    answer = client_of(admin).post("/people/", {**NEW, "username": "ANALYST", "password": "password12"})
    text = answer.content.decode()
    assert "This sign-in name is taken" in text
    assert "too common" in text
    assert 'value="ANALYST"' in text


def test_the_last_admin_stays_admin(admin: User, workspace: Workspace, client_of: ClientOf) -> None:
    with pytest.raises(LastAdmin):
        services.change_role(membership(admin), Role.ANALYST, actor=admin)
    page = client_of(admin).post(f"/people/{membership(admin).pk}/role/", {"role": "analyst"}, follow=True)
    assert "at least one active admin" in page.content.decode()
    with pytest.raises(OwnAccount):
        services.deactivate(membership(admin), actor=admin)


def test_a_closed_account_is_signed_out_everywhere_and_its_keys_open_nothing(
    admin: User, analyst: User, client_of: ClientOf
) -> None:
    browser = client_of(analyst)
    _token, secret = services.create_token(analyst, "nightly")
    assert browser.get("/account/").status_code == 200
    assert user_for_token(secret) == analyst

    client_of(admin).post(f"/people/{membership(analyst).pk}/deactivate/")

    assert browser.get("/account/").status_code == 302
    assert user_for_token(secret) is None
    assert not Client().login(username="analyst", password="correct horse battery")
    client_of(admin).post(f"/people/{membership(analyst).pk}/reactivate/")
    assert Client().login(username="analyst", password="correct horse battery")
    assert user_for_token(secret) is None


def test_a_key_is_shown_once_and_kept_only_as_a_digest(analyst: User, client_of: ClientOf) -> None:
    page = client_of(analyst).post("/account/tokens/", {"name": "nightly"})
    token = analyst.api_tokens.get()
    secret = page.content.decode().split('id="new-secret">')[1].split("<")[0]
    assert secret.startswith("xy_")
    assert secret not in (token.digest, token.name)
    assert user_for_token(secret) == analyst
    assert secret not in client_of(analyst).get("/account/").content.decode()


def test_nobody_revokes_the_key_of_someone_else(analyst: User, modeler: User, client_of: ClientOf) -> None:
    token, secret = services.create_token(analyst, "nightly")
    assert client_of(modeler).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert user_for_token(secret) == analyst
    assert client_of(analyst).post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert user_for_token(secret) is None


def test_an_own_password_changes_only_with_the_old_one(analyst: User, client_of: ClientOf) -> None:
    browser = client_of(analyst)
    wrong = browser.post("/account/password/", {"current": "no", "password": "a-longer-word-7"})
    assert "This is not your current password" in wrong.content.decode()
    browser.post("/account/password/", {"current": "correct horse battery", "password": "a-longer-word-7"})
    assert Client().login(username="analyst", password="a-longer-word-7")
    assert browser.get("/account/").status_code == 200


def test_the_list_of_people_costs_the_same_queries_for_one_and_for_many(
    admin: User, add_person: Callable[..., User], client_of: ClientOf, django_assert_num_queries: Callable[..., object]
) -> None:
    browser = client_of(admin)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        browser.get("/people/")
    for number in range(5):
        add_person(f"person-{number}")
    with CaptureQueriesContext(connection) as many:
        browser.get("/people/")
    assert len(many) == len(few)
