"""Which deployments there are, what each did of late, and whom it scored last."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet, Sum
from django.utils import timezone

from accounts.models import Workspace
from deployments.models import Configuration, Deployment, Role, Traffic
from registry.models import ModelVersion, RegisteredModel, VersionState
from registry.queries.models import versions_in

DAY = timedelta(hours=24)
# Upper ends of the milliseconds by which requests are counted; what takes longer stands in the last.
ENDS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 100, 200, 300, 500, 1_000, 3_000, 10_000, 60_000)
MOST_COLUMNS = 12


def deployments_in(workspace: Workspace) -> QuerySet[Deployment]:
    return with_parts(Deployment.objects.filter(workspace=workspace))


def with_parts(found: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """Return deployments with what answers now, in a fixed number of queries."""
    return found.select_related(
        "workspace", "registered_model", "created_by", "current__made_by", "current__copy_of"
    ).prefetch_related("current__parts__version__registered_model")


def history_of(deployment: Deployment) -> QuerySet[Configuration]:
    """Return every configuration of a deployment, the newest first."""
    return deployment.configurations.select_related("made_by", "copy_of").prefetch_related(
        Prefetch("parts__version", queryset=ModelVersion.objects.select_related("registered_model"))
    )


def deployable_in(workspace: Workspace) -> list[ModelVersion]:
    """Return the versions that can be put into use: approved and in force."""
    found = versions_in(workspace).filter(state=VersionState.APPROVED).order_by("registered_model__name", "-number")
    return [version for version in found if not version.has_expired]


def deployable_of(model: RegisteredModel) -> list[ModelVersion]:
    return [version for version in deployable_in(model.workspace) if version.registered_model_id == model.pk]


@dataclass
class Health:
    """What was counted of some requests."""

    requests: int = 0
    rows: int = 0
    refused: int = 0
    failed: int = 0
    probability: float = 0.0
    durations: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    last_at: datetime | None = None

    def add(self, row: Traffic) -> None:
        self.requests += row.requests
        self.rows += row.rows
        self.refused += row.refused
        self.failed += row.failed
        self.probability += row.probability
        self.durations.update(row.durations)
        self.empty.update(row.cover.get("empty", {}))
        self.unseen.update(row.cover.get("unseen", {}))
        if row.requests and (self.last_at is None or row.minute > self.last_at):
            self.last_at = row.minute

    @property
    def mean(self) -> float | None:
        return self.probability / self.rows if self.rows else None

    @property
    def p50(self) -> float | None:
        return percentile(self.durations, 0.5)

    @property
    def p99(self) -> float | None:
        return percentile(self.durations, 0.99)

    @property
    def state(self) -> str:
        """How it fares: quiet, failing, refusing or fine."""
        asked = self.requests + self.refused + self.failed
        if not asked:
            return "quiet"
        if self.failed:
            return "failing"
        return "refusing" if self.refused > asked / 20 else "fine"


@dataclass(frozen=True)
class MemberHealth:
    """What one version did, as champion, in the shadow or with a share."""

    version: ModelVersion
    role: str
    percent: int
    health: Health

    @property
    def label(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True)
class HealthPage:
    """What a page tells of a deployment's last hours."""

    whole: Health
    members: list[MemberHealth]
    hours: list[tuple[datetime, Health]]
    columns: list[tuple[str, int, int, float]]


def health_of(deployment: Deployment, *, since: timedelta = DAY) -> HealthPage:
    """Return what a deployment did of late: as a whole, by version and by hour, and which cells were not covered."""
    counted = deployment.traffic.filter(minute__gte=timezone.now() - since).order_by("minute", "pk")
    whole, hours = Health(), dict[datetime, Health]()
    by_member: dict[tuple[int | None, str], Health] = {}
    for row in counted:
        by_member.setdefault((row.version_id, row.role), Health()).add(row)
        if row.role == Role.SHADOW:
            continue
        whole.add(row)
        hours.setdefault(row.minute.replace(minute=0, second=0, microsecond=0), Health()).add(row)
    parts = deployment.current.parts.all() if deployment.current else ()
    members = [
        MemberHealth(part.version, part.role, part.percent, by_member.get((part.version_id, part.role), Health()))
        for part in parts
    ]
    return HealthPage(whole, members, sorted(hours.items(), reverse=True), _columns(whole))


def totals_in(workspace: Workspace) -> dict[int, dict[str, Any]]:
    """Return requests, refusals and failures of the last day by deployment."""
    found = Traffic.objects.filter(deployment__workspace=workspace, minute__gte=timezone.now() - DAY)
    sums = found.exclude(role=Role.SHADOW).values("deployment").annotate(
        requests=Sum("requests"), refused=Sum("refused"), failed=Sum("failed"), rows=Sum("rows")
    ).order_by()  # fmt: skip
    return {each["deployment"]: {**each} for each in sums}


def percentile(durations: Counter[str] | dict[str, int], share: float) -> float | None:
    """Return under how many milliseconds this share of requests was answered; nothing where none was.

    >>> percentile({"5": 50, "10": 50}, 0.5), percentile({}, 0.5)
    (5.0, None)
    """
    total = sum(durations.values())
    seen = 0
    for end in sorted(durations, key=float):
        seen += durations[end]
        if total and seen >= share * total:
            return float(end)
    return None


def end_of(milliseconds: float) -> str:
    """Return the bucket in which a duration is counted."""
    return str(next((end for end in ENDS if milliseconds <= end), ENDS[-1]))


def _columns(whole: Health) -> list[tuple[str, int, int, float]]:
    """Return the columns with most cells empty or unseen: how many of each, and their share of the rows."""
    met: Iterable[str] = {*whole.empty, *whole.unseen}
    told = [
        (name, whole.empty[name], whole.unseen[name], (whole.empty[name] + whole.unseen[name]) / max(whole.rows, 1))
        for name in met
    ]
    return sorted(told, key=lambda each: (-each[3], each[0]))[:MOST_COLUMNS]


def as_plain(deployment: Deployment) -> dict[str, Any]:
    """Return a deployment as the API tells of it."""
    now = deployment.current
    champion = now.champion if now else None
    return {
        "id": deployment.pk,
        "name": deployment.name,
        "workspace": deployment.workspace.slug,
        "environment": deployment.environment,
        "model": deployment.registered_model.name,
        "is_on": deployment.is_on,
        "configuration": now.number if now else 0,
        "champion": champion.pk if champion else None,
        "champion_version": champion.number if champion else None,
        "challengers": [
            {"version_id": part.version_id, "version": part.version.number, "role": part.role, "percent": part.percent}
            for part in (now.challengers if now else ())
        ],
        "created_at": deployment.created_at,
    }


def configuration_as_plain(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration as the API tells of it."""
    champion = configuration.champion
    return {
        "number": configuration.number,
        "is_on": configuration.is_on,
        "champion": champion.pk if champion else None,
        "challengers": [
            {"version_id": part.version_id, "version": part.version.number, "role": part.role, "percent": part.percent}
            for part in configuration.challengers
        ],
        "rolled_back_to": configuration.copy_of.number if configuration.copy_of else None,
        "why": configuration.why,
        "made_by": str(configuration.made_by),
        "made_at": configuration.made_at,
    }
