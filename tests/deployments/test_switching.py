"""Deployments are made and switched: by whom, with which versions, and what stays on record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, Workspace
from audit.models import AuditEntry
from deployments import services
from deployments.errors import DeploymentError
from deployments.models import Configuration, Deployment, Part
from deployments.services import Challenger
from registry.models import ModelVersion, RegisteredModel
from registry.services.champions import retire
from tests.api.conftest import caller, post, problem_of  # noqa: F401 - fixture

pytestmark = pytest.mark.django_db


def test_each_switch_is_one_more_configuration_and_the_newest_is_pointed_to(
    deployment: Deployment, second: ModelVersion, modeler: User, champion: ModelVersion
) -> None:
    services.switch(deployment, modeler, champion=second, challengers=[Challenger(champion)], why="better")
    deployment.refresh_from_db()

    assert [each.number for each in deployment.configurations.order_by("number")] == [1, 2]
    assert deployment.current is not None
    assert deployment.current.champion == second
    assert [(part.version_id, part.role) for part in deployment.current.challengers] == [(champion.pk, "shadow")]
    entry = AuditEntry.objects.filter(action="deployment.switched").get()
    assert entry.details["champion"] == str(second)
    assert entry.details["why"] == "better"


def test_rolling_back_returns_to_what_answered_before_and_a_second_time_goes_one_step_further(
    deployment: Deployment, second: ModelVersion, champion: ModelVersion, modeler: User
) -> None:
    services.switch(deployment, modeler, champion=second)
    services.switch(deployment, modeler, champion=second, challengers=[Challenger(champion, 10)])
    for number, wanted in ((4, {second.pk}), (5, {champion.pk})):
        made = services.roll_back(deployment, modeler)
        assert (made.number, {part.version_id for part in made.parts.all()}) == (number, wanted)
    with pytest.raises(DeploymentError, match="no earlier configuration"):
        services.roll_back(deployment, modeler)


def test_what_was_switched_off_can_be_rolled_back_to_what_answered_before(
    deployment: Deployment, modeler: User, champion: ModelVersion
) -> None:
    services.switch_off(deployment, modeler)
    assert services.roll_back(deployment, modeler).champion == champion


@pytest.mark.parametrize("how", ["submitted", "expired", "other model", "retired"])
def test_only_approved_versions_of_the_model_that_are_in_force_are_deployed(
    how: str, deployment: Deployment, second: ModelVersion, modeler: User, admin: User
) -> None:
    if how == "retired":
        retire(second, admin, "no more")
    elif how == "submitted":
        second.state = "submitted"
    elif how == "expired":
        second.expires_on = timezone.localdate() - timedelta(days=1)
    else:
        second.registered_model = RegisteredModel.objects.create(
            workspace=deployment.workspace, name="Another", kind="response"
        )
    if how == "retired":
        second.refresh_from_db()

    with pytest.raises(DeploymentError):
        services.switch(deployment, modeler, champion=second)
    assert deployment.configurations.count() == 1


@pytest.mark.parametrize(("shares", "told"), [((60, 40), "100%"), ((0,), "1 to 99"), ((100,), "1 to 99")])
def test_shares_that_leave_nothing_to_the_champion_are_refused(
    shares: tuple[int, ...], told: str, deployment: Deployment, champion: ModelVersion, second: ModelVersion,
    modeler: User, analyst: User, admin: User,
) -> None:  # fmt: skip
    versions = [second, champion][: len(shares)]
    other = ModelVersion.objects.get(pk=second.pk)
    beside = [Challenger(version, share) for version, share in zip(versions, shares, strict=True)]
    main = champion if len(shares) == 1 else other
    with pytest.raises(DeploymentError, match="chosen twice" if len(shares) > 1 else told):
        services.switch(deployment, modeler, champion=main, challengers=beside)


def test_who_looked_at_an_older_configuration_is_told_that_somebody_was_first(
    deployment: Deployment, second: ModelVersion, modeler: User
) -> None:
    services.switch(deployment, modeler, champion=second, seen=1)
    with pytest.raises(DeploymentError, match="in the meantime"):
        services.switch_off(deployment, modeler, seen=1)


def test_analysts_look_and_do_not_switch(
    deployment: Deployment, second: ModelVersion, analyst: User, client_of: Callable[[User], Client]
) -> None:
    with pytest.raises(PermissionDenied):
        services.switch(deployment, analyst, champion=second)
    client = client_of(analyst)
    page = client.get(reverse("deployment_detail", args=[deployment.pk]))
    assert page.status_code == 200
    assert reverse("deployment_switch", args=[deployment.pk]) not in page.content.decode()
    assert "You may look" in page.content.decode()
    assert client.get(reverse("deployment_new")).status_code == 403
    assert client.post(reverse("deployment_off", args=[deployment.pk])).status_code == 403


def test_the_database_refuses_to_rewrite_what_answered_when(
    deployment: Deployment, second: ModelVersion, other_workspace: Workspace
) -> None:
    first = deployment.configurations.get()
    acts: list[Callable[[], Any]] = [
        lambda: Configuration.objects.filter(pk=first.pk).update(why="other"),
        lambda: Part.objects.filter(configuration=first).update(version=second),
        lambda: Part.objects.create(configuration=first, version=second, role="shadow"),
        lambda: Deployment.objects.filter(pk=deployment.pk).update(salt="0" * 32),
        lambda: Deployment.objects.filter(pk=deployment.pk).update(name="other"),
    ]
    for act in acts:
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            act()


def test_the_salt_is_random_and_follows_no_name(champion: ModelVersion, workspace: Workspace, modeler: User) -> None:
    made = [
        services.create(modeler, workspace, name="offer", champion=champion, environment=place)
        for place in ("production", "test")
    ]
    assert made[0].salt != made[1].salt
    assert len(made[0].salt) == 32


def test_a_modeler_deploys_switches_and_rolls_back_in_the_browser(
    champion: ModelVersion, second: ModelVersion, modeler: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(modeler)
    empty = client.get(reverse("deployment_list")).content.decode()
    assert "No deployment yet" in empty
    assert reverse("deployment_new") in empty

    asked = {"name": "offer", "environment": "production", "champion": champion.pk, "role": "shadow"}
    made = client.post(reverse("deployment_new"), asked)
    deployment = Deployment.objects.get()
    detail = reverse("deployment_detail", args=[deployment.pk])
    assert made["Location"] == detail
    again = client.post(reverse("deployment_new"), {**asked, "why": "again"})
    assert again.status_code == 200
    assert "already a deployment offer" in again.content.decode()
    bad = client.post(reverse("deployment_new"), {**asked, "name": "Offer now"})
    assert "lower-case letters" in bad.content.decode()

    switch = {"champion": second.pk, "challenger": champion.pk, "role": "split", "percent": 20, "seen": 1}
    client.post(reverse("deployment_switch", args=[deployment.pk]), switch)
    page = client.get(detail).content.decode()
    assert "80%" in page
    assert "20%" in page
    assert "Roll back to configuration 1" in page
    client.post(reverse("deployment_roll_back", args=[deployment.pk]), {"seen": 2, "why": "worse"})
    page = client.get(detail).content.decode()
    assert "Rolled back to 1." in page
    assert "worse" in page


def test_a_workspace_without_approved_versions_says_what_is_needed(
    modeler: User, client_of: Callable[[User], Client], db: None
) -> None:
    client = client_of(modeler)
    for name in ("deployment_list", "deployment_new"):
        assert "Have one approved first" in client.get(reverse(name)).content.decode()


def test_strangers_find_no_deployment(
    deployment: Deployment,
    stranger: User,
    client_of: Callable[[User], Client],
    caller: Any,  # noqa: F811
) -> None:
    assert client_of(stranger).get(reverse("deployment_detail", args=[deployment.pk])).status_code == 404
    assert caller(stranger).get(f"/api/v1/deployments/{deployment.pk}").status_code == 404
    assert caller(stranger).get("/api/v1/deployments").json() == []


def test_a_program_deploys_switches_and_rolls_back(
    champion: ModelVersion,
    second: ModelVersion,
    modeler: User,
    analyst: User,
    caller: Any,  # noqa: F811
) -> None:
    client = caller(modeler)
    made = post(client, "/api/v1/deployments", name="offer", champion=champion.pk)
    assert made.status_code == 201, made.content
    address = f"/api/v1/deployments/{made.json()['id']}"
    refused = post(caller(analyst), f"{address}/switch", champion=second.pk)
    assert refused.status_code == 403
    beside = [{"version": champion.pk, "percent": 30}]
    switched = post(client, f"{address}/switch", champion=second.pk, challengers=beside, seen=1)
    assert switched.json()["champion"] == second.pk
    assert switched.json()["challengers"][0]["percent"] == 30
    late = problem_of(post(client, f"{address}/off", seen=1))
    assert late["status"] == 409
    assert "meantime" in late["detail"]
    assert post(client, f"{address}/roll-back").json()["champion"] == champion.pk
    assert [each["number"] for each in client.get(f"{address}/configurations").json()] == [3, 2, 1]
    assert client.get(f"{address}/health").json()["state"] == "quiet"
    unknown = problem_of(post(client, f"{address}/switch", champion=987654))
    assert unknown["status"] == 404
    assert unknown["errors"][0]["pointer"] == "/champion"


def test_the_page_of_a_version_tells_where_it_is_in_use_now(
    deployment: Deployment, champion: ModelVersion, second: ModelVersion, modeler: User, client_of: Any
) -> None:
    def told(version: ModelVersion) -> bool:
        page = client_of(modeler).get(reverse("model_version_detail", args=[version.pk])).content.decode()
        return reverse("deployment_detail", args=[deployment.pk]) in page

    assert (told(champion), told(second)) == (True, False)
    services.switch(deployment, modeler, champion=second)
    assert (told(champion), told(second)) == (False, True)
