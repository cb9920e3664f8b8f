"""Splits by time: the newest months are held out, and the folds lie before them."""

import numpy as np
import pandas as pd

from experiments.data.splitting.dealing import deal, deal_folds, fold_count
from experiments.data.splitting.labelled_table import (
    CUSTOMERS_IN_BOTH,
    SMALLEST_CLASS,
    LabelledTable,
    besides,
    boundaries_of,
    has_both,
    note_customers_in_both,
)
from experiments.data.splitting.split import Split, split_of
from experiments.data.splitting.time_folds import Customers, before, time_folds
from experiments.errors import BadInput, gettext_noop

LARGEST_HELD_OUT = 1 / 3
SPLIT_BY_TIME = gettext_noop(
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds, and keep %(held_from)s to %(held_to)s as the "
    "out-of-time test."
)
SPLIT_BY_TIME_GROUPED = gettext_noop(
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds grouped by %(group)s, and keep %(held_from)s to "
    "%(held_to)s as the out-of-time test."
)
SPLIT_IN_TIME_ORDER = gettext_noop(
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds by time, each validated on later rows, and keep "
    "%(held_from)s to %(held_to)s as the out-of-time test."
)
SPLIT_IN_TIME_ORDER_GROUPED = gettext_noop(
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds by time, each validated on later rows and never "
    "on the same %(group)s, and keep %(held_from)s to %(held_to)s as the out-of-time test."
)
NO_TIME_SPLIT = gettext_noop(
    "The date column %(column)s cannot be split by time (%(reason)s), so a random share is held out instead."
)
CANNOT_SPLIT_BY_TIME = gettext_noop("The date column %(column)s cannot be split by time: %(reason)s.")
ONE_DATE = gettext_noop("all rows have the same date, or none")
ONE_CLASS_IN_TIME = gettext_noop("the newest or the older dates have only events or only non-events")
EMBARGO_TOO_LONG = gettext_noop(
    "An embargo of %(days)s days before %(held_from)s leaves too few rows to train on. Choose a shorter one."
)
CUT_OFF_TOO_NEAR_AN_END = gettext_noop(
    "An out-of-time test from %(held_from)s leaves too few events or non-events before it or after it. The dates run "
    "from %(first)s to %(last)s. Choose another day, or leave it empty."
)
ROWS_WITHOUT_DATE = gettext_noop(
    "%(count)s rows have no date in %(column)s, or one far from all others; they are used for training only."
)
ROWS_WITHOUT_DATE_LEFT_OUT = gettext_noop(
    "%(count)s rows have no date in %(column)s, or one far from all others; they are left out, as it is not known "
    "whether they are early enough."
)
ROWS_IN_EMBARGO = gettext_noop(
    "%(count)s rows dated in the %(days)s days before %(held_from)s are left out; each fold has the same embargo."
)
NO_ROWS_IN_EMBARGO = gettext_noop(
    "No row is dated in the %(days)s days before %(held_from)s, so none is left out there; each fold keeps the same "
    "distance. Where dates stand for whole months, 31 days leave one month out."
)
FEWER_FOLDS = gettext_noop(
    "Of the %(asked)s folds asked for, %(folds)s can be made, validated from %(starts)s. With an embargo of "
    "%(days)s days, the others lack events or non-events on one side. For more folds, choose a shorter embargo."
)


def split_by_time(table: LabelledTable, held_out: np.ndarray) -> Split:
    """Keep the newest months out of time, and deal folds by chance from those before."""
    train = besides(table, held_out)
    if len(table.undated):
        table.note(ROWS_WITHOUT_DATE, count=len(table.undated), column=table.spec.time_column)
    note_customers_in_both(table, train, held_out, CUSTOMERS_IN_BOTH)
    boundaries = boundaries_of(table, train, held_out)
    folds = deal_folds(table, train)
    grouped = bool(table.group_name)
    return split_of(
        table, train, held_out, folds, scheme="grouped" if grouped else "stratified", is_out_of_time=True,
        boundaries=boundaries, message=SPLIT_BY_TIME_GROUPED if grouped else SPLIT_BY_TIME, params=boundaries,
    )  # fmt: skip


