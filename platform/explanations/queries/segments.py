"""The segments that the page of reasons can be narrowed to: levels and ranges of columns that may be cut by."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Column, ColumnType
from checks.models import ColumnRole
from common.once import once_a_page
from experiments.features.levels import level_text
from experiments.scoring.global_look import FEWEST_ROWS, SegmentAsked
from results.queries.columns import in_words, meanings_of, names_of, segment_value
from training.models import Experiment
from training.queries.hidden import hidden_columns

LEVELS = 12


@dataclass(frozen=True)
class ChosenSegment:
    """A segment that was chosen, with its name."""

    key: str
    name: str
    asked: SegmentAsked


@dataclass(frozen=True)
class _Range:
    column: str
    label: str
    kind: str = "range"


def columns_offered(experiment: Experiment) -> dict[str, str]:
    """Return the columns to cut by, by name: none that is sensitive, protected or personal, nor target and id."""
    names = names_of(experiment)
    return {column.name: names.get(column.name, column.name) for column in _columns(experiment)}


def segments_offered(experiment: Experiment, name: str) -> dict[str, ChosenSegment]:
    """Return the segments of a column by their keys; nothing of a column that may not be cut by."""
    column = next((each for each in _columns(experiment) if each.name == name), None)
    if column is None:
        return {}
    label = names_of(experiment).get(name, name)
    return {
        key: ChosenSegment(key, _("%(column)s: %(value)s") % {"column": label, "value": told}, asked)
        for key, told, asked in _parts(experiment, column)
    }


def segment_chosen(experiment: Experiment, given: Mapping[str, str]) -> ChosenSegment | None:
    """Return the segment that an address names; None for all customers, and for what is no segment."""
    return segments_offered(experiment, given.get("by", "")).get(given.get("level", ""))


@once_a_page
def _columns(experiment: Experiment) -> list[Column]:
    """Return the columns to cut by; of the profile of each, which may be large, nothing is read before it is cut."""
    hidden = hidden_columns([experiment]).unshown
    roles = (
        experiment.data_check.columns.exclude(role__in=(ColumnRole.TARGET, ColumnRole.ID))
        .exclude(column__type=ColumnType.DATE)
        .filter(column__distinct_count__gt=1, column__profile__top_values__0__isnull=False, column__personal_data="")
        .select_related("column")
        .defer("column__profile", "column__special_values")
    )
    return [role.column for role in roles if role.column.name not in hidden]


def _parts(experiment: Experiment, column: Column) -> list[tuple[str, str, SegmentAsked]]:
    profile: dict[str, Any] = column.profile
    if column.type == "numeric" and column.distinct_count > LEVELS:
        found = _ranges(experiment, column, profile.get("quantiles") or {})
    else:
        found = [
            (
                f"level:{shown}",
                in_words(experiment, column.name, shown),
                SegmentAsked(column.name, "level", level=shown),
            )
            for each in profile["top_values"][:LEVELS]
            if each["count"] >= FEWEST_ROWS and (shown := level_text(each["value"]))
        ]
    if column.missing_count >= FEWEST_ROWS:
        found.append(("missing", _("missing"), SegmentAsked(column.name, "missing")))
    return found


def _ranges(
    experiment: Experiment, column: Column, quantiles: Mapping[str, float]
) -> list[tuple[str, str, SegmentAsked]]:
    """Return the quarters of a number."""
    edges = sorted({float(quantiles[name]) for name in ("p25", "p50", "p75") if quantiles.get(name) is not None})
    bounds: list[float | None] = [None, *edges, None]
    found = []
    for low, high in pairwise(bounds):
        # A key holds the whole number: ranges of large ones would be called alike by a few of their digits.
        words = ("−∞" if low is None else _whole(low), "+∞" if high is None else _whole(high))
        told = segment_value(_Range(column.name, f"[{words[0]}, {words[1]})"), meanings_of(experiment))
        asked = SegmentAsked(column.name, "range", low=low, high=high)
        found.append((f"range:{words[0]}:{words[1]}", told, asked))
    return found


def _whole(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() else repr(number)
