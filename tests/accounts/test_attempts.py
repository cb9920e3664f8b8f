"""Guessing ends after ten wrong answers at any door, for who guesses and from where, and for nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts import attempts, services
from accounts.attempts import FAILURES_ALLOWED, PasswordAttempt, folded
from accounts.errors import TooManyAttempts
from accounts.models import FailedAttempt, Membership, User
from accounts.queries import user_for_token
from approvals.services.decision import decide
from audit.models import AuditEntry
from tests.conftest import PASSWORD
from tests.registry.conftest import finished_experiment, stand_in_engine, submitted  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"
WAIT = "Too many attempts for this sign-in name. Wait ten minutes, then try again."


def sign_in(name: str, password: str = "wrong", address: str = HERE, **headers: str) -> Any:
    form = {"username": name, "password": password}
    return Client().post("/sign-in/", form, REMOTE_ADDR=address, headers=headers)


def said(answer: Any) -> list[str]:
    return list(answer.context["form"].non_field_errors())


def lock(name: str = "analyst", address: str = HERE) -> None:
    for _attempt in range(FAILURES_ALLOWED):
        sign_in(name, address=address)


def test_after_ten_failures_even_the_right_password_has_to_wait(analyst: User) -> None:
    lock()
    assert said(sign_in("analyst", PASSWORD)) == [WAIT]


@pytest.mark.parametrize(
    "name", ["analyst  ", " analyst", "ANALYST", "ａｎａｌｙｓｔ", "ana\u200blyst", "analyst\u3000"]
)
def test_another_spelling_of_the_name_is_the_same_door(name: str, analyst: User) -> None:
    for attempt in range(FAILURES_ALLOWED):
        sign_in(name if attempt % 2 else "analyst")
    assert said(sign_in("analyst", PASSWORD)) == [WAIT]
    assert said(sign_in(name, PASSWORD)) == [WAIT]


def test_a_stranger_elsewhere_locks_nobody_out(analyst: User) -> None:
    lock(address=ELSEWHERE)
    assert said(sign_in("analyst", PASSWORD, ELSEWHERE)) == [WAIT]
    assert sign_in("analyst", PASSWORD).status_code == 302


def test_a_locked_name_and_an_unknown_one_get_the_same_sentences(analyst: User) -> None:
    User.objects.create_user("closed", password=PASSWORD, is_active=False)
    names = ("analyst", "closed", "nobody")
    heard = [[said(sign_in(name)) for _attempt in range(FAILURES_ALLOWED + 1)] for name in names]
    assert heard[0] == heard[1] == heard[2]
    assert heard[0][-1] == [WAIT]


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(analyst: User, monkeypatch: Any) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    User.objects.create_user("closed", password=PASSWORD, is_active=False)
    counted: list[str] = []
    hash_once = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *a: counted.append("one") or hash_once(*a))
    costs = []
    for name in ("analyst", "closed", "nobody"):
        counted.clear()
        sign_in(name)
        costs.append(len(counted))
    assert costs == [1, 1, 1]


def test_the_wait_ends_after_ten_minutes(analyst: User, monkeypatch: Any) -> None:
    lock()
    later = timezone.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(attempts.timezone, "now", lambda: later)
    assert sign_in("analyst", PASSWORD).status_code == 302


def test_the_right_password_in_time_forgets_the_failures(analyst: User) -> None:
    for _attempt in range(FAILURES_ALLOWED - 1):
        sign_in("analyst")
    assert sign_in("analyst", PASSWORD).status_code == 302
    assert FailedAttempt.objects.count() == 0


def test_what_was_typed_is_not_kept(analyst: User) -> None:
    sign_in("my-secret-typed-as-name")
    kept = FailedAttempt.objects.values_list("door", "answer").get()
    assert all(len(value) <= 64 and "secret" not in value for value in kept)


def test_attempts_at_the_same_moment_are_counted_before_they_are_judged(db: None) -> None:
    doors = [PasswordAttempt("analyst", HERE) for _process in range(30)]
    judged = 0
    for door in doors:
        try:
            door.begin()
        except TooManyAttempts:
            continue
        judged += 1
    assert judged == FAILURES_ALLOWED


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "same"),
    [
        (False, ["1.1.1.1", "2.2.2.2"], True),  # anybody can write the header
        (True, ["9.9.9.9, 1.1.1.1", "8.8.8.8, 1.1.1.1"], True),  # only the proxy's own word counts
        (True, ["1.1.1.1", "2.2.2.2"], False),
        (True, ["2001:db8::1", "2001:db8::2"], True),
        (True, ["2001:db8:0:1::1", "2001:db8:0:2::1"], False),
        (True, ["::ffff:1.1.1.1", "1.1.1.1"], True),
    ],
)
def test_the_address_is_the_one_that_the_proxy_has_seen(
    behind_proxy: bool, forwarded: list[str], same: bool, analyst: User, settings: Any
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    for _attempt in range(FAILURES_ALLOWED):
        sign_in("analyst", **{"X-Forwarded-For": forwarded[0]})
    answer = sign_in("analyst", PASSWORD, **{"X-Forwarded-For": forwarded[1]})
    assert (answer.status_code == 200) == same


def test_every_door_for_a_password_is_the_same_door(
    submitted: Any,  # noqa: F811
    admin: User,
    client_of: Callable[[User], Client],
) -> None:
    browser, approval = client_of(admin), submitted()
    wish = {"decision": "refused", "comment": "No", "expires_on": "", "limits_of_use": "", "password": "wrong"}
    for _attempt in range(5):
        browser.post("/account/password/", {"current": "wrong", "password": "a-longer-word-7"})
        browser.post(f"/approvals/{approval.pk}/", wish)

    page = browser.post(f"/approvals/{approval.pk}/", {**wish, "password": PASSWORD})
    assert (page.status_code, page.context["form"].errors["password"]) == (422, [WAIT])
    page = browser.post("/account/password/", {"current": PASSWORD, "password": "a-longer-word-7"})
    assert page.context["password_form"].errors["current"] == [WAIT]
    assert said(sign_in(admin.username, PASSWORD, "127.0.0.1")) == [WAIT]
    approval.refresh_from_db()
    assert approval.is_pending
    refused = AuditEntry.objects.filter(actor=admin, action__endswith="password_refused")
    assert refused.count() == FAILURES_ALLOWED
    decide(approval, admin, "refused", "No", PASSWORD, address=ELSEWHERE)


def test_a_decision_over_the_api_has_to_wait_as_well(submitted: Any, admin: User) -> None:  # noqa: F811
    _token, secret = services.create_token(admin, "nightly")
    caller = Client(headers={"Authorization": f"Bearer {secret}"}, REMOTE_ADDR=HERE)
    address = f"/api/v1/approvals/{submitted().pk}/decision"
    wish = {"decision": "refused", "comment": "No", "password": "wrong"}
    codes = [caller.post(address, wish, content_type="application/json").status_code for _n in range(FAILURES_ALLOWED)]
    assert set(codes) == {409}
    answer = caller.post(address, {**wish, "password": PASSWORD}, content_type="application/json")
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert answer.json()["detail"] == WAIT


def call(secret: str, address: str = HERE) -> Any:
    return Client(REMOTE_ADDR=address).get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})


def test_guessing_keys_ends_too_and_only_where_it_comes_from(analyst: User) -> None:
    _token, secret = services.create_token(analyst, "nightly")
    assert [call(f"xy_{n}").status_code for n in range(FAILURES_ALLOWED)] == [401] * FAILURES_ALLOWED
    assert call("xy_another").status_code == 429
    locked = call(secret)
    assert (locked.status_code, locked["Content-Type"]) == (429, "application/problem+json")
    assert "Wait ten minutes" in locked.json()["detail"]
    assert call(secret, ELSEWHERE).status_code == 200
    assert sign_in("analyst", PASSWORD).status_code == 302


def test_a_program_with_one_old_key_locks_nobody_out(analyst: User) -> None:
    _token, secret = services.create_token(analyst, "nightly")
    assert {call("xy_old").status_code for _n in range(3 * FAILURES_ALLOWED)} == {401}
    assert call(secret).status_code == 200
    assert AuditEntry.objects.filter(action="api_token.refused").count() == 1


def test_who_was_refused_at_the_door_is_seen_by_admins_only(
    analyst: User, modeler: User, admin: User, stranger: User, client_of: Callable[[User], Client]
) -> None:
    sign_in("analyst ")
    sign_in("nobody")
    call("xy_wrong")

    def seen(person: User) -> list[tuple[str, str]]:
        page = client_of(person).get("/audit/").context["page"]
        return [(entry.action, entry.object_label) for entry in page if entry.action.endswith(("_failed", "refused"))]

    at_the_door = [("api_token.refused", ""), ("person.sign_in_failed", "")]
    assert seen(admin) == [*at_the_door, ("person.sign_in_failed", "analyst")]
    assert seen(stranger) == at_the_door
    assert seen(modeler) == []
    assert AuditEntry.objects.filter(action="person.sign_in_failed").latest("id").details == {"address": HERE}


def test_the_keys_of_a_person_end_with_a_password_reset(
    analyst: User, admin: User, client_of: Callable[[User], Client]
) -> None:
    _token, secret = services.create_token(analyst, "nightly")
    pk = Membership.objects.get(user=analyst).pk
    page = client_of(admin).post(f"/people/{pk}/password/", {"password": "a-longer-word-7"}, follow=True)
    assert "API keys no longer work" in page.content.decode()
    assert user_for_token(secret) is None


@pytest.mark.parametrize(
    ("name", "shown", "password"),
    [
        ("analyst", "", "analyst-2026!"),
        ("analyst", "", "my ANALYST word"),
        ("analyst", "", "ｘｘａｎａｌｙｓｔｘｘ"),
        ("analyst", "", "tsylana-2026"),
        ("analyst", "", "4n4ly5t-word-7"),
        ("analyst", "", "a.n.a.l.y.s.t.7"),
        ("zhang.wei", "", "ZhangWei2026"),
        ("zhang.wei", "", "xx-zhang-2026"),
        ("u10023", "王小芳", "2026王小芳-pass"),
        ("u10023", "Wang Fang", "Fang-of-march-26"),
    ],
)
def test_a_password_may_not_contain_the_name(name: str, shown: str, password: str) -> None:
    with pytest.raises(ValidationError, match="contains the name"):
        validate_password(password, User(username=name, display_name=shown))


@pytest.mark.parametrize(("name", "password"), [("li", "believe-in-1976"), ("analyst", "a-longer-word-7")])
def test_other_passwords_are_free(name: str, password: str) -> None:
    validate_password(password, User(username=name))


def test_a_new_persons_password_is_compared_with_the_new_name(admin: User, client_of: Callable[[User], Client]) -> None:
    new = {"username": "wang.fang", "display_name": "", "role": "modeler", "password": "wangfang-2026"}
    page = client_of(admin).post("/people/", new)
    assert "The password contains the name" in page.content.decode()
    assert not User.objects.filter(username="wang.fang").exists()


def test_a_name_is_folded_once_and_for_all() -> None:
    assert folded(" Ａｎａ\u00a0ＬＹＳＴ\u200b ") == "analyst"
    assert folded("Straße") == folded("STRASSE")
    assert folded(folded("ﬀ ẞ")) == folded("ﬀ ẞ")
