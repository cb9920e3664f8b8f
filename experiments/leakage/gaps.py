"""Columns whose missing values already reveal the outcome."""

import numpy as np

from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding, percent, warn
from experiments.leakage.labelled_sample import LabelledSample

WIDE_GAP = 0.30
Z = 1.96

MISSING_TELLS = gettext_noop(
    "%(column)s is missing in %(with_event)s of the rows with the event and in %(without_event)s of the others. "
    "Make sure that it is not filled in or cleared after the outcome; if it is, take it out."
)
PASSED = gettext_noop("In no column do missing values reveal the target.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Question a column that is missing 30 points more often, significantly, with one outcome than with the other.

    Gaps alone prove nothing: what was not filled in on the day of the application often tells most.
    """
    missing = table.frame[name].isna().to_numpy()
    if not missing.any():
        return None
    with_event, without = float(missing[table.y == 1].mean()), float(missing[table.y == 0].mean())
    gap = abs(with_event - without)
    params = {"with_event": percent(with_event), "without_event": percent(without)}
    evidence = {"auc": 0.5 + gap / 2, "with_event": with_event, "without_event": without}
    events = float(table.y.sum())
    others = len(table.y) - events
    error = np.sqrt(with_event * (1 - with_event) / events + without * (1 - without) / others)
    # A gap that chance alone may have carried over the line is none.
    if gap - Z * error <= WIDE_GAP:
        return None
    return warn("missing_by_class", name, MISSING_TELLS, params, evidence | {"gap_at_least": gap - Z * error})
