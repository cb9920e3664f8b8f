"""The range of a column as pages show it: of its quantities, without the codes that stand for none."""

from collections.abc import Collection
from datetime import date
from typing import Any

from catalog.models import Column, ColumnType
from common.templatetags.formatting import number
from experiments.privacy.masking import masked

FIRST_DAY = "-01"


def range_of(column: Column, special: Collection[Any] = ()) -> str:
    """Return the lowest and the highest value that is none of the confirmed special ones; empty where none is known.

    A column of dates that holds the first day of months only is told in months.
    """
    profile = column.profile
    if column.type not in (ColumnType.NUMERIC, ColumnType.DATE) or profile.get("min") is None:
        return ""
    codes = {_comparable(value) for value in special}
    low, high = _end(profile, "min", "low", codes), _end(profile, "max", "high", codes)
    if column.type == ColumnType.DATE and holds_months(column):
        return f"{masked(low)[:7]} … {masked(high)[:7]}"
    return f"{_shown(low)} … {_shown(high)}"


def holds_months(column: Column) -> bool:
    """Tell whether each date is the first of a month and stands for the whole of it."""
    profile = column.profile
    ends, seen = [profile.get("min"), profile.get("max")], [*profile.get("top_values", []), *_extremes(profile)]
    days = {str(value)[:10] for value in [*ends, *(each.get("value") for each in seen)]}
    if len(days) < 2 or not all(day.endswith(FIRST_DAY) for day in days):
        return False
    try:
        first, last = (date.fromisoformat(str(end)[:10]) for end in ends)
    except ValueError:
        return False
    return column.distinct_count <= 12 * (last.year - first.year) + last.month - first.month + 1


def _extremes(profile: dict[str, Any]) -> list[dict[str, Any]]:
    known = profile.get("extremes") or {}
    return [*known.get("low", []), *known.get("high", [])]


def _end(profile: dict[str, Any], outermost: str, side: str, codes: set[Any]) -> Any:
    """Return the outermost value that is no code: one of the few kept as extremes, else of all others known."""
    if not codes or _comparable(profile[outermost]) not in codes:
        return profile[outermost]
    known = [each["value"] for each in (profile.get("extremes") or {}).get(side, [])]
    within = [value for value in known if _comparable(value) not in codes]
    if within:
        return within[0]
    others = [
        *(each.get("value") for each in profile.get("top_values", [])),
        *(profile.get("quantiles") or {}).values(),
    ]
    plain = [value for value in others if value is not None and _comparable(value) not in codes]
    return (min if side == "low" else max)(plain, default=profile[outermost])


def _comparable(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) else str(value)[:10]


def _shown(value: Any) -> str:
    shown = masked(value)
    return number(value) if isinstance(value, int | float) and "*" not in shown else shown[:10]
