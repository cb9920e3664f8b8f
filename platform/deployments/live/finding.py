"""Which deployment a program means by a name: one of its person's workspaces."""

from accounts.models import User
from common.missing import NotThere
from deployments.errors import DeploymentError
from deployments.live.answering import Scorer
from deployments.live.loaded import Served
from deployments.models import Environment
from experiments.errors import gettext_noop

SEVERAL = gettext_noop("Several workspaces have a deployment %(name)s. Say which one is meant: ?workspace=…")


def served_as(
    scorer: Scorer, user: User, name: str, *, workspace: str | None = None, environment: str | None = None
) -> Served:
    """Return the deployment that a person means by a name; a stranger's does not exist.

    Raises
    ------
    NotThere : the person sees none of that name. DeploymentError : several workspaces have one.
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
        names = {each.name for each in scorer.loaded.served.values() if each.workspace_id in own}
        raise NotThere("name", name, sorted(names))
    if len(found) > 1:
        raise DeploymentError(SEVERAL, name=name)
    return found[0]
