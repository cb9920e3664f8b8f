"""Who may decide on a request: an admin without a part in it, whose account nobody with a part has a hold on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User, Workspace
from accounts.permissions import NOT_YOUR_ROLE, role_in
from common.once import once_a_page
from registry.evidence.participants import parts_in
from registry.models import ApprovalRequest, ModelVersion
from registry.triggers import BARRED

OWN_MODEL = _("You cannot decide on your own model: someone else must.")
OWN_WORK = _("You worked on this model's experiment, so someone else must decide.")
HELD = {
    "person.added": _("%(by)s took part in building this model and created your account on %(day)s."),
    "person.password_reset": _("%(by)s took part in building this model and reset your password on %(day)s."),
    "person.role_changed": _("%(by)s took part in building this model and changed your role on %(day)s."),
    "person.reactivated": _("%(by)s took part in building this model and reactivated your account on %(day)s."),
}
UNTIL = _("So another admin must decide, or you from %(until)s on.")


@dataclass(frozen=True)
class Bar:
    """Why a person cannot decide on a request."""

    request_id: int
    user_id: int
    action: str
    by: User
    at: datetime

    @property
    def is_own_work(self) -> bool:
        return self.action == "worked"


def bars_for(user: User, requests: list[ApprovalRequest]) -> dict[int, Bar]:
    """Return by request what keeps a person from deciding, own work first, else the latest hold on the account."""
    pending = [request.pk for request in requests if request.is_pending]
    if not pending:
        return {}
    places = ", ".join(["%s"] * len(pending))
    query = (
        f"SELECT request_id, action, by_id, at FROM {BARRED} "  # noqa: S608 - the view's name and places for values
        f"WHERE user_id = %s AND request_id IN ({places}) ORDER BY CASE WHEN action = 'worked' THEN 1 ELSE 0 END, at"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [user.pk, *pending])
        rows = cursor.fetchall()
    people = User.objects.in_bulk({by for _request, _action, by, _at in rows})
    return {request: Bar(request, user.pk, action, people[by], _moment(at)) for request, action, by, at in rows}


def refusal_for(request: ApprovalRequest, user: User) -> str:
    """Return why a person cannot decide, as a sentence; empty for who can."""
    if role_in(user, request.model_version.registered_model.workspace) != Role.ADMIN:
        return gettext(NOT_YOUR_ROLE)
    if user.pk in (request.author_id, request.maker_id):
        return str(OWN_MODEL)
    if user.pk in parts_in(request.model_version.leaderboard_row.experiment):
        return str(OWN_WORK)
    bar = bars_for(user, [request]).get(request.pk)
    return told(bar, request) if bar else ""


@once_a_page
def refusal_for_version(version: ModelVersion, user: User) -> str:
    """Return why a person cannot decide on the open request of a version; empty for who can."""
    request = version.approval_requests.filter(decision=ApprovalRequest.Decision.PENDING).first()
    return refusal_for(request, user) if request is not None else gettext(NOT_YOUR_ROLE)


def told(bar: Bar, request: ApprovalRequest) -> str:
    """Return a bar as a sentence for whom it keeps from deciding."""
    if bar.is_own_work:
        return str(OWN_MODEL if bar.user_id in (request.author_id, request.maker_id) else OWN_WORK)
    until = bar.at + timedelta(days=request.independence_days)
    held = HELD[bar.action] % {"by": bar.by, "day": _day(bar.at)}
    return f"{held} {UNTIL % {'until': _day(until + timedelta(days=1))}}"


def free_deciders(request: ApprovalRequest, workspace: Workspace) -> list[User]:
    """Return the admins who can decide on a pending request."""
    worked = parts_in(request.model_version.leaderboard_row.experiment)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT user_id FROM {BARRED} WHERE request_id = %s", [request.pk])  # noqa: S608
        barred = {user for (user,) in cursor.fetchall()}
    return list(workspace.admins().exclude(pk__in=barred | set(worked)).order_by("username"))


def _moment(at: Any) -> datetime:
    """Return a moment that knows its zone: SQLite keeps them in UTC without one."""
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(moment: datetime) -> str:
    return timezone.localtime(moment).date().isoformat()
