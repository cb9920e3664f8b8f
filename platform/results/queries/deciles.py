"""The decile table of a sample, ready to be shown."""

from dataclasses import dataclass
from math import isnan

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.language import joined
from common.templatetags.formatting import metric, rate
from experiments.artifact.diagnosis import DIAGNOSIS, Diagnosis
from experiments.artifact.evidence import ModelEvidence
from experiments.evaluation.deciles import DecileRow, DecileTable
from experiments.house_rules import is_enough, too_few
from results.queries.evidence import kept_beside
from training.models import Experiment, LeaderboardRow
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


GROUPS = (10, 20, 100)


def table_of_scores(row: LeaderboardRow, found: ModelEvidence, sample: str, groups: int) -> DecileTable | None:
    """Return a sample's score table in so many groups; a run that kept ten only has no other."""
    kept = kept_beside(row, DIAGNOSIS, Diagnosis).samples.get(sample)
    table = kept.score_tables.get(str(groups)) if kept else None
    return table or (found.of(sample).deciles if groups == GROUPS[0] else None)


def has_deciles(found: ModelEvidence, sample: str = "validation") -> bool:
    """Tell whether a sample has a score table of ten groups, without reading the larger ones kept apart."""
    table = found.of(sample).deciles
    return table is not None and bool(table.rows)


def groups_kept(row: LeaderboardRow) -> dict[str, tuple[int, ...]]:
    """Return the samples whose score tables were kept, each with the numbers of groups there are."""
    kept = kept_beside(row, DIAGNOSIS, Diagnosis).samples
    return {name: tuple(sorted(map(int, sample.score_tables))) for name, sample in kept.items()}


def deciles_of(experiment: Experiment, table: DecileTable | None) -> Deciles | None:
    """Return a score table with a line under the group the contact quota ends in."""
    if table is None or not table.rows:
        return None
    words = words_for(experiment)
    rates = [0.0 if isnan(row.event_rate) else row.event_rate for row in table.rows]
    greatest = max(rates) or 1
    reached, lines, has_cut = 0.0, [], False
    for row, event_rate in zip(table.rows, rates, strict=True):
        reached += row.share
        is_cut = not has_cut and reached >= experiment.contact_share - HALF_A_PERCENT
        has_cut = has_cut or is_cut
        lines.append(DecileLine(row.group, _decile_cells(row), 100 * event_rate / greatest, is_cut))
    header = [
        _("Probability from"), _("Rows"), str(words.events), str(words.non_events), str(words.rate),
        _("Cum. %(who)s") % {"who": str(words.events).lower()},
        _("Cum. %(who)s") % {"who": str(words.non_events).lower()}, "KS×100", _("Lift"), _("Cum. lift"),
    ]  # fmt: skip
    return Deciles(header, lines, _decile_reading(table))


def rows_too_few(table: DecileTable) -> str:
    """Say of a decile table's sample that it is too small to judge by; nothing where it is large enough."""
    rows, events = table.row_count, table.event_count
    return "" if is_enough(rows, events) or not rows else sentences(too_few(rows, events))


def _decile_cells(row: DecileRow) -> list[str]:
    return [
        rate(row.low, 1),
        f"{row.rows:,}",
        f"{row.row_events:,}",
        f"{row.rows - row.row_events:,}",
        rate(row.event_rate, 2),
        rate(row.cumulative_event_share, 1),
        rate(row.cumulative_non_event_share, 1),
        metric(100 * row.ks, 1),
        metric(row.lift, 2),
        metric(row.cumulative_lift, 2),
    ]


def _decile_reading(table: DecileTable) -> str:
    if told := rows_too_few(table):
        return told
    told = _("KS over these %(groups)d groups is %(ks)s. It cannot exceed the exact KS, and the two are not "
        "comparable.") % {
        "groups": len(table.rows), "ks": metric(100 * table.ks_bin, 1),
    }  # fmt: skip
    inversions = table.inversions
    if not inversions:
        return joined(told, _("The rate falls from group to group without exception."))
    rises = ngettext(
        "The rate rises once where it should fall.", "The rate rises %(count)d times where it should fall.", inversions
    )
    return joined(told, rises % {"count": inversions})
