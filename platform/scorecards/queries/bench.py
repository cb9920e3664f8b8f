"""A card on the bench as its page shows it: columns, the bins of one, what was changed, how the whole ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from experiments.features.bins import Bin, BinnedColumn
from experiments.features.woe import iv_band
from experiments.scorecard.editing.draft import CardDraft, DraftColumn
from experiments.scorecard.editing.effects import ColumnEffect, Ranking, column_effect
from experiments.scorecard.editing.fine_counts import FineCounts
from experiments.scorecard.editing.weighing import weighed
from results.queries.columns import names_of
from scorecards.errors import NOTHING_SHOWN, CardRefused
from scorecards.models import CardEdit, EditedCard
from scorecards.queries.withheld import secret_on
from scorecards.words import BANDS, TREATMENTS, bin_in_words

WIDTH, HEIGHT = 1000, 200
# Above the highest bar the dots of single cells and the grips of the borders have their place.
HEADROOM, MOST_TICKS = 30, 4
ROUND_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
LEAST_WIDTH_OF_A_NUMBER = 18
FEW_SHARE, FEW_EVENTS, FEW_ROWS_A_CELL = 0.05, 10, 30
MOST_EDITS, MOST_MONTHS = 50, 36


@dataclass(frozen=True)
class ColumnLine:
    """A column in the list."""

    name: str
    label: str
    wanted: str
    iv: float
    share: float
    is_changed: bool
    is_current: bool


@dataclass(frozen=True)
class BinLine:
    """A bin in the table; ``upper`` is the border that can be moved, as it is typed; empty above the last bin."""

    place: int
    label: str
    kind: str
    rows: int
    share: float
    events: float
    rate: float | None
    woe: float
    iv: float
    points: float | None
    upper: str
    levels: list[str]
    treatment: str
    can_merge: bool
    is_side: bool
    is_small: bool
    x: float = 0.0
    width: float = 0.0
    y: float = 0.0
    height: float = 0.0

    @property
    def number(self) -> int:
        return self.place + 1

    @property
    def middle(self) -> float:
        """How far from the left its middle lies, in percent of the chart."""
        return 100 * (self.x + self.width / 2) / WIDTH

    @property
    def is_wide(self) -> bool:
        """Whether its number fits below its bar."""
        return self.width >= LEAST_WIDTH_OF_A_NUMBER

    @property
    def can_choose(self) -> bool:
        """Whether some of its values can be split off by name."""
        return not self.is_side and len(self.levels) > 1


@dataclass(frozen=True)
class Handle:
    """A border that can be dragged: of which bin, where, and its value."""

    place: int
    x: float
    value: float
    shown: str


@dataclass(frozen=True)
class MonthLine:
    month: str
    rates: list[float | None]


@dataclass(frozen=True)
class SeenLine:
    """A bin of the saved card with its event rates on training rows and on rows set aside."""

    label: str
    rows: int
    rate: float | None
    unseen_rows: int
    unseen_rate: float | None


@dataclass(frozen=True)
class Tick:
    """An event rate, and how high on the chart it lies."""

    rate: float
    y: float


@dataclass(frozen=True)
class Bench:
    """All that the page of a card shows."""

    card: EditedCard
    draft: CardDraft
    columns: list[ColumnLine]
    column: DraftColumn
    label: str
    bins: list[BinLine]
    handles: list[Handle]
    grid: list[list[float]]
    dots: list[tuple[float, float]]
    before: ColumnEffect
    after: ColumnEffect
    band: str
    ranking_saved: Ranking
    ranking: Ranking
    months: list[MonthLine]
    seen: list[SeenLine]
    seen_iv: float | None
    edits: Sequence[CardEdit]
    edit_count: int
    rows: int
    kept_rows: int
    levels_in_order: str
    ticks: list[Tick]
    overall: Tick
    secret: frozenset[str]

    @property
    def is_new(self) -> bool:
        """Whether the column was not on the card when it was last fitted, so that its points are not known."""
        return self.column.name not in self.card.coefficients


def bench_of(card: EditedCard, column: str) -> Bench:
    """Return a card as its page shows it, with the bins of one of its columns."""
    draft, saved, counts = card.now, card.before, FineCounts(card.counts_dir)
    secret = secret_on(card)
    shown = [one for one in draft.columns if one.name not in secret]
    if not shown:
        raise CardRefused(NOTHING_SHOWN)
    chosen = next((one for one in shown if one.name == column), shown[0])
    names = names_of(card.experiment)
    binned = {one.name: weighed(one, counts.bins_of(one), direction=draft.direction) for one in draft.columns}
    mine = binned[chosen.name]
    before = saved.column(chosen.name)
    first = column_effect(weighed(before, counts.bins_of(before), direction=saved.direction))
    highest = _highest(mine)
    bins = _bins(chosen, mine, card, draft)
    overall = counts.grid.events / max(1, counts.grid.rows)
    edits = card.edits.select_related("person")
    seen = card.rates_seen
    return Bench(
        card=card, draft=draft, columns=_lines(draft, saved, binned, names, card, chosen.name), column=chosen,
        label=names.get(chosen.name, chosen.name), bins=bins, handles=_handles(chosen, mine, bins),
        grid=_grid(chosen, counts, bins), dots=_dots(chosen, counts, highest), before=first,
        after=column_effect(mine), band=str(BANDS[iv_band(mine.iv)]), ranking_saved=card.ranked_before,
        ranking=card.ranks, months=_months(chosen, counts), seen=_seen(before, seen.columns.get(chosen.name, ())),
        seen_iv=seen.unseen_iv.get(chosen.name), edits=list(edits[:MOST_EDITS]), edit_count=edits.count(),
        rows=counts.grid.rows, kept_rows=counts.grid.kept_rows, levels_in_order=_levels_in_order(chosen, counts),
        ticks=_ticks(highest), overall=Tick(overall, _height_of(overall, highest)), secret=secret,
    )  # fmt: skip


def _lines(
    draft: CardDraft, saved: CardDraft, binned: Mapping[str, BinnedColumn], names: Mapping[str, str],
    card: EditedCard, current: str,
) -> list[ColumnLine]:  # fmt: skip
    spans = {
        column.name: card.coefficients.get(column.name, 0.0) * float(np.ptp([b.woe for b in binned[column.name].bins]))
        for column in draft.on_card
    }
    total = sum(spans.values()) or 1.0
    before = {column.name: column for column in saved.columns}
    lines = [
        ColumnLine(
            column.name, names.get(column.name, column.name), column.wanted, binned[column.name].iv,
            spans.get(column.name, 0.0) / total, is_changed=before.get(column.name) != column,
            is_current=column.name == current,
        )
        for column in draft.columns
    ]  # fmt: skip
    return sorted(lines, key=lambda line: line.wanted == "out")


def _bins(column: DraftColumn, binned: BinnedColumn, card: EditedCard, draft: CardDraft) -> list[BinLine]:
    total = max(1, sum(bin_.rows for bin_ in binned.bins))
    highest = _highest(binned)
    found, x = [], 0.0
    for place, (bin_, asked) in enumerate(zip(binned.bins, column.bins, strict=True)):
        rate = bin_.event_rate if bin_.events + bin_.non_events else None
        width, y = WIDTH * bin_.rows / total, _height_of(rate or 0.0, highest)
        like = f"joined-{asked.joined_to}" if asked.treatment == "joined" else asked.treatment
        found.append(
            BinLine(
                place, _label(binned, place), bin_.kind, bin_.rows, bin_.rows / total, bin_.events, rate, bin_.woe,
                bin_.iv, _points(bin_, column.name, card, draft), _upper(binned, place), list(bin_.levels), like,
                can_merge=asked.is_regular and place < len(column.regular) - 1, is_side=not asked.is_regular,
                is_small=_is_small(bin_, total), x=x, width=width, y=y, height=HEIGHT - y,
            )
        )  # fmt: skip
        x += width
    return found


def _highest(binned: BinnedColumn) -> float:
    return max((bin_.event_rate for bin_ in binned.bins if bin_.rows), default=1.0) or 1.0


def _height_of(rate: float, highest: float) -> float:
    return HEIGHT - (HEIGHT - HEADROOM) * rate / highest


def _ticks(highest: float) -> list[Tick]:
    """Return a few round rates from nothing to the highest bar."""
    step = next((each for each in ROUND_STEPS if highest / each <= MOST_TICKS), ROUND_STEPS[-1])
    return [Tick(step * place, _height_of(step * place, highest)) for place in range(int(highest / step + 1e-9) + 1)]


def _upper(binned: BinnedColumn, place: int) -> str:
    high = binned.bins[place].high
    if high is None:
        return ""
    return _border_shown(binned, place) if binned.type == "date" else f"{high:.10g}"


def _border_shown(binned: BinnedColumn, place: int) -> str:
    return binned.label(place).strip("[)").partition(", ")[2]


def _label(binned: BinnedColumn, place: int) -> str:
    return bin_in_words(binned.bins[place].kind, binned.label(place))


def _is_small(bin_: Bin, total: int) -> bool:
    rarer = min(bin_.events, bin_.non_events)
    return rarer < FEW_EVENTS or (bin_.kind not in ("missing", "special") and bin_.rows < FEW_SHARE * total)


def _points(bin_: Bin, name: str, card: EditedCard, draft: CardDraft) -> float | None:
    """Return what a bin earns with the coefficients of the last fit, as the printed card would have it."""
    coefficient, scale = card.coefficients.get(name), draft.scale
    if coefficient is None:
        return None
    base = float(scale.score_from_margin(np.array(card.intercept))) / max(1, len(card.coefficients))
    return base - scale.direction * scale.factor * coefficient * bin_.woe


def _handles(column: DraftColumn, binned: BinnedColumn, bins: Sequence[BinLine]) -> list[Handle]:
    return [
        Handle(place, bins[place].x + bins[place].width, edge, _border_shown(binned, place))
        for place, edge in enumerate(column.edges)
    ]


def _cells(column: DraftColumn, counts: FineCounts) -> tuple[np.ndarray, np.ndarray, Any]:
    fine, cells = counts.column(column.name), counts.cells_of(column.name)
    total = max(1, int(cells.rows.sum()))
    ends = WIDTH * np.cumsum(cells.rows[: fine.regular]) / total
    return ends, np.array(fine.edges), cells


def _grid(column: DraftColumn, counts: FineCounts, bins: Sequence[BinLine]) -> list[list[float]]:
    """Return where each border that was counted lies on the chart, and its value."""
    if not column.is_ordered:
        return []
    ends, edges, _counted = _cells(column, counts)
    return [[round(float(x), 2), float(edge)] for x, edge in zip(ends[:-1], edges, strict=True)]


def _dots(column: DraftColumn, counts: FineCounts, highest: float) -> list[tuple[float, float]]:
    """Return the event rates of the counted cells that have enough rows to say something, as places on the chart."""
    if not column.is_ordered:
        return []
    ends, _edges, cells = _cells(column, counts)
    starts = np.concatenate([[0.0], ends[:-1]])
    found = []
    for place in np.flatnonzero(cells.rows[: len(ends)] >= FEW_ROWS_A_CELL):
        rate = cells.events[place] / max(1e-12, cells.events[place] + cells.non_events[place])
        y = max(4.0, _height_of(rate, highest))
        found.append((round(float(starts[place] + ends[place]) / 2, 1), round(float(y), 1)))
    return found


def _months(column: DraftColumn, counts: FineCounts) -> list[MonthLine]:
    names = counts.grid.months
    if not names:
        return []
    rows, events = counts.by_month(column)
    shown = range(max(0, len(names) - MOST_MONTHS), len(names))
    return [
        MonthLine(names[n], [float(e / r) if r > 0 else None for r, e in zip(rows[n], events[n], strict=True)])
        for n in shown
    ]


def _seen(column: DraftColumn, found: Sequence[Any]) -> list[SeenLine]:
    binned = column.to_binned()
    if len(found) != len(binned.bins):
        return []
    return [
        SeenLine(_label(binned, place), one.rows, one.event_rate, one.unseen_rows, one.unseen_rate)
        for place, one in enumerate(found)
    ]


def _levels_in_order(column: DraftColumn, counts: FineCounts) -> str:
    """Return the levels of a category, a line each: in the order they were given, else from rare to frequent events."""
    if column.is_ordered:
        return ""
    if column.order:
        return "\n".join(column.order)
    fine, cells = counts.column(column.name), counts.cells_of(column.name)
    rate = cells.events / np.maximum(1e-12, cells.events + cells.non_events)
    places = [place for place, levels in enumerate(fine.levels) if len(levels) == 1]
    return "\n".join(fine.levels[place][0] for place in sorted(places, key=lambda place: rate[place]))


def treatments_for(column: DraftColumn) -> list[tuple[str, str]]:
    """Return the ways a missing or special bin of a column can be treated, for a list to choose from."""
    like = [(f"joined-{n}", str(_("As bin %(number)s") % {"number": n + 1})) for n in range(len(column.regular))]
    return [*((name, str(label)) for name, label in TREATMENTS.items()), *like]
