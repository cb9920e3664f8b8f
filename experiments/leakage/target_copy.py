"""Columns that are the target in other words."""

from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding, percent, take_out
from experiments.leakage.labelled_sample import LabelledSample

COPY_SHARE = 0.99
MOST_VALUES = 10

TARGET_COPY = gettext_noop(
    "%(column)s is the target under another name: the two agree in %(share)s of the rows. It was taken out."
)
PASSED = gettext_noop("No column repeats the target.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Block a column of few values each of which stands for one answer, in 99 % of the rows of either kind."""
    bins = table.bins[name]
    if not 2 <= len(bins.names) <= MOST_VALUES:
        return None
    as_event = bins.events > bins.non_events
    with_event = float(bins.events[as_event].sum() / max(1.0, bins.events.sum()))
    without = float(bins.non_events[~as_event].sum() / max(1.0, bins.non_events.sum()))
    if min(with_event, without) < COPY_SHARE:
        return None
    share = (with_event * table.events + without * table.others) / table.row_count
    return take_out("target_copy", "block", name, TARGET_COPY, {"share": percent(share)}, {"agreement": share})
