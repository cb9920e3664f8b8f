"""Who changes sides when another model takes the first one's place: at several shares, by segment, and some of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments.comparison.evidence import Swap, SwappedRow, SwappedSegment, share_chosen
from experiments.comparison.masked_rows import customer_at, shown_values
from experiments.comparison.scored_rows import ScoredRows
from experiments.evaluation.intervals import Interval
from experiments.evaluation.ranking import Floats
from experiments.evaluation.segments import parts_of
from experiments.strategy.amount_change import amount_change, amount_values
from experiments.strategy.curve import Chosen
from experiments.strategy.drawn_change import drawn_changes
from experiments.strategy.swap_set import SwapSet, swap_set, swapped_parts

# Shares that a page may choose among: of those approved where the event is a loss, of those contacted otherwise.
APPROVED = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
CONTACTED = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
ROWS_SHOWN = 20


@dataclass(frozen=True)
class Asked:
    """What of the swap sets is asked: the share, which end is chosen, an amount, columns to cut by and to show."""

    share: float
    is_risk: bool
    amount: str | None = None
    cut_by: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    @property
    def chosen(self) -> Chosen:
        """Which end of the probabilities is chosen."""
        return "lowest" if self.is_risk else "highest"

    @property
    def chosen_share(self) -> float:
        """The share that is chosen: of loans those approved, which are the others."""
        return share_chosen(self.share, is_risk=self.is_risk)

    @property
    def shares(self) -> list[float]:
        """All shares worked out, rising."""
        return sorted({*(APPROVED if self.is_risk else CONTACTED), self.chosen_share})


def swaps_against(rows: ScoredRows, place: int, asked: Asked) -> tuple[Swap, ...]:
    """Return the swap sets of the first model and the one at a place, at every share worked out."""
    frame = rows.read(list(dict.fromkeys(asked.cut_by)))
    amount = _amounts(rows, asked)
    cuts = [
        (name, part.kind, part.label, part.chosen)
        for name in asked.cut_by
        for part in parts_of(frame[name], _weight_of(rows))
        if part.chosen.any()
    ]
    found = [_swap_at(rows, place, asked, share=share, amount=amount, cuts=cuts) for share in asked.shares]
    return _with_intervals(rows, place, asked, found=found, amount=amount)


def swap_asked(rows: ScoredRows, place: int, asked: Asked) -> Swap:
    """Return the swap set of the first model and the one at a place at the one share asked for, naming no customer."""
    amount = _amounts(rows, asked)
    found = _swap_at(rows, place, asked, share=asked.chosen_share, amount=amount, cuts=(), with_rows=False)
    return _with_intervals(rows, place, asked, found=[found], amount=amount)[0]


def _amounts(rows: ScoredRows, asked: Asked) -> Floats | None:
    if asked.amount is None:
        return None
    return pd.to_numeric(rows.read([asked.amount])[asked.amount], errors="coerce").to_numpy(float)


def _weight_of(rows: ScoredRows) -> Floats:
    return np.ones(len(rows)) if rows.weight is None else rows.weight


def _swap_at(
    rows: ScoredRows,
    place: int,
    asked: Asked,
    *,
    share: float,
    amount: Floats | None,
    cuts: Sequence[tuple[str, str, str, np.ndarray]],
    with_rows: bool = True,
) -> Swap:
    first, other = rows.scores[0], rows.scores[place]

    def swapped(*, at_equal_rate: bool) -> SwapSet:
        return swap_set(
            rows.y, first, other, rows.weight, rows.customers, share=share, chosen=asked.chosen,
            at_equal_event_rate=at_equal_rate, amount=amount,
        )  # fmt: skip

    parts = swapped_parts(rows.y, first, other, rows.weight, share=share, chosen=asked.chosen)
    segments = [
        _segment(rows.y, parts, own, column=column, kind=kind, label=label) for column, kind, label, own in cuts
    ]
    return Swap(
        share, swapped(at_equal_rate=False), swapped(at_equal_rate=True), Interval(0.0, 0.0, 0.0), tuple(segments),
        _rows_shown(rows, place, parts, asked.shown) if with_rows and share == asked.chosen_share else (),
    )  # fmt: skip


def _with_intervals(
    rows: ScoredRows, place: int, asked: Asked, *, found: Sequence[Swap], amount: Floats | None
) -> tuple[Swap, ...]:
    """Tell how far what the switch changes may vary: all shares are looked at on the same customers drawn anew."""
    pairs = [(cells.share, cells.challenger_share) for swap in found for cells in (swap.equal_share, swap.equal_rate)]
    drawn = drawn_changes(
        rows.y, rows.scores[0], rows.scores[place], rows.weight, rows.customers,
        values={"events": rows.y} | ({} if amount is None else amount_values(rows.y, amount)),
        shares=pairs, chosen=asked.chosen,
    )  # fmt: skip
    return tuple(
        replace(
            swap,
            # One unit for each event: the change of "profit" is the change in events.
            equal_share=replace(swap.equal_share, profit_change=share["events"].interval),
            equal_rate=replace(swap.equal_rate, profit_change=rate["events"].interval),
            events_change=share["events"].interval,
            by_amount=None if amount is None else amount_change(share),
        )
        for swap, share, rate in zip(found, drawn[::2], drawn[1::2], strict=True)
    )


def _segment(
    y: Floats, parts: dict[str, Floats], own: np.ndarray, *, column: str, kind: str, label: str
) -> SwappedSegment:
    come, leave = parts["swap_in"][own], parts["swap_out"][own]
    events_in, events_out = float(come @ y[own]), float(leave @ y[own])
    return SwappedSegment(
        column=column, kind=kind, label=label, rows=int(own.sum()),
        swap_in=float(come.sum()), swap_out=float(leave.sum()),
        rate_in=events_in / float(come.sum()) if come.sum() else None,
        rate_out=events_out / float(leave.sum()) if leave.sum() else None,
        change_in_events=events_in - events_out,
    )  # fmt: skip


def _rows_shown(
    rows: ScoredRows, place: int, parts: dict[str, Floats], columns: Sequence[str]
) -> tuple[SwappedRow, ...]:
    """Return those of whom the two models think most differently, as many who come in as who leave."""
    apart = np.abs(_ranks(rows.scores[0]) - _ranks(rows.scores[place]))
    found: list[SwappedRow] = []
    for name in ("swap_in", "swap_out"):
        swapped = np.flatnonzero(parts[name] > 0.5)
        chosen = swapped[np.argsort(-apart[swapped], kind="stable")][: ROWS_SHOWN // 2]
        if not len(chosen):
            continue
        frame = rows.at(chosen)
        for number, position in enumerate(chosen):
            found.append(
                SwappedRow(
                    row=int(rows.places[position]) + 1, customer=customer_at(rows, frame, number),
                    comes_in=name == "swap_in", outcome=int(rows.y[position]),
                    first=float(rows.scores[0][position]), second=float(rows.scores[place][position]),
                    values=shown_values(frame, number, columns),
                )
            )  # fmt: skip
    return tuple(found)


def _ranks(p: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(p) / len(p))
