"""Rows, events and weight of evidence put into the bins of a column: one rule, whoever cut them."""

from experiments.features.bins import BinnedColumn
from experiments.features.partition import FineBins
from experiments.features.woe import iv_noise_floor, iv_of_bins, iv_p_value, woe_of_bins


def weigh(column: BinnedColumn, counts: FineBins) -> BinnedColumn:
    """Put what was counted of each bin into a column, with each bin's own weight of evidence."""
    woes, ivs = woe_of_bins(counts.events, counts.non_events), iv_of_bins(counts.events, counts.non_events)
    for position, bin_ in enumerate(column.bins):
        bin_.rows = int(counts.rows[position])
        bin_.events, bin_.non_events = float(counts.events[position]), float(counts.non_events[position])
        bin_.woe, bin_.iv = float(woes[position]), float(ivs[position])
    column.iv = float(ivs.sum())
    raw_events = float(counts.raw_events.sum())
    raw_others = float(counts.rows.sum()) - raw_events
    column.iv_floor = iv_noise_floor(len(column.bins), raw_events, non_events=raw_others)
    column.p_value = iv_p_value(column.iv, len(column.bins), events=raw_events, non_events=raw_others)
    return column
