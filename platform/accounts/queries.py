"""Who is where: reads about people, workspaces and keys."""

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.models import ApiToken, Membership, User, Workspace


def workspaces_of(user: User) -> QuerySet[Workspace]:
    """Workspaces this person is a member of; for anyone else they do not exist."""
    return Workspace.objects.filter(memberships__user=user).order_by("name")


def workspace_for(user: User, slug: str) -> Workspace:
    """Return the workspace if the person is a member; raise Http404 otherwise, so that its existence stays hidden."""
    workspace = workspaces_of(user).filter(slug=slug).first()
    if workspace is None:
        raise Http404
    return workspace


def people_of(workspace: Workspace) -> QuerySet[Membership]:
    """Everyone in a workspace with their role, active people first."""
    return (
        Membership.objects.filter(workspace=workspace)
        .select_related("user")
        .order_by("-user__is_active", "user__username")
    )


def user_for_token(secret: str) -> User | None:
    """Return whom a live API key belongs to, and note its use."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=ApiToken.digest_of(secret), revoked_at=None, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user
