"""Columns that are known only after the observation date: the dictionary says so, or their dates do."""

from collections.abc import Mapping

import pandas as pd

from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding, percent, take_out
from experiments.leakage.labelled_sample import LabelledSample

LATE_SHARE = 0.001
NO_END = 2100
KNOWN_SHARE, NAMED_COLUMNS = 0.5, 5

AFTERWARDS = gettext_noop(
    "%(column)s lies after the observation date in %(share)s of the rows, so it was not known then. It was taken out."
)
KNOWN_LATER = gettext_noop(
    "The dictionary says that %(column)s is known only %(days)s days after the observation date. It was taken out; if "
    "that is wrong, correct the dictionary or put it back."
)
NOT_SAID = gettext_noop(
    "The dictionary does not say when %(names)s (%(count)s columns) are known, though it does for most columns. "
    "Make sure that they are known on the observation date."
)
PASSED = gettext_noop("No column is known later than the observation date, by its dates or by the dictionary.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Block a column that the dictionary calls late, or whose dates are later than the day, in over 0.1 % of rows."""
    days = table.known_after_days.get(name)
    if days is not None and days > 0:
        return take_out("after_observation", "block", name, KNOWN_LATER, {"days": days}, {"known_after_days": days})
    series = table.frame[name]
    if table.time is None or not pd.api.types.is_datetime64_any_dtype(series):
        return None
    if series.dt.tz is not None:
        series = series.dt.tz_localize(None)
    # An observation date is a day: what has an hour of that day is not late, nor is what systems write for no end.
    late = float(((series.dt.normalize() > table.time.dt.normalize()) & (series.dt.year < NO_END)).mean())
    if late <= LATE_SHARE:
        return None
    return take_out("after_observation", "block", name, AFTERWARDS, {"share": percent(late)}, {"late": late})


def check_dictionary(table: LabelledSample, known_after_days: Mapping[str, int | None]) -> list[Finding]:
    """Warn where a dictionary that says when most columns are known is silent about some."""
    features = list(table.frame.columns)
    unsaid = [name for name in features if known_after_days.get(name) is None]
    if not unsaid or len(unsaid) > KNOWN_SHARE * len(features):
        return []
    names = ", ".join(unsaid[:NAMED_COLUMNS]) + (" …" if len(unsaid) > NAMED_COLUMNS else "")
    params = {"count": len(unsaid), "names": names}
    return [Finding("after_observation", "warning", None, NOT_SAID, params, "none", {"columns": unsaid})]
