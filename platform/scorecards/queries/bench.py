"""A card on the bench as its page shows it: columns, the bins of one, what was changed, how the whole ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.language import listed
from experiments.features.bins import Bin, BinnedColumn
from experiments.features.woe import iv_band
from experiments.scorecard.editing.draft import CardDraft, DraftBin, DraftColumn
from experiments.scorecard.editing.effects import ColumnEffect, Ranking, column_effect
from experiments.scorecard.editing.fine_counts import FineCounts
from experiments.scorecard.editing.weighing import weighed
from results.queries.columns import names_of
from results.queries.rates import Rate, note_on, rate_of
from scorecards.errors import NOTHING_SHOWN, CardRefused
from scorecards.models import CardEdit, EditedCard
from scorecards.queries.bench_chart import (
    HEIGHT,
    WIDTH,
    Handle,
    Tick,
    border_shown,
    dots,
    grid,
    handles,
    height_of,
    highest_of,
    ticks,
)  # fmt: skip
from scorecards.queries.withheld import secret_on
from scorecards.words import BANDS, TREATMENTS, bin_in_words

LEAST_WIDTH_OF_A_NUMBER = 18
FEW_SHARE, FEW_EVENTS = 0.05, 10
MOST_EDITS, MOST_MONTHS = 50, 36
#: Values of a bin that are named in the table; the others are counted.
MOST_NAMED = 12


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
    """A bin in the table.

    Attributes
    ----------
    upper : the border that can be moved, as it is typed; empty above the last bin.
    levels : of a category, those that can be split off. uncounted : how many more were too rare to be counted alone.
    unseen : how it did on the rows set aside, where the saved card has just this bin.
    """

    place: int
    label: str
    kind: str
    rows: int
    share: float
    events: float
    rate: Rate
    woe: float
    iv: float
    points: float | None
    upper: str
    levels: list[str]
    uncounted: int
    unseen: "SeenLine | None"
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
        return not self.is_side and bool(self.levels) and len(self.levels) + self.uncounted > 1


@dataclass(frozen=True)
class MonthLine:
    month: str
    rates: list[Rate]


@dataclass(frozen=True)
class SeenLine:
    """A bin of the saved card with its event rates on training rows and on rows set aside."""

    label: str
    rows: int
    rate: Rate
    unseen_rows: int
    unseen_rate: Rate


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
    def is_cut_anew(self) -> bool:
        """Whether the saved card has other bins than some of these."""
        return any(bin_.unseen is None for bin_ in self.bins)

    @property
    def note_on_rates(self) -> str:
        """What grey and missing event rates in the table of bins mean."""
        return note_on(
            rate for bin_ in self.bins for rate in (bin_.rate, bin_.unseen and bin_.unseen.unseen_rate) if rate
        )

    @property
    def is_sample(self) -> bool:
        """Whether AUC and KS of the card are of an even sample of the rows that its bins are counted on."""
        return self.kept_rows < self.rows

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
    edits, seen = card.edits.select_related("person"), card.rates_seen
    unseen = _seen(before, seen.columns.get(chosen.name, ()))
    bins = _bins(chosen, mine, card, counts, _of_same_bins(chosen, before, unseen))
    highest, overall = highest_of(line.rate for line in bins), counts.grid.events / max(1, counts.grid.rows)
    return Bench(
        card=card, draft=draft, columns=_lines(draft, saved, binned, names, card, chosen.name), column=chosen,
        label=names.get(chosen.name, chosen.name), bins=bins,
        handles=handles(chosen, mine, [line.x + line.width for line in bins]), grid=grid(chosen, counts),
        dots=dots(chosen, counts, highest), before=first, after=column_effect(mine),
        band=str(BANDS[iv_band(mine.iv)]), ranking_saved=card.ranked_before,
        ranking=card.ranks, months=_months(chosen, counts), seen=unseen,
        seen_iv=seen.unseen_iv.get(chosen.name), edits=list(edits[:MOST_EDITS]), edit_count=edits.count(),
        rows=counts.grid.rows, kept_rows=counts.grid.kept_rows, levels_in_order=_levels_in_order(chosen, counts),
        ticks=ticks(highest), overall=Tick(overall, height_of(overall, highest)), secret=secret,
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


def _bins(
    column: DraftColumn, binned: BinnedColumn, card: EditedCard, counts: FineCounts, unseen: Sequence[SeenLine | None]
) -> list[BinLine]:
    total = max(1, sum(bin_.rows for bin_ in binned.bins))
    raw_events = counts.bins_of(column).raw_events
    rates = [
        rate_of(bin_.event_rate, rows=bin_.rows, events=events)
        for bin_, events in zip(binned.bins, raw_events, strict=True)
    ]
    highest = highest_of(rates)
    alone = {levels[0] for levels in counts.column(column.name).levels if len(levels) == 1}
    found, x = [], 0.0
    for place, (bin_, asked) in enumerate(zip(binned.bins, column.bins, strict=True)):
        rate, levels = rates[place], [level for level in bin_.levels if level in alone or not asked.is_regular]
        width, y = WIDTH * bin_.rows / total, height_of(rate.value or 0.0, highest)
        like = f"joined-{asked.joined_to}" if asked.treatment == "joined" else asked.treatment
        found.append(
            BinLine(
                place, _label(binned, place), bin_.kind, bin_.rows, bin_.rows / total, bin_.events, rate, bin_.woe,
                bin_.iv, _points(bin_, column.name, card), _upper(binned, place), levels,
                len(bin_.levels) - len(levels), unseen[place], like,
                can_merge=asked.is_regular and place < len(column.regular) - 1, is_side=not asked.is_regular,
                is_small=_is_small(bin_, total), x=x, width=width, y=y, height=HEIGHT - y,
            )
        )  # fmt: skip
        x += width
    return found


def _upper(binned: BinnedColumn, place: int) -> str:
    high = binned.bins[place].high
    if high is None:
        return ""
    return border_shown(binned, place) if binned.type == "date" else f"{high:.10g}"


def _label(binned: BinnedColumn, place: int) -> str:
    """Return what a bin is called; of one with very many values some are named and the others are counted."""
    levels = binned.bins[place].levels
    if len(levels) <= MOST_NAMED:
        return bin_in_words(binned.bins[place].kind, binned.label(place))
    count = len(levels) - MOST_NAMED
    return ngettext("%(values)s and %(count)s more value", "%(values)s and %(count)s more values", count) % {
        "values": listed(levels[:MOST_NAMED]), "count": f"{count:,}",
    }  # fmt: skip


def _is_small(bin_: Bin, total: int) -> bool:
    rarer = min(bin_.events, bin_.non_events)
    return rarer < FEW_EVENTS or (bin_.kind not in ("missing", "special") and bin_.rows < FEW_SHARE * total)


def _points(bin_: Bin, name: str, card: EditedCard) -> float | None:
    """Return what a bin earns with the coefficients of the last fit, as the printed card would have it."""
    coefficient, scale = card.coefficients.get(name), card.now.scale
    if coefficient is None:
        return None
    base = float(scale.score_from_margin(np.array(card.intercept))) / max(1, len(card.coefficients))
    return base - scale.direction * scale.factor * coefficient * bin_.woe


def _months(column: DraftColumn, counts: FineCounts) -> list[MonthLine]:
    names = counts.grid.months
    if not names:
        return []
    rows, events = counts.by_month(column)
    shown = range(max(0, len(names) - MOST_MONTHS), len(names))
    return [
        MonthLine(
            names[n],
            [rate_of(float(e / r) if r > 0 else None, rows=r) for r, e in zip(rows[n], events[n], strict=True)],
        )
        for n in shown
    ]


def _seen(column: DraftColumn, found: Sequence[Any]) -> list[SeenLine]:
    binned = column.to_binned()
    if len(found) != len(binned.bins):
        return []
    return [
        SeenLine(
            _label(binned, place), one.rows, rate_of(one.event_rate, rows=one.rows), one.unseen_rows,
            rate_of(one.unseen_rate, rows=one.unseen_rows),
        )
        for place, one in enumerate(found)
    ]  # fmt: skip


def _of_same_bins(now: DraftColumn, saved: DraftColumn, seen: Sequence[SeenLine]) -> list[SeenLine | None]:
    """Return of each bin how it did on the rows set aside: known where the saved card has a bin of the same values."""
    known = {_values_of(bin_): line for bin_, line in zip(saved.bins, seen, strict=False)}
    return [known.get(_values_of(bin_)) for bin_ in now.bins]


def _values_of(bin_: DraftBin) -> tuple[Any, ...]:
    return bin_.kind, bin_.low, bin_.high, frozenset(bin_.levels)


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