def split_in_time_order(table: LabelledTable, held_out: np.ndarray) -> Split:
    """Keep the newest months out of time, an embargo before them, and validate each fold on later rows."""
    days, embargo = table.days, table.spec.validation.embargo_days
    older = besides(table, held_out)
    older = np.setdiff1d(older, table.undated)
    start = days[held_out].min()
    train = before(days, older, start, embargo)
    if not has_both(table.y[train], SMALLEST_CLASS // 2):
        raise BadInput(EMBARGO_TOO_LONG, days=embargo, held_from=str(start))
    customers = None
    if table.groups is not None:
        side = np.zeros(len(table.y), dtype=np.int64)
        side[train] = deal(table, train, 2)
        customers = Customers(table.groups, side)
    folds = time_folds(
        days, table.y, train, folds=fold_count(table.y[train], table.spec), embargo=embargo, customers=customers
    )
    if len(folds) < table.spec.validation.folds:
        starts = ", ".join(str(days[valid].min()) for _fit, valid in folds)
        asked = table.spec.validation.folds
        table.note(FEWER_FOLDS, asked=asked, folds=len(folds), starts=starts, days=embargo)
    if len(table.undated):
        table.note(ROWS_WITHOUT_DATE_LEFT_OUT, count=len(table.undated), column=table.spec.time_column)
    if embargo:
        left_out = len(older) - len(train)
        counted = {"count": left_out} if left_out else {}
        table.note(ROWS_IN_EMBARGO if left_out else NO_ROWS_IN_EMBARGO, days=embargo, held_from=str(start), **counted)
    note_customers_in_both(table, train, held_out, CUSTOMERS_IN_BOTH)
    boundaries = boundaries_of(table, train, held_out)
    return split_of(
        table, train, held_out, folds, scheme="time", is_out_of_time=True, boundaries=boundaries,
        message=SPLIT_IN_TIME_ORDER_GROUPED if table.group_name else SPLIT_IN_TIME_ORDER, params=boundaries,
    )  # fmt: skip


def newest_rows(table: LabelledTable, *, is_required: bool) -> np.ndarray | None:
    """Return the rows of the newest periods, or ``None`` (with a note) where time cannot divide the table.

    Raises
    ------
    BadInput : time cannot divide the table, and was asked to.
    """
    assert table.dates is not None
    ours = table.dates.iloc[table.labelled]
    if table.spec.validation.held_out_from is not None:
        return _rows_from(table, ours, table.spec.validation.held_out_from)
    periods = ours.dt.to_period("M")
    if periods.nunique() < 2:
        periods = ours.dt.to_period("D")
    names = np.sort(periods.dropna().unique())
    held, why = None, ONE_DATE
    if len(names) >= 2:
        why = ONE_CLASS_IN_TIME
        held = _choose_newest(periods.to_numpy(), names, table.y[table.labelled], table.spec.validation.held_out_share)
    if held is not None:
        return table.labelled[held]
    if is_required:
        raise BadInput(CANNOT_SPLIT_BY_TIME, column=table.spec.time_column, reason=why)
    table.note(NO_TIME_SPLIT, column=table.spec.time_column, reason=why)
    return None


def _rows_from(table: LabelledTable, dates: pd.Series, day: str) -> np.ndarray:
    """Return the rows dated from a day on that a person chose."""
    days = dates.dt.tz_localize(None)
    held, y = (days >= pd.Timestamp(day)).to_numpy(), table.y[table.labelled]
    if not has_both(y[held], 2) or not has_both(y[~held], SMALLEST_CLASS // 2):
        first, last = str(days.min())[:10], str(days.max())[:10]
        raise BadInput(CUT_OFF_TOO_NEAR_AN_END, held_from=day, first=first, last=last)
    return table.labelled[held]


def _choose_newest(periods: np.ndarray, names: np.ndarray, y: np.ndarray, share: float) -> np.ndarray | None:
    number = max(1, round(len(names) * share))
    sizes = pd.Series(periods).value_counts()
    # A portfolio that grows has most of its rows in the newest months: training would be left with too little.
    while number > 1 and sizes[names[-number:]].sum() > LARGEST_HELD_OUT * len(y):
        number -= 1
    for count in range(number, len(names)):
        held = np.asarray(pd.Series(periods).isin(names[-count:]))
        if has_both(y[held], 2) and has_both(y[~held], SMALLEST_CLASS // 2):
            return held
    return None
