"""Sets rows aside: the newest months where there is a date, a stratified share otherwise, then folds."""

import numpy as np
import pandas as pd

from experiments.data.splitting.as_given import split_as_given
from experiments.data.splitting.by_chance import split_by_chance
from experiments.data.splitting.by_time import newest_rows, split_by_time, split_in_time_order
from experiments.data.splitting.labelled_table import LabelledTable, dates_of, groups_of, require_both_classes
from experiments.data.splitting.split import Split
from experiments.errors import BadInput, gettext_noop
from experiments.spec import ExperimentSpec

__all__ = ["split_rows"]

NO_DATE_COLUMN = gettext_noop("A split by time needs a date column: name it, or choose another scheme.")
EMBARGO_WITHOUT_DATE = gettext_noop(
    "An embargo of %(days)s days needs a date column: name it, or leave the embargo out."
)
EMBARGO_BY_CHANCE = gettext_noop(
    "An embargo of %(days)s days needs a split by time. Choose that scheme, or leave the embargo out."
)
CUT_OFF_WITHOUT_DATE = gettext_noop(
    "An out-of-time test from %(day)s needs a date column: name it, or leave the day out."
)
CUT_OFF_BY_CHANCE = gettext_noop(
    "An out-of-time test from %(day)s needs a split by time. Choose that scheme, or leave the day out."
)
BAD_EMBARGO = gettext_noop("The embargo must be a number of days, 0 or more.")


def split_rows(frame: pd.DataFrame, y: np.ndarray, *, spec: ExperimentSpec) -> Split:
    """Divide the labelled rows of a table into training folds and a held-out part.

    With ``spec.validation.scheme`` ``auto`` and a ``spec.time_column``, the newest ``held_out_share`` of months (at
    least one, and at most a third of the rows) is kept out of time, or the rows from ``held_out_from`` on; otherwise a
    stratified share is held out by chance. Folds are stratified by the target, its month and weight, and grouped where
    ``spec.group_column`` is given or the values of ``spec.id_column`` repeat. ``stratified`` and ``grouped`` ask for a
    split by chance, ``time`` for folds in the order of time too, and ``given`` for the parts that ``split_column``
    names. An embargo leaves out the days before the rows that are validated or set aside, which orders the folds by
    time as well. The same seed gives the same split.

    Parameters
    ----------
    frame : the whole table. y : 1, 0 or NaN (unlabelled, left out), one value a row.

    Returns
    -------
    Split

    Raises
    ------
    BadInput : fewer than ten rows with or without the event, or a scheme that the table cannot serve.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from experiments.spec import ExperimentSpec
    >>> y = np.arange(200) % 4 == 0
    >>> frame = pd.DataFrame({"age": np.arange(200), "bad": y.astype(int)})
    >>> split = split_rows(frame, y.astype(float), spec=ExperimentSpec("bad", "1"))
    >>> len(split.train), len(split.held_out), len(split.folds)
    (160, 40, 5)
    """
    _require_embargo_makes_sense(spec)
    _require_cut_off_makes_sense(spec)
    labelled = np.flatnonzero(~np.isnan(y))
    require_both_classes(y[labelled], spec)
    groups, group_name = groups_of(frame, spec)
    table = LabelledTable(
        frame, y, spec, np.random.default_rng(spec.seed), labelled, groups, group_name, dates_of(frame, spec)
    )
    if spec.validation.scheme == "given":
        return split_as_given(table)
    by_time = spec.validation.is_in_time_order
    if by_time and table.dates is None:
        raise BadInput(NO_DATE_COLUMN)
    held_out = None
    if table.dates is not None and spec.validation.scheme in ("auto", "time"):
        held_out = newest_rows(table, is_required=by_time)
    if held_out is None:
        return split_by_chance(table)
    return split_in_time_order(table, held_out) if by_time else split_by_time(table, held_out)


def _require_embargo_makes_sense(spec: ExperimentSpec) -> None:
    days = spec.validation.embargo_days
    if days < 0:
        raise BadInput(BAD_EMBARGO)
    if days and spec.validation.scheme in ("stratified", "grouped", "given"):
        raise BadInput(EMBARGO_BY_CHANCE, days=days)
    if days and spec.time_column is None:
        raise BadInput(EMBARGO_WITHOUT_DATE, days=days)


def _require_cut_off_makes_sense(spec: ExperimentSpec) -> None:
    day = spec.validation.held_out_from
    if day is not None and spec.validation.scheme in ("stratified", "grouped", "given"):
        raise BadInput(CUT_OFF_BY_CHANCE, day=day)
    if day is not None and spec.time_column is None:
        raise BadInput(CUT_OFF_WITHOUT_DATE, day=day)
