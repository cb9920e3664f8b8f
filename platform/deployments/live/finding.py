"""Which deployment a program means by a name: one of its person's workspaces."""

from django.http import Http404

from accounts.models import User
from deployments.errors import DeploymentError
from deployments.live.answering import Scorer
from deployments.live.loaded import Served
from deployments.models import Deployment, Environment
from experiments.errors import gettext_noop

SEVERAL = gettext_noop("Several workspaces have a deployment %(name)s. Say which one is meant: ?workspace=…")


def served_as(
    scorer: Scorer, user: User, name: str, *, workspace: str | None = None, environment: str | None = None
) -> Served:
    """Return the deployment that a person means by a name; a stranger's does not exist.

    Raises
    ------
    Http404 : the person sees none of that name. DeploymentError : several workspaces have one.
    """
    known = getattr(user, "roles_by_workspace", None)
    own = list(user.memberships.values_list("workspace_id", flat=True)) if known is None else list(known)
    found = [
        each
        for each in scorer.loaded.named(name, own)
        if workspace in (None, each.workspace) and environment in (None, each.environment)
    ]
    if environment is None:
        found = [each for each in found if each.environment == Environment.PRODUCTION] or found
    if not found:
        raise Http404
    if len(found) > 1:
        raise DeploymentError(SEVERAL, name=name)
    return found[0]


def require_known(user: User, name: str) -> None:
    """Raise where a person sees no deployment of a name: what is not there needs nobody who has models open.

    Raises
    ------
    Http404 : the person sees none of that name.
    """
    if not Deployment.objects.filter(name=name, workspace__memberships__user=user).exists():
        raise Http404
