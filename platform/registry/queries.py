"""Reads worth a name: champions, the approvals inbox, and what a check list still asks for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.permissions import is_admin
from experiments.house_rules import TOO_FEW
from registry.deciders import bars_for
from registry.evidence import MAY_BE_MISSING
from registry.models import Alias, ApprovalRequest, EvidenceCheck, ModelVersion, RegisteredModel, VersionState
from registry.reruns import reruns_of, settled_checks
from training.models import Experiment, LeaderboardRow

Decision = ApprovalRequest.Decision


def champion_of(model: RegisteredModel) -> ModelVersion | None:
    return model.versions.filter(alias=Alias.CHAMPION).first()


def fallback_of(model: RegisteredModel) -> ModelVersion | None:
    """Return the approved version before the champion: the one to roll back to."""
    champion = champion_of(model)
    earlier = model.versions.filter(state=VersionState.APPROVED, alias=Alias.NONE)
    if champion:
        earlier = earlier.filter(number__lt=champion.number)
    return earlier.order_by("-number").first()


def models_in(workspace: Workspace) -> QuerySet[RegisteredModel]:
    """Return the workspace's models with their versions and their scoring, in a fixed number of queries."""
    versions = ModelVersion.objects.select_related("author").order_by("-number")
    return (
        RegisteredModel.objects.filter(workspace=workspace)
        .prefetch_related(Prefetch("versions", queryset=versions, to_attr="all_versions"))
        .annotate(
            last_scored_at=Max("versions__scoring_jobs__finished_at"),
            scored_count=Count("versions__scoring_jobs", filter=Q(versions__scoring_jobs__state="finished")),
        )
        .order_by("name")
    )


def versions_in(workspace: Workspace) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(registered_model__workspace=workspace).select_related(
        "registered_model__workspace",
        "author",
        "leaderboard_row__experiment__version__dataset",
        "leaderboard_row__experiment__data_check",
    )


def champions_in(workspace: Workspace) -> QuerySet[ModelVersion]:
    return versions_in(workspace).filter(alias=Alias.CHAMPION).order_by("registered_model__name")


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
    pending = requests_in(workspace).filter(decision=Decision.PENDING)
    requests = list(pending.prefetch_related("model_version__evidence_checks", "model_version__approval_requests"))
    reruns = reruns_of(request.model_version.leaderboard_row for request in requests)
    found = [_waiting(request, reruns) for request in requests]
    return sorted(found, key=lambda each: (-each.failed, -each.missing, each.approval.created_at))


def _waiting(request: ApprovalRequest, reruns: list[Experiment]) -> Waiting:
    states = Counter(check.state for check in settled_checks(request.model_version, reruns))
    return Waiting(request, failed=states["failed"], missing=states["missing"], warned=states["warning"])


def to_decide(user: User, workspace: Workspace) -> list[ApprovalRequest]:
    """Return the requests that wait for this person: an admin without a part in them."""
    if not is_admin(user, workspace):
        return []
    pending = list(requests_in(workspace).filter(decision=Decision.PENDING))
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
    earlier = others.filter(approval_requests__decision=Decision.APPROVED)
    return earlier.filter(approval_requests__decided_at__lt=request.decided_at).order_by("-number").first()


def returned_version(row: LeaderboardRow) -> ModelVersion | None:
    """Return the version of a finalist that was sent back for a change, if there is one."""
    return ModelVersion.objects.filter(leaderboard_row=row, state=VersionState.DRAFT).first()


def change_asked(version: ModelVersion | None) -> ApprovalRequest | None:
    """Return the decision that asked for the change that is still open."""
    if version is None or version.state != VersionState.DRAFT:
        return None
    asked = version.approval_requests.filter(decision=Decision.CHANGE).select_related("decided_by")
    return asked.order_by("-decided_at").first()


def scored_this_month(workspace: Workspace) -> dict[str, int]:
    first_day = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    versions = ModelVersion.objects.filter(registered_model__workspace=workspace)
    totals = versions.filter(scoring_jobs__state="finished", scoring_jobs__finished_at__gte=first_day).aggregate(
        files=Count("scoring_jobs"), rows=Sum("scoring_jobs__row_count")
    )
    return {"files": totals["files"], "rows": totals["rows"] or 0}


def missing_codes(checks: Iterable[EvidenceCheck]) -> list[str]:
    """Return the checks whose missing evidence stops an approval.

    Where there are too few events to judge, no more can be had: a written limit of use may stand in for it.
    """
    gaps = (check for check in checks if check.state == EvidenceCheck.State.MISSING)
    return [gap.code for gap in gaps if gap.code not in MAY_BE_MISSING and gap.value.get("message") != TOO_FEW]


def needs_limits_of_use(checks: Iterable[EvidenceCheck]) -> bool:
    return any(c.state in (EvidenceCheck.State.FAILED, EvidenceCheck.State.MISSING) for c in checks)
