"""Making a deployment and switching it: each switch is one new configuration, on record and in force at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Role as PersonRole
from accounts.models import User, Workspace
from accounts.permissions import NOT_YOUR_ROLE, role_in
from audit.services import record
from deployments.errors import DeploymentError
from deployments.models import LONGEST_WHY, NAME_PATTERN, Configuration, Deployment, Environment, Part, Role
from experiments.errors import gettext_noop
from registry.models import ModelVersion, RegisteredModel, VersionState
from registry.queries import signed

MOST_CHALLENGERS = 4
BAD_NAME = gettext_noop(
    "A name has 1 to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit."
)
TAKEN = gettext_noop("There is already a deployment %(name)s in this environment. Choose another name.")
NOT_APPROVED = gettext_noop("%(version)s is not approved. Only approved versions can be deployed.")
EXPIRED = gettext_noop("%(version)s has expired. Only versions that have not expired can be deployed.")
OTHER_MODEL = gettext_noop("%(version)s is a version of another model. Choose a version of %(model)s.")
TWICE = gettext_noop("%(version)s is chosen twice. Choose each version once.")
TOO_MANY = gettext_noop("Choose at most %(most)s challengers.")
TOO_MUCH = gettext_noop("The challengers take %(percent)s%% of traffic together. Leave at least 1%% to the champion.")
BAD_SHARE = gettext_noop("A share of traffic is a whole number from 1 to 99.")
NO_IDS = gettext_noop(
    "%(version)s was built without customer IDs, by which traffic is split. Run the challenger in the shadow instead."
)
SAME = gettext_noop("This is the configuration in use. Nothing was switched.")
NO_FORMER = gettext_noop("There is no earlier configuration to roll back to.")
MEANWHILE = gettext_noop(
    "Somebody else has switched this deployment in the meantime. Look at what is in use now, then decide again."
)
WHY_TOO_LONG = gettext_noop("Write at most %(most)s characters.")
MAKERS = (PersonRole.MODELER, PersonRole.ADMIN)


@dataclass(frozen=True)
class Challenger:
    """A version beside the champion: with a share of the customers in percent, or in the shadow."""

    version: ModelVersion
    percent: int | None = None

    @property
    def role(self) -> Role:
        return Role.SHADOW if self.percent is None else Role.SPLIT


def may_switch(user: User, workspace: Workspace) -> bool:
    """Modelers and admins decide what answers."""
    return role_in(user, workspace) in MAKERS


@transaction.atomic
def create(
    user: User,
    workspace: Workspace,
    *,
    name: str,
    champion: ModelVersion,
    environment: str = Environment.PRODUCTION,
    challengers: Sequence[Challenger] = (),
    why: str = "",
) -> Deployment:
    """Put an approved version into use under a name.

    Raises
    ------
    DeploymentError : a name that cannot be or is taken, or versions that cannot be deployed so.
    """
    _require_maker(user, workspace)
    model = champion.registered_model
    if model.workspace_id != workspace.pk:
        raise PermissionDenied
    if not re.fullmatch(NAME_PATTERN, name):
        raise DeploymentError(BAD_NAME).about("name")
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    if Deployment.objects.filter(workspace=workspace, name=name, environment=environment).exists():
        raise DeploymentError(TAKEN, name=name).about("name")
    _require_deployable(model, champion, challengers)
    deployment = Deployment.objects.create(
        workspace=workspace, registered_model=model, name=name, environment=environment, created_by=user
    )
    _put_in_force(deployment, user, champion, challengers, why, act="deployment.created")
    return deployment


@transaction.atomic
def switch(
    deployment: Deployment,
    user: User,
    *,
    champion: ModelVersion,
    challengers: Sequence[Challenger] = (),
    why: str = "",
    seen: int | None = None,
) -> Configuration:
    """Have other versions answer from now on; ``seen`` is the number of the configuration that was looked at.

    Raises
    ------
    DeploymentError : versions that cannot be deployed so, what is in use already, or somebody else was first.
    """
    deployment = _locked(deployment, user, seen)
    _require_deployable(deployment.registered_model, champion, challengers)
    if deployment.is_on and _shape(deployment.current) == _wanted(champion, challengers):
        raise DeploymentError(SAME)
    return _put_in_force(deployment, user, champion, challengers, why, act="deployment.switched")


@transaction.atomic
def roll_back(deployment: Deployment, user: User, *, why: str = "", seen: int | None = None) -> Configuration:
    """Go back to what answered before the last switch.

    Raises
    ------
    DeploymentError : there is nothing to go back to, or its versions may not be used any more.
    """
    deployment = _locked(deployment, user, seen)
    former = former_of(deployment)
    if former is None:
        raise DeploymentError(NO_FORMER)
    challengers = [Challenger(part.version, part.percent or None) for part in former.challengers]
    _require_deployable(deployment.registered_model, former.champion, challengers)
    return _put_in_force(
        deployment, user, former.champion, challengers, why, act="deployment.rolled_back", copy_of=former
    )  # fmt: skip


@transaction.atomic
def switch_off(deployment: Deployment, user: User, *, why: str = "", seen: int | None = None) -> Configuration:
    """Have nobody answered until the next switch.

    Raises
    ------
    DeploymentError : it is off already, or somebody else was first.
    """
    deployment = _locked(deployment, user, seen)
    if not deployment.is_on:
        raise DeploymentError(SAME)
    return _put_in_force(deployment, user, None, (), why, act="deployment.switched_off")


def former_of(deployment: Deployment) -> Configuration | None:
    """Return the configuration to roll back to: the last one that answered and is not what answers now."""
    now = deployment.current
    if now is None:
        return None
    shape = _shape(now)
    # What was rolled back from is not gone back to: a second roll back goes one step further.
    before = now.copy_of.number if now.copy_of else now.number
    earlier = deployment.configurations.filter(number__lt=before, is_on=True).prefetch_related(
        "parts__version__registered_model"
    )
    return next((each for each in earlier if _shape(each) != shape), None)


def _locked(deployment: Deployment, user: User, seen: int | None) -> Deployment:
    _require_maker(user, deployment.workspace)
    found = Deployment.objects.select_for_update().get(pk=deployment.pk)
    if seen is not None and (found.current is None or found.current.number != seen):
        raise DeploymentError(MEANWHILE)
    return found


def _require_maker(user: User, workspace: Workspace) -> None:
    if not may_switch(user, workspace):
        raise PermissionDenied(NOT_YOUR_ROLE)


def _require_deployable(model: RegisteredModel, champion: ModelVersion, challengers: Sequence[Challenger]) -> None:
    if len(challengers) > MOST_CHALLENGERS:
        raise DeploymentError(TOO_MANY, most=MOST_CHALLENGERS).about("challengers")
    known: set[int] = set()
    for place, version in (("champion", champion), *(("challengers", each.version) for each in challengers)):
        if version.pk in known:
            raise DeploymentError(TWICE, version=str(version)).about(place)
        known.add(version.pk)
        require_usable(model, version, place)
    split = [each.percent for each in challengers if each.percent is not None]
    if any(not 1 <= percent <= 99 for percent in split):
        raise DeploymentError(BAD_SHARE).about("challengers")
    if sum(split) > 99:
        raise DeploymentError(TOO_MUCH, percent=sum(split)).about("challengers")
    if split and not champion.leaderboard_row.experiment.asked.id_column:
        raise DeploymentError(NO_IDS, version=str(champion)).about("challengers")


def require_usable(model: RegisteredModel, version: ModelVersion, place: str = "") -> None:
    """Raise unless a version may be put into use for a model: approved, in force, and what was signed."""
    if version.registered_model_id != model.pk:
        raise DeploymentError(OTHER_MODEL, version=str(version), model=model.name).about(place)
    if version.state != VersionState.APPROVED:
        raise DeploymentError(NOT_APPROVED, version=str(version)).about(place)
    if version.has_expired:
        raise DeploymentError(EXPIRED, version=str(version)).about(place)
    signed.sealed_folder_of(version)


def _put_in_force(
    deployment: Deployment,
    user: User,
    champion: ModelVersion | None,
    challengers: Sequence[Challenger],
    why: str,
    *,
    act: str,
    copy_of: Configuration | None = None,
) -> Configuration:
    """Write one configuration with its parts, point to it, and put it on record; all of it or nothing."""
    why = why.strip()
    if len(why) > LONGEST_WHY:
        raise DeploymentError(WHY_TOO_LONG, most=LONGEST_WHY).about("why")
    before = deployment.current
    made = Configuration.objects.create(
        deployment=deployment, number=before.number + 1 if before else 1, is_on=champion is not None, why=why,
        made_by=user, copy_of=copy_of,
    )  # fmt: skip
    if champion is not None:
        Part.objects.create(configuration=made, version=champion, role=Role.CHAMPION)
    for each in challengers:
        Part.objects.create(configuration=made, version=each.version, role=each.role, percent=each.percent or 0)
    deployment.current = made
    deployment.save(update_fields=["current"])
    told = [f"{each.version}: {each.role}" + (f" {each.percent}%" if each.percent else "") for each in challengers]
    details = {
        "environment": deployment.environment,
        "configuration": made.number,
        "configuration_before": before.number if before else None,
        "champion": str(champion) if champion else None,
        "challengers": told,
        "why": why,
    }
    record(user, act, workspace=deployment.workspace, obj=deployment, details=details)
    return made


def _shape(configuration: Configuration | None) -> frozenset[tuple[int, str, int]]:
    """Return what a configuration does, whoever made it and when."""
    parts = configuration.parts.all() if configuration else ()
    return frozenset((part.version_id, part.role, part.percent) for part in parts)


def _wanted(champion: ModelVersion, challengers: Sequence[Challenger]) -> frozenset[tuple[int, str, int]]:
    beside = [(each.version.pk, each.role.value, each.percent or 0) for each in challengers]
    return frozenset([(champion.pk, Role.CHAMPION.value, 0), *beside])
