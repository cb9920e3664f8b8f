"""Reads of the audit log."""

from django.db.models import Q, QuerySet

from accounts.models import User, Workspace
from audit.models import AuditEntry


def entries_of(workspace: Workspace) -> QuerySet[AuditEntry]:
    """Return what happened in a workspace, and what its people did outside of any, newest first."""
    people = User.objects.filter(memberships__workspace=workspace)
    return (
        AuditEntry.objects.filter(Q(workspace=workspace) | Q(workspace=None, actor__in=people))
        .select_related("actor")
        .order_by("-id")
    )


def actions_in(workspace: Workspace) -> list[str]:
    """Return the kinds of act that occur, for the filter."""
    return sorted(set(entries_of(workspace).order_by().values_list("action", flat=True).distinct()))
