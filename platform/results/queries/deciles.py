"""The decile table of a sample, ready to be shown."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.language import joined
from common.templatetags.formatting import NOTHING, rate
from experiments.house_rules import is_enough, too_few
from training.models import Experiment
from training.words import sentences, words_for

# Ten equal groups of a number of rows that ten does not divide miss their round shares by less than this.
HALF_A_PERCENT = 0.005


@dataclass(frozen=True)
class DecileLine:
    group: int
    cells: list[str]
    share: float
    is_cut: bool


@dataclass(frozen=True)
class Deciles:
    header: list[str]
    rows: list[DecileLine]
    reading: str


def deciles_of(experiment: Experiment, found: dict[str, Any], sample: str) -> Deciles | None:
    """Return the decile table of a sample with a line under the group the contact quota ends in."""
    table = found.get(sample, {}).get("deciles")
    if not table or not table.get("rows"):
        return None
    words = words_for(experiment)
    greatest = max(row["event_rate"] or 0 for row in table["rows"]) or 1
    reached, lines, has_cut = 0.0, [], False
    for row in table["rows"]:
        reached += row["share"] or 0
        is_cut = not has_cut and reached >= experiment.contact_share - HALF_A_PERCENT
        has_cut = has_cut or is_cut
        lines.append(DecileLine(row["group"], _decile_cells(row), 100 * (row["event_rate"] or 0) / greatest, is_cut))
    header = [
        _("Probability from"), _("Rows"), str(words.events), str(words.non_events), str(words.rate),
        _("Cum. %(who)s") % {"who": str(words.events).lower()},
        _("Cum. %(who)s") % {"who": str(words.non_events).lower()}, "KS×100", _("Lift"), _("Cum. lift"),
    ]  # fmt: skip
    return Deciles(header, lines, _decile_reading(table))


def rows_too_few(table: dict[str, Any]) -> str:
    """Say of a decile table's sample that it is too small to judge by; nothing where it is large enough."""
    rows, events = table.get("row_count", 0), table.get("event_count", 0)
    return "" if is_enough(rows, events) or not rows else sentences(too_few(rows, events))


def _decile_cells(row: dict[str, Any]) -> list[str]:
    low = row.get("low")
    return [
        NOTHING if low is None else rate(low, 1),
        f"{row['rows']:,}",
        f"{row['row_events']:,}",
        f"{row['rows'] - row['row_events']:,}",
        rate(row["event_rate"], 2),
        rate(row["cumulative_event_share"], 1),
        rate(row["cumulative_non_event_share"], 1),
        NOTHING if row["ks"] is None else f"{100 * row['ks']:.1f}",
        NOTHING if row["lift"] is None else f"{row['lift']:.2f}",
        NOTHING if row["cumulative_lift"] is None else f"{row['cumulative_lift']:.2f}",
    ]


def _decile_reading(table: dict[str, Any]) -> str:
    if told := rows_too_few(table):
        return told
    told = _("KS over these ten groups is %(ks)s, at most the exact KS; the two are never mixed.") % {
        "ks": f"{100 * (table.get('ks_bin') or 0):.1f}"
    }
    inversions = table.get("inversions", 0)
    if not inversions:
        return joined(told, _("The rate falls from group to group without exception."))
    rises = ngettext(
        "The rate rises once where it should fall.", "The rate rises %(count)d times where it should fall.", inversions
    )
    return joined(told, rises % {"count": inversions})
