"""The inventory as it is listed, narrowed and carried away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from accounts.queries import people_of
from inventory.dependants import Dependant, Kind, counts_of, kinds
from inventory.models import DAYS_BEFORE_REVIEW, InventoryEntry, Review, RiskTier
from registry.models import ModelVersion, RegisteredModel

SHOWN_OF_A_KIND = 5
UNRATED = "unrated"


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed by; empty means all."""

    tier: str = ""
    review: str = ""
    person: str = ""
    text: str = ""


@dataclass(frozen=True)
class Line:
    """One model of the inventory."""

    model: RegisteredModel
    entry: InventoryEntry
    champion: ModelVersion | None
    newest: ModelVersion | None
    counts: dict[str, int]

    @property
    def rests(self) -> list[tuple[Kind, int]]:
        """What rests on it, kind by kind."""
        return [(kind, self.counts[kind.code]) for kind in kinds() if kind.code in self.counts]


def models_for(workspace: Workspace, asked: Asked) -> QuerySet[RegisteredModel]:
    """Return the models of a workspace that fit what was asked, by name."""
    found = RegisteredModel.objects.filter(workspace=workspace)
    if asked.tier:
        tier = "" if asked.tier == UNRATED else asked.tier
        is_so = Q(inventory_entry__risk_tier=tier)
        found = found.filter(is_so | Q(inventory_entry=None) if tier == RiskTier.UNRATED else is_so)
    if asked.review:
        found = found.filter(_review(asked.review))
    if asked.person:
        names = Q(inventory_entry__owner__username=asked.person) | Q(inventory_entry__validator__username=asked.person)
        found = found.filter(names)
    if asked.text:
        in_text = Q(name__icontains=asked.text) | Q(inventory_entry__purpose__icontains=asked.text)
        found = found.filter(in_text | Q(inventory_entry__legal_basis__icontains=asked.text))
    return found.select_related(
        "workspace", "inventory_entry__owner", "inventory_entry__validator", "inventory_entry__changed_by"
    ).order_by("name", "pk")


def _review(asked: str) -> Q:
    """Return what tells in the database how a model stands towards its review, as ``InventoryEntry.review`` does."""
    day, today = "inventory_entry__next_review", timezone.localdate()
    soon = today + timedelta(days=DAYS_BEFORE_REVIEW)
    known: dict[str, Q] = {
        Review.NONE: Q(**{f"{day}__isnull": True}),
        Review.OVERDUE: Q(**{f"{day}__lt": today}),
        Review.SOON: Q(**{f"{day}__gte": today, f"{day}__lte": soon}),
        Review.LATER: Q(**{f"{day}__gt": soon}),
    }
    return known.get(asked, Q())


def lines_of(models: Iterable[RegisteredModel]) -> list[Line]:
    """Return models with their entries, versions and what rests on them, in a fixed number of queries."""
    every = list(models)
    counts = counts_of([model.pk for model in every])
    versions: dict[int, list[ModelVersion]] = {}
    for version in ModelVersion.objects.filter(registered_model__in=every).select_related("author").order_by("-number"):
        versions.setdefault(version.registered_model_id, []).append(version)
    return [_line(model, versions.get(model.pk, []), counts[model.pk]) for model in every]


def _line(model: RegisteredModel, versions: list[ModelVersion], counts: dict[str, int]) -> Line:
    entry = getattr(model, "inventory_entry", None)
    if entry is None:
        newest = next((version for version in versions if version.purpose), None)
        entry = InventoryEntry(model=model, purpose=newest.purpose if newest else "")
    champion = next((version for version in versions if version.is_champion), None)
    return Line(model, entry, champion, versions[0] if versions else None, counts)


def resting_on(model: RegisteredModel) -> list[tuple[Kind, int, list[Dependant]]]:
    """Return what rests on a model, kind by kind: how many, and the newest of them."""
    counts = counts_of([model.pk])[model.pk]
    return [
        (kind, counts[kind.code], kind.newest(model.pk, SHOWN_OF_A_KIND)) for kind in kinds() if kind.code in counts
    ]


def people_in(workspace: Workspace) -> list[User]:
    """Return who can own or validate a model: the active members."""
    return [each.user for each in people_of(workspace) if each.user.is_active]


def table_of(lines: Iterable[Line]) -> tuple[list[str], list[list[Any]]]:
    """Return the inventory as headings and rows, for files."""
    known = kinds()
    head = [
        _("Model"), _("Kind"), _("Risk tier"), _("Owner"), _("Validator"), _("Purpose"), _("Legal basis"),
        _("Next review"), _("Review"), _("Champion"), _("Versions"), _("Expiry"), *(str(kind.label) for kind in known),
        _("Changed by"), _("Changed at"),
    ]  # fmt: skip
    return head, [_row(line, known) for line in lines]


def _row(line: Line, known: list[Kind]) -> list[Any]:
    entry, champion = line.entry, line.champion
    return [
        line.model.name, line.model.kind_label, str(entry.get_risk_tier_display()), _name(entry.owner),
        _name(entry.validator), line.entry.purpose, entry.legal_basis, _day(entry.next_review),
        str(entry.review.label), f"v{champion.number}" if champion else "",
        line.newest.number if line.newest else 0, _day(champion.expires_on) if champion else "",
        *(line.counts.get(kind.code, 0) for kind in known), _name(entry.changed_by),
        timezone.localtime(entry.changed_at).strftime("%Y-%m-%d %H:%M") if entry.changed_at else "",
    ]  # fmt: skip


def _name(person: User | None) -> str:
    return str(person) if person else ""


def _day(day: Any) -> str:
    return day.isoformat() if day else ""
