"""Requests for approval: the inbox, what a decision stands against, and what its checks still ask for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User, Workspace
from accounts.permissions import is_admin
from approvals.queries.deciders import bars_for
from common.once import once_a_page
from experiments.house_rules import TOO_FEW
from registry.evidence.later import Later, current_checks
from registry.models import Alias, ApprovalRequest, EvidenceCheck, ModelVersion, VersionState
from registry.queries.models import versions_in

# These may be lacking: a written limit of use may stand in for them; any other gap blocks approval.
MAY_BE_MISSING = frozenset({"fairness", "signs", "rerun", "report"})


def requests_in(workspace: Workspace) -> QuerySet[ApprovalRequest]:
    return ApprovalRequest.objects.filter(model_version__registered_model__workspace=workspace).select_related(
        "model_version__registered_model__workspace",
        "model_version__leaderboard_row__experiment__version__dataset",
        "model_version__leaderboard_row__experiment__data_check",
        "author",
        "maker",
        "decided_by",
    )


@dataclass(frozen=True)
class Waiting:
    """A request that waits for a decision, with how many of its checks failed, warn or have no evidence."""

    approval: ApprovalRequest
    failed: int
    missing: int
    warned: int


def inbox_in(workspace: Workspace) -> list[Waiting]:
    """Return what waits for a decision, the riskiest first, then the oldest."""
    pending = requests_in(workspace).filter(decision=ApprovalRequest.Decision.PENDING)
    requests = list(pending.prefetch_related("model_version__evidence_checks", "model_version__approval_requests"))
    later = Later.of(request.model_version.leaderboard_row for request in requests)
    found = [_waiting(request, later) for request in requests]
    return sorted(found, key=lambda each: (-each.failed, -each.missing, each.approval.created_at))


def _waiting(request: ApprovalRequest, later: Later) -> Waiting:
    states = Counter(check.state for check in current_checks(request.model_version, later))
    return Waiting(request, failed=states["failed"], missing=states["missing"], warned=states["warning"])


@once_a_page
def to_decide(user: User, workspace: Workspace) -> list[ApprovalRequest]:
    """Return the requests that wait for this person: an admin without a part in them."""
    if not is_admin(user, workspace):
        return []
    pending = list(requests_in(workspace).filter(decision=ApprovalRequest.Decision.PENDING))
    bars = bars_for(user, pending)
    return [request for request in pending if request.pk not in bars]


def waiting_for(user: User, workspace: Workspace) -> int:
    """Count the requests this person could decide."""
    return len(to_decide(user, workspace))


def champion_before(request: ApprovalRequest) -> ModelVersion | None:
    """Return whom the version would replace, or replaced when it was approved."""
    version = request.model_version
    others = (
        versions_in(version.registered_model.workspace)
        .filter(registered_model=version.registered_model)
        .exclude(pk=version.pk)
    )
    if request.is_pending:
        return others.filter(alias=Alias.CHAMPION).first()
    earlier = others.filter(approval_requests__decision=ApprovalRequest.Decision.APPROVED)
    return earlier.filter(approval_requests__decided_at__lt=request.decided_at).order_by("-number").first()


def change_asked(version: ModelVersion | None) -> ApprovalRequest | None:
    """Return the decision that asked for the change that is still open."""
    if version is None or version.state != VersionState.CHANGES:
        return None
    asked = version.approval_requests.filter(decision=ApprovalRequest.Decision.CHANGE).select_related("decided_by")
    return asked.order_by("-decided_at").first()


def missing_codes(checks: Iterable[EvidenceCheck]) -> list[str]:
    """Return the checks whose missing evidence stops an approval.

    Where there are too few events to judge, no more can be had: a written limit of use may stand in for it.
    """
    gaps = (check for check in checks if check.state == EvidenceCheck.State.MISSING)
    return [gap.code for gap in gaps if gap.code not in MAY_BE_MISSING and gap.value.get("message") != TOO_FEW]


def needs_limits_of_use(checks: Iterable[EvidenceCheck]) -> bool:
    return any(c.state in (EvidenceCheck.State.FAILED, EvidenceCheck.State.MISSING) for c in checks)
