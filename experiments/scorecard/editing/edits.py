"""Changes of a column: borders moved, bins merged and split, a trend asked for, empty cells treated.

Every one returns a new column and leaves the other as it was, so that each can be undone.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from experiments.errors import BadInput, gettext_noop
from experiments.features.binning import BinningProcess
from experiments.features.partition import TRENDS, FineBins, Limits, best_partition
from experiments.features.woe import information_value
from experiments.scorecard.editing.draft import TREATMENTS, DraftBin, DraftColumn
from experiments.scorecard.editing.fine_counts import FineColumn, FineCounts

# A search through all cells of a long column would take longer than a person waits.
MOST_TO_SEARCH = 80

NO_BIN = gettext_noop("%(column)s has no bin %(number)s.")
NOTHING_TO_MERGE = gettext_noop("Only neighbouring bins of values can be merged.")
NOTHING_TO_SPLIT = gettext_noop("This bin of %(column)s cannot be split: no counted border lies within it.")
NO_BORDER_BETWEEN = gettext_noop("%(column)s: no counted border lies between %(low)s and %(high)s.")
NOT_A_NUMBER = gettext_noop("%(column)s: a border must be a number.")
NO_LEVELS = gettext_noop("Choose some of the values of this bin, but not all, to split them off.")
TOO_RARE = gettext_noop("%(column)s: %(level)s is too rare to be split off alone.")
NO_ORDER = gettext_noop("Give every value of %(column)s once, from lowest to highest.")
UNKNOWN_TREND = gettext_noop("%(trend)s is not a trend. Choose one of: %(trends)s.")
UNKNOWN_TREATMENT = gettext_noop("Missing and special values can keep their own bin, be neutral, worst, or join a bin.")


def merge(column: DraftColumn, position: int, other_position: int | None = None) -> DraftColumn:
    """Return the column with a regular bin and another, the next unless one is named, as one; ranges are neighbours."""
    regular = column.regular
    first, second = sorted((position, position + 1 if other_position is None else other_position))
    are_bins = 0 <= first < second < len(regular)
    # What has an order is merged along it.
    if not are_bins or (second != first + 1 and (column.is_ordered or column.order)):
        raise BadInput(NOTHING_TO_MERGE)
    one, other = regular[first], regular[second]
    if column.is_ordered:
        joined = replace(one, high=other.high)
    else:
        kind = "other" if "other" in (one.kind, other.kind) else "levels"
        joined = replace(one, kind=kind, levels=(*one.levels, *other.levels))
    rest = (*regular[first + 1 : second], *regular[second + 1 :])
    return _with_regular(column, (*regular[:first], joined, *rest))


def move_border(column: DraftColumn, counts: FineCounts, position: int, *, to: float) -> DraftColumn:
    """Return the column with the border above a bin at the counted border nearest to ``to``."""
    edges, fine = column.edges, counts.column(column.name)
    if not 0 <= position < len(edges):
        raise BadInput(NO_BIN, column=column.name, number=position + 1)
    low = edges[position - 1] if position else -np.inf
    high = edges[position + 1] if position + 1 < len(edges) else np.inf
    moved = _nearest(column, fine, to, low=low, high=high)
    return _cut_at(column, (*edges[:position], moved, *edges[position + 1 :]))


def split(
    column: DraftColumn, counts: FineCounts, position: int, *, at: float | None = None, levels: Sequence[str] = ()
) -> DraftColumn:
    """Return the column with a bin parted in two: at a border, by levels, or where that tells the most."""
    regular = column.regular
    if not 0 <= position < len(regular):
        raise BadInput(NO_BIN, column=column.name, number=position + 1)
    if not column.is_ordered:
        return _split_levels(column, counts, position, levels)
    bin_ = regular[position]
    low = -np.inf if bin_.low is None else bin_.low
    high = np.inf if bin_.high is None else bin_.high
    fine = counts.column(column.name)
    inner = [edge for edge in fine.edges if low < edge < high]
    if not inner:
        raise BadInput(NOTHING_TO_SPLIT, column=column.name)
    if at is None:
        border = _most_telling(column, counts, inner, position)
    else:
        border = _nearest(column, fine, at, low=low, high=high)
    return _cut_at(column, tuple(sorted((*column.edges, border))))


def set_trend(column: DraftColumn, counts: FineCounts, trend: str) -> DraftColumn:
    """Return the column cut anew so that its event rate follows a trend; of a category, over the order of its levels.

    A category without an order is cut along its event rate, whatever is asked.
    """
    if trend not in TRENDS:
        raise BadInput(UNKNOWN_TREND, trend=trend, trends=", ".join(TRENDS))
    fine, cells = counts.column(column.name), counts.cells_of(column.name)
    places = _places_in_order(column, fine, cells)
    inner = FineBins(*(getattr(cells, name)[places] for name in ("rows", "raw_events", "events", "non_events")))
    asked = trend if column.is_ordered or column.order else "ascending"
    starts = _starts(inner, asked, counts.grid.rows, counts.grid.events)
    if column.is_ordered:
        cut = _cut_at(column, tuple(fine.edges[start - 1] for start in starts[1:]))
    else:
        cut = _with_regular(column, _groups(column, fine, places, starts))
    return replace(cut, trend=asked)


def set_order(column: DraftColumn, counts: FineCounts, levels: Sequence[str], *, trend: str) -> DraftColumn:
    """Return a category whose levels have an order, cut along it so that the event rate follows the trend."""
    known = {cell[0] for cell in counts.column(column.name).levels if len(cell) == 1}
    if column.is_ordered or set(levels) != known or len(levels) != len(known):
        raise BadInput(NO_ORDER, column=column.name)
    return set_trend(replace(column, order=tuple(levels)), counts, trend)


def treat(column: DraftColumn, position: int, treatment: str, *, joined_to: int | None = None) -> DraftColumn:
    """Return the column with a missing or special bin treated another way, see ``draft.TREATMENTS``."""
    known = 0 <= position < len(column.bins) and not column.bins[position].is_regular
    if not known:
        raise BadInput(NO_BIN, column=column.name, number=position + 1)
    if treatment not in TREATMENTS or (treatment == "joined" and joined_to not in range(len(column.regular))):
        raise BadInput(UNKNOWN_TREATMENT)
    bins = list(column.bins)
    like = joined_to if treatment == "joined" else None
    bins[position] = replace(bins[position], treatment=treatment, joined_to=like)
    return replace(column, bins=tuple(bins))


def _nearest(column: DraftColumn, fine: FineColumn, to: float, *, low: float, high: float) -> float:
    if not np.isfinite(to):
        raise BadInput(NOT_A_NUMBER, column=column.name)
    inner = [edge for edge in fine.edges if low < edge < high]
    if not inner:
        raise BadInput(NO_BORDER_BETWEEN, column=column.name, low=f"{low:g}", high=f"{high:g}")
    return min(inner, key=lambda edge: abs(edge - to))


def _cut_at(column: DraftColumn, edges: Sequence[float]) -> DraftColumn:
    return _with_regular(
        column, tuple(DraftBin("range", low=low, high=high) for low, high in pairwise((None, *edges, None)))
    )


def _with_regular(column: DraftColumn, regular: tuple[DraftBin, ...]) -> DraftColumn:
    """Return the column with other regular bins; what had joined one of them joins the one that holds its place."""
    side = tuple(
        replace(bin_, joined_to=_heir(column.regular[bin_.joined_to], regular))
        if bin_.joined_to is not None and bin_.joined_to < len(column.regular)
        else bin_
        for bin_ in column.side
    )
    return replace(column, bins=(*regular, *side))


def _heir(before: DraftBin, regular: tuple[DraftBin, ...]) -> int:
    def holds(bin_: DraftBin) -> bool:
        if before.kind != "range":
            return bool(set(before.levels) & set(bin_.levels)) or (before.kind == bin_.kind == "other")
        low = -np.inf if before.low is None else before.low
        return (bin_.low is None or bin_.low <= low) and (bin_.high is None or low < bin_.high)

    return next((place for place, bin_ in enumerate(regular) if holds(bin_)), 0)


def _most_telling(column: DraftColumn, counts: FineCounts, inner: Sequence[float], position: int) -> float:
    """Return the border within a bin that adds most information; one with no rows on a side parts nothing."""

    def worth(border: float) -> float:
        found = counts.bins_of(_cut_at(column, tuple(sorted((*column.edges, border)))))
        if not found.rows[position : position + 2].all():
            return -1.0
        return information_value(found.events, found.non_events)

    best = max(inner, key=worth)
    if worth(best) < 0:
        raise BadInput(NOTHING_TO_SPLIT, column=column.name)
    return best


def _split_levels(column: DraftColumn, counts: FineCounts, position: int, levels: Sequence[str]) -> DraftColumn:
    bin_ = column.regular[position]
    apart = tuple(level for level in bin_.levels if level in set(levels))
    if not levels and len(bin_.levels) > 1:
        apart = _likelier_half(column, counts, bin_)
    rest = tuple(level for level in bin_.levels if level not in apart)
    if not apart or not rest:
        raise BadInput(NO_LEVELS if len(bin_.levels) > 1 else NOTHING_TO_SPLIT, column=column.name)
    _refuse_uncounted(column, counts, apart=set(apart), rest=set(rest))
    two = (replace(bin_, levels=rest), DraftBin("levels", levels=apart))
    regular = column.regular
    return _with_regular(column, (*regular[:position], *two, *regular[position + 1 :]))


def _refuse_uncounted(column: DraftColumn, counts: FineCounts, *, apart: set[str], rest: set[str]) -> None:
    """Refuse to part levels that were counted together: what is shown would not be what is fitted."""
    for levels in counts.column(column.name).levels:
        if apart & set(levels) and rest & set(levels):
            raise BadInput(TOO_RARE, column=column.name, level=min(apart & set(levels)))


def _likelier_half(column: DraftColumn, counts: FineCounts, bin_: DraftBin) -> tuple[str, ...]:
    """Return the levels of a bin that lie above its largest gap in event rates, by information."""
    fine, cells = counts.column(column.name), counts.cells_of(column.name)
    inside = [place for place, levels in enumerate(fine.levels) if set(levels) & set(bin_.levels)]
    inside.sort(key=lambda place: _rate(cells, place))
    if len(inside) < 2:
        return ()
    events, others = cells.events[inside], cells.non_events[inside]

    def worth(start: int) -> float:
        return information_value(np.add.reduceat(events, [0, start]), np.add.reduceat(others, [0, start]))

    best = max(range(1, len(inside)), key=worth)
    return tuple(level for place in inside[best:] for level in fine.levels[place] if level in bin_.levels)


def _rate(cells: FineBins, place: int) -> float:
    total = cells.events[place] + cells.non_events[place]
    return float(cells.events[place] / total) if total else 0.0


def _places_in_order(column: DraftColumn, fine: FineColumn, cells: FineBins) -> list[int]:
    places = list(range(fine.regular))
    if column.is_ordered:
        return places
    if column.order:
        rank = {level: number for number, level in enumerate(column.order)}
        # What was too rare to be named stands where its event rate does: at the end of the order.
        return sorted(places, key=lambda place: rank.get(fine.levels[place][0], len(rank)))
    return sorted(places, key=lambda place: _rate(cells, place))


def _starts(inner: FineBins, trend: str, rows: int, events: int) -> list[int]:
    usual = BinningProcess()
    scarcer = min(events, rows - events)
    limits = Limits(
        usual.max_bins, usual.min_share * rows, max(1.0, min(usual.min_events, scarcer / 10)), usual.price_per_bin,
        usual.price_of_turn,
    )  # fmt: skip
    firsts = _first_cells(inner.rows)
    if len(firsts) < 2:
        return [0]
    found = FineBins(
        *(np.add.reduceat(getattr(inner, name), firsts) for name in ("rows", "raw_events", "events", "non_events"))
    )
    starts, _trend = best_partition(found, trend, limits)
    return [int(firsts[start]) for start in starts]


def _first_cells(rows: np.ndarray) -> np.ndarray:
    """Return where groups of neighbouring cells begin, each with about a hundredth of the rows: enough to search."""
    least, held, firsts = rows.sum() / MOST_TO_SEARCH, 0.0, [0]
    for place, count in enumerate(rows[:-1].tolist()):
        held += count
        if held >= least and held > 0:
            firsts.append(place + 1)
            held = 0.0
    return np.array(firsts)


def _groups(
    column: DraftColumn, fine: FineColumn, places: Sequence[int], starts: Sequence[int]
) -> tuple[DraftBin, ...]:
    rare = {level for bin_ in column.regular if bin_.kind == "other" for level in bin_.levels}
    bins = []
    for start, end in pairwise([*starts, len(places)]):
        levels = tuple(sorted(level for place in places[start:end] for level in fine.levels[place]))
        bins.append(DraftBin("levels", levels=levels))
    holder = next((n for n, bin_ in enumerate(bins) if rare & set(bin_.levels)), None)
    if holder is not None:
        bins[holder] = replace(bins[holder], kind="other")
    return tuple(bins)
