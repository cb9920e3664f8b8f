"""Reads of the audit log."""

from django.db.models import Q, QuerySet

from accounts.models import User, Workspace
from audit.models import AuditEntry

# What nobody in particular has done, in no workspace in particular; only admins are shown it.
REFUSED_AT_THE_DOOR = ("person.sign_in_failed", "api_token.refused")


def entries_of(workspace: Workspace, *, for_admin: bool) -> QuerySet[AuditEntry]:
    """Return what happened in a workspace, and what its people did outside of any, newest first.

    Admins see as well who was refused at the door: for the workspace's people, and for names and keys nobody knows.
    """
    people = User.objects.filter(memberships__workspace=workspace)
    shown = Q(workspace=workspace) | Q(workspace=None, actor__in=people)
    if for_admin:
        ids = [str(pk) for pk in people.values_list("pk", flat=True)]
        about = Q(object_id="") | Q(object_type=User._meta.label_lower, object_id__in=ids)
        shown |= Q(workspace=None, actor=None, action__in=REFUSED_AT_THE_DOOR) & about
    return AuditEntry.objects.filter(shown).select_related("actor").order_by("-id")


def actions_in(workspace: Workspace, *, for_admin: bool) -> list[str]:
    """Return the kinds of act that occur, for the filter."""
    return sorted(
        set(entries_of(workspace, for_admin=for_admin).order_by().values_list("action", flat=True).distinct())
    )
