"""What waits in the inbox: requests to decide, and answers to own requests."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from approvals.queries.approvals import to_decide
from common.inbox import MOST, InboxItem
from registry.models import ApprovalRequest


def requests_to_decide(user: User, workspace: Workspace, since: datetime) -> Iterator[InboxItem]:
    """However old they are: a request waits until somebody decides."""
    for request in to_decide(user, workspace)[:MOST]:
        yield InboxItem(
            at=request.created_at, icon="rosette-discount-check", tone="warn",
            title=_("%(who)s asks for approval of “%(model)s”")
            % {"who": request.author, "model": request.model_version},
            text=request.note, url=reverse("approval_detail", args=[request.pk]), action=_("Decide"),
        )  # fmt: skip


def answers_to_own_requests(user: User, workspace: Workspace, since: datetime) -> Iterator[InboxItem]:
    answered = ApprovalRequest.objects.filter(
        model_version__registered_model__workspace=workspace, author=user, decided_at__gte=since
    ).select_related("decided_by", "model_version__registered_model")
    return map(_answer, answered[:MOST])


def _answer(request: ApprovalRequest) -> InboxItem:
    names = {"who": request.decided_by, "model": request.model_version}
    decision = ApprovalRequest.Decision
    icon, tone, title = {
        decision.APPROVED: ("circle-check", "good", _("%(who)s approved “%(model)s”")),
        decision.CHANGE: ("message", "info", _("%(who)s asks for changes to “%(model)s”")),
        decision.REFUSED: ("circle-x", "bad", _("%(who)s refused “%(model)s”")),
    }[decision(request.decision)]
    return InboxItem(
        at=request.decided_at or request.created_at, icon=icon, tone=tone, title=title % names, text=request.comment,
        url=reverse("approval_detail", args=[request.pk]), action=_("Read"),
    )  # fmt: skip
