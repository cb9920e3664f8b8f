"""Columns whose gaps already tell the answer."""

import numpy as np

from experiments.data.leakage.finding import Finding, percent, take_out, warn
from experiments.data.leakage.looked_at import LookedAt
from experiments.errors import gettext_noop

TELLING_AUC, WIDE_GAP = 0.75, 0.30
Z = 1.96

MISSING_TELLS = gettext_noop(
    "Whether %(column)s is filled already tells the answer: it is missing in %(with_event)s of the rows with the event "
    "and in %(without_event)s of the others. It was probably filled in after the outcome and was taken out."
)
MISSING_DIFFERS = gettext_noop(
    "%(column)s is missing in %(with_event)s of the rows with the event and in %(without_event)s of the others. Make "
    "sure that it is not filled in after the outcome."
)
PASSED = gettext_noop("In no column do gaps give the answer away.")


def check_column(table: LookedAt, name: str) -> Finding | None:
    """Take out a column whose gaps alone reach AUC 0.75; warn where they surely differ by more than 30 points."""
    missing = table.frame[name].isna().to_numpy()
    if not missing.any():
        return None
    with_event, without = float(missing[table.y == 1].mean()), float(missing[table.y == 0].mean())
    gap = abs(with_event - without)
    auc = 0.5 + gap / 2
    params = {"with_event": percent(with_event), "without_event": percent(without)}
    evidence = {"auc": auc, "with_event": with_event, "without_event": without}
    if auc > TELLING_AUC:
        return take_out("missing_by_class", "warning", name, MISSING_TELLS, params, evidence)
    events = float(table.y.sum())
    others = len(table.y) - events
    error = np.sqrt(with_event * (1 - with_event) / events + without * (1 - without) / others)
    # A gap that chance alone may have carried over the line is none.
    if gap - Z * error <= WIDE_GAP:
        return None
    return warn("missing_by_class", name, MISSING_DIFFERS, params, evidence | {"gap_at_least": gap - Z * error})
