"""Every address says who may reach it: the rule that its view bears is the one that is enforced and shown by."""

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse

from accounts.decorators import EVERYBODY, SIGNED_IN, role_required
from accounts.models import Role, User
from common import menu
from common.access import Rule, every_address, may_reach, rule_of, undeclared

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
KEYS = {"int": "1", "uuid": str(uuid4()), "slug": "none"}
PAGES = [(address, view) for address, view in every_address() if not address.startswith("api/")]


def with_keys(address: str) -> str:
    """Return an address that can be asked for, with keys of things that are not there."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: KEYS.get(found[1] or "slug", "none"), address)


def rule_at(address: str) -> Rule:
    rule = rule_of(dict(PAGES)[address])
    assert rule is not None
    return rule


def test_every_address_declares_its_rule() -> None:
    assert undeclared() == []
    assert len(PAGES) > 100
    assert any(address.startswith("api/v1/") for address, _view in every_address())


def test_an_address_without_a_rule_is_named_by_the_checks_and_reached_by_nobody(
    admin: User, client_of: ClientOf
) -> None:
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse("never")

    site = ModuleType("site_with_a_hole")
    site.urlpatterns = [path("forgotten/", forgotten), path("", include("config.urls"))]  # type: ignore[attr-defined]

    with override_settings(ROOT_URLCONF=site):
        found = [check for check in run_checks() if check.id == "xiaoyu.E020"]
        answer = client_of(admin).get("/forgotten/")

    assert [check.msg for check in found] == ["The address forgotten/ does not say who may reach it."]
    assert answer.status_code == 403


@pytest.mark.parametrize("address", [address for address, view in PAGES if rule_of(view) is not EVERYBODY])
def test_a_visitor_is_let_in_nowhere_else(address: str, client: Client) -> None:
    answer = client.get(with_keys(address))

    assert answer.status_code in (302, 401)
    assert answer.status_code == 401 or reverse("sign_in") in answer["Location"]


@pytest.mark.parametrize("address", [a for a, view in PAGES if rule_of(view) not in (EVERYBODY, SIGNED_IN)])
def test_whoever_belongs_to_no_workspace_is_told_so(address: str, client_of: ClientOf) -> None:
    nobody = User.objects.create_user("nobody", password="a long password")

    assert client_of(nobody).get(with_keys(address)).status_code in (403, 405)


def test_a_role_sees_only_lines_of_pages_that_it_may_open(
    analyst: User, modeler: User, admin: User, client_of: ClientOf
) -> None:
    opened: dict[str, list[str]] = {}
    for person in (analyst, modeler, admin):
        client = client_of(person)
        page = client.get(reverse("home"))
        lines = [*page.context["shell"].work, *page.context["shell"].governance]
        assert {client.get(line.url).status_code for line in lines} == {200}
        opened[person.username] = [line.url for line in lines]

    everywhere = [
        reverse(name)
        for name in ("home", "dataset_list", "experiment_list", "model_list", "scoring_list", "deployment_list")
    ]
    approvals, inventory, log = (reverse(name) for name in ("approval_list", "inventory_list", "audit_log"))
    settings = [reverse(name) for name in ("people", "word_template")]
    assert [*opened.values()] == [
        [*everywhere, approvals, inventory],
        [*everywhere, approvals, inventory, log],
        [*everywhere, approvals, inventory, log, *settings],
    ]


def test_a_rule_stays_with_its_view_through_other_decorators() -> None:
    from django.views.decorators.http import require_POST

    @require_POST
    @role_required(Role.ADMIN)
    def view(request: Any) -> HttpResponse:
        return HttpResponse()

    asked = HttpRequest()
    asked.role = Role.MODELER  # type: ignore[attr-defined]
    rule = rule_of(view)
    assert rule is not None
    assert rule.name == "admin"
    assert not rule.lets(asked)


def test_the_order_of_lines_is_that_of_weights(admin: User, rf: Any) -> None:
    asked = rf.get("/data/")
    asked.user, asked.workspace, asked.role = admin, admin.memberships.get().workspace, Role.ADMIN

    assert may_reach(asked, "people")
    assert [line.is_current for line in menu.lines(asked, menu.Part.WORK)] == [False, True, False, False, False, False]
