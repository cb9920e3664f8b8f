"""Columns that hold nothing, or one value only."""

from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding, percent, take_out
from experiments.leakage.labelled_sample import LabelledSample

ALMOST_EMPTY = 0.99
LEAST_EVENTS = 10

EMPTY = gettext_noop("%(column)s is empty in %(share)s of the rows. It cannot help a model and was taken out.")
CONSTANT = gettext_noop(
    "%(column)s has the value %(value)s in every row. It cannot tell customers apart and was taken out."
)
PASSED = gettext_noop("Every column holds at least two values.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Take out a column without two values, unless the few that are filled are all events or none."""
    series = table.frame[name]
    missing = float(series.isna().mean())
    if missing >= ALMOST_EMPTY and (missing == 1.0 or table.bins[name].events[:-1].sum() < LEAST_EVENTS):
        return take_out("empty", "warning", name, EMPTY, {"share": percent(missing)}, {"missing": missing})
    present = series.dropna()
    if len(present) == len(series) and present.nunique() == 1:
        return take_out("constant", "warning", name, CONSTANT, {"value": str(present.iloc[0])[:40]}, {})
    if present.nunique() <= 1 and abs(table.auc(name) - 0.5) < 0.01:
        return take_out("empty", "warning", name, EMPTY, {"share": percent(missing)}, {"missing": missing})
    return None
