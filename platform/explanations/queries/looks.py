"""What a worker found of a model over all customers or a segment, without what is hidden today."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.language import listed
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.inquiries import inquiry_of
from experiments.artifact.explanation import Explanation
from experiments.charts.coloured_dependence import ColouredDependenceData
from experiments.charts.partial_dependence import PartialDependenceData
from experiments.labels import group_name
from experiments.scoring.global_look import GlobalLook, GroupWeight
from explanations.queries.explanation import explanation_of, shown_explanation
from explanations.queries.segments import ChosenSegment, columns_offered, segment_chosen, segments_offered
from results.queries.columns import in_words, names_of
from training.models import Experiment, LeaderboardRow
from training.queries.hidden import hidden_columns

PAIRS_SHOWN = 12
GROUPS_SHOWN = 12


def asked_of(segment: ChosenSegment | None) -> dict[str, Any]:
    """Return what a worker is asked: all customers, or a segment."""
    return {"segment": segment.asked.to_dict() if segment else {}}


def inquiry_for(row: LeaderboardRow, segment: ChosenSegment | None) -> Inquiry | None:
    """Return what was asked of a model over these customers, whether it is answered or not."""
    return inquiry_of(row.experiment, row, Subject.EXPLANATION, asked_of(segment))


def look_of(inquiry: Inquiry | None) -> GlobalLook | None:
    """Return what a worker found, as pages show it; None while nobody knows."""
    if inquiry is None or inquiry.is_waiting or inquiry.has_failed:
        return None
    experiment, found = inquiry.experiment, GlobalLook.from_dict(inquiry.answer)
    rule = hidden_columns([experiment])
    hidden, sensitive = set(rule.unshown), rule.secret
    return replace(
        found,
        explanation=shown_explanation(experiment, found.explanation),
        coloured={
            name: _coloured_in_words(experiment, each)
            for name, each in found.coloured.items()
            if not hidden & {name, each.partner}
        },
        partial={
            name: _partial_in_words(experiment, each, hidden)
            for name, each in found.partial.items()
            if name not in sensitive
        },
    )


@dataclass(frozen=True)
class Seen:
    """What the page of reasons is about: the explanation of all customers or of a segment, and what a worker found.

    Attributes
    ----------
    by : the column that is cut by, while its level is still being chosen too. explained : of the segment where one is
        chosen; without anything while nobody has looked at it.
    """

    experiment: Experiment
    by: str
    segment: ChosenSegment | None
    inquiry: Inquiry | None
    look: GlobalLook | None
    explained: Explanation

    @property
    def address(self) -> dict[str, str]:
        """What the address of a chart says of the segment."""
        return {"by": self.by, "level": self.segment.key} if self.segment else {}


def seen_by(row: LeaderboardRow, given: Mapping[str, str]) -> Seen:
    """Return what an address asks to see; of all customers the run kept an explanation, of a segment a worker makes it.

    The customers of the run's own examples stay in view: they belong to no segment.
    """
    experiment = row.experiment
    segment = segment_chosen(experiment, given)
    inquiry = inquiry_for(row, segment)
    found, kept = look_of(inquiry), explanation_of(row)
    if segment is not None:
        own = found.explanation if found else Explanation(unit=kept.unit)
        kept = replace(own, examples=kept.examples)
    return Seen(experiment, given.get("by", ""), segment, inquiry, found, kept)


def look_shown(seen: Seen) -> dict[str, Any]:
    """Return what the page shows of what a worker found, and of what can be chosen and asked."""
    found, experiment = seen.look, seen.experiment
    return {
        "cut_columns": list(columns_offered(experiment).items()), "by": seen.by,
        "levels": list(segments_offered(experiment, seen.by).values()),
        "segment": seen.segment, "inquiry": seen.inquiry, "look": found, "look_rows": found.rows if found else None,
        # Of all customers the factors are what the run explained, and not what a worker looked at since.
        "factor_rows": None if seen.segment else seen.explained.rows,
        "is_waiting": bool(seen.inquiry and seen.inquiry.is_waiting),
        "pairs": pairs_of(experiment, found) if found else [], "groups": groups_of(experiment, found) if found else [],
    }  # fmt: skip


def _coloured_in_words(experiment: Experiment, found: ColouredDependenceData) -> ColouredDependenceData:
    levels = tuple(in_words(experiment, found.curve.column, level) for level in found.curve.levels)
    partner = tuple(in_words(experiment, found.partner, level) for level in found.partner_levels)
    return replace(found, curve=replace(found.curve, levels=levels), partner_levels=partner)


def _partial_in_words(
    experiment: Experiment, found: PartialDependenceData, hidden: Collection[str]
) -> PartialDependenceData:
    """Of a protected column the mean is told, and nothing customer by customer."""
    levels = tuple(in_words(experiment, found.column, level) for level in found.levels)
    return replace(found, levels=levels, curves=() if found.column in hidden else found.curves)


@dataclass(frozen=True)
class ShownPair:
    """Two columns that act together, in the reader's words; ``width`` of its bar in per cent of the strongest."""

    first: str
    second: str
    h: float
    strength: float
    width: float


def pairs_of(experiment: Experiment, found: GlobalLook) -> list[ShownPair]:
    """Return the strongest pairs; none of a model that adds up column by column."""
    names, greatest = names_of(experiment), max((one.strength for one in found.interactions), default=0) or 1
    return [
        ShownPair(
            names.get(one.first, one.first), names.get(one.second, one.second), one.h, one.strength,
            100 * one.strength / greatest,
        )
        for one in found.interactions[:PAIRS_SHOWN]
        if one.strength > 0
    ]  # fmt: skip


@dataclass(frozen=True)
class ShownGroup:
    """A group of columns that give one reason, with its weight."""

    label: str
    others: str
    share: float
    width: float


def groups_of(experiment: Experiment, found: GlobalLook) -> list[ShownGroup]:
    """Return the groups from the weightiest down: by the dictionary's name with their columns, or by a column's."""
    names, greatest = names_of(experiment), max((one.share for one in found.groups), default=0) or 1
    return [
        ShownGroup(
            group_called(names, one),
            _summed_with(names, one.columns, one.group), one.share, 100 * one.share / greatest,
        )
        for one in found.groups[:GROUPS_SHOWN]
    ]  # fmt: skip


def group_called(names: dict[str, str], one: GroupWeight) -> str:
    """Return what a group is called: by the dictionary, or by the column that it is named after."""
    if one.group in one.columns:
        return names.get(one.group, one.group)
    return group_name(one.group, get_language())


def _summed_with(names: dict[str, str], columns: tuple[str, ...], group: str) -> str:
    others = [names.get(name, name) for name in columns if name != group]
    if group not in columns:
        return listed(others)
    return _("summed with %(columns)s") % {"columns": listed(others)} if others else ""
