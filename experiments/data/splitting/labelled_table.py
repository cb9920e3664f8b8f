"""What a split is decided by: the labelled rows with their customers, dates and strata."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from experiments.data.stray_dates import believable_span
from experiments.errors import BadInput, gettext_noop
from experiments.spec import ExperimentSpec

__all__ = ["group_codes"]

SMALLEST_CLASS = 10
WEIGHT_CLASSES = 10
TOO_FEW = gettext_noop(
    "Only %(count)s rows are %(which)s the event in %(column)s; at least %(least)s are needed. Add more rows, or "
    "choose another target."
)
WITH = gettext_noop("with")
WITHOUT = gettext_noop("without")
NO_GROUP_COLUMN = gettext_noop(
    "A split that keeps each customer's rows together needs a group or customer ID column: name one."
)
CUSTOMERS_IN_BOTH = gettext_noop(
    "%(count)s of the out-of-time rows belong to a %(group)s that is also in training, as in real use."
)
CUSTOMERS_CUT = gettext_noop(
    "%(count)s of the held-out rows belong to a %(group)s that is also in training, so the test may look better "
    "than real use."
)


@dataclass
class LabelledTable:
    """What a split is decided by: the rows whose outcome is known, their customers, dates and strata."""

    frame: pd.DataFrame
    y: np.ndarray
    spec: ExperimentSpec
    random: np.random.Generator
    labelled: np.ndarray
    groups: np.ndarray | None
    group_name: str
    dates: pd.Series | None
    notes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def days(self) -> np.ndarray:
        """Day of each row, NaT where undated."""
        assert self.dates is not None
        return self.dates.to_numpy().astype("datetime64[D]")

    @property
    def undated(self) -> np.ndarray:
        """Labelled rows without a date."""
        assert self.dates is not None
        return self.labelled[self.dates.isna().to_numpy()[self.labelled]]

    @property
    def strata(self) -> np.ndarray:
        """Month and class of weight of each row, which parts should hold in like shares."""
        strata = np.zeros(len(self.y), dtype=np.int64)
        if self.dates is not None:
            strata = pd.factorize(self.dates.dt.to_period("M"), sort=True)[0] + 1
        weight = self.spec.weight_column
        if weight is None or weight not in self.frame:
            return strata
        ranks = pd.to_numeric(self.frame[weight], errors="coerce").rank(pct=True, method="average").fillna(0)
        return strata * (WEIGHT_CLASSES + 1) + np.ceil(ranks.to_numpy() * WEIGHT_CLASSES).astype(np.int64)

    def note(self, message: str, **params: Any) -> None:
        """Add a sentence worth showing beside the split."""
        self.notes.append({"message": message, "params": params})


def require_both_classes(y: np.ndarray, spec: ExperimentSpec) -> None:
    """Refuse a table that lacks rows with the event, or without it."""
    for value, which in ((1, WITH), (0, WITHOUT)):
        count = int((y == value).sum())
        if count < SMALLEST_CLASS:
            raise BadInput(TOO_FEW, count=count, which=which, column=spec.target, least=SMALLEST_CLASS)


def groups_of(frame: pd.DataFrame, spec: ExperimentSpec) -> tuple[np.ndarray | None, str]:
    """Return a group number a row; a row without a group value is a group of its own."""
    scheme, name = spec.validation.scheme, spec.group_column
    if name is None and spec.id_column in frame and frame[spec.id_column].dropna().duplicated().any():
        name = spec.id_column
    if scheme == "grouped":
        name = name or spec.id_column
        if name is None:
            raise BadInput(NO_GROUP_COLUMN)
    if name is None or name not in frame:
        return None, ""
    return group_codes(frame[name]), name


def group_codes(values: pd.Series) -> np.ndarray:
    """Return a number for each row's group; a row whose cell is empty or holds nothing but spaces is alone.

    Parameters
    ----------
    values : of the column that keeps rows together.

    Returns
    -------
    numpy.ndarray
        Whole numbers, one a row.

    Examples
    --------
    >>> group_codes(pd.Series(["a", "b", "a", None])).tolist()
    [0, 1, 0, 2]
    """
    codes = pd.factorize(values)[0].astype(np.int64)
    alone = codes < 0
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        alone |= (values.map(str, na_action="ignore").str.strip() == "").to_numpy(dtype=bool, na_value=False)
    codes[alone] = codes.max(initial=0) + 1 + np.arange(alone.sum())
    return codes


def dates_of(frame: pd.DataFrame, spec: ExperimentSpec) -> pd.Series | None:
    """Return the date of each row, NaT where it is far from all others; ``None`` without a date column."""
    if spec.time_column is None or spec.time_column not in frame:
        return None
    column = frame[spec.time_column]
    if not pd.api.types.is_datetime64_any_dtype(column):
        column = pd.to_datetime(column, errors="coerce")
    return _without_strays(column.reset_index(drop=True))


def _without_strays(dates: pd.Series) -> pd.Series:
    """Treat placeholder dates as missing: they would count as the newest."""
    months = dates.dt.tz_localize(None).to_numpy().astype("datetime64[M]")
    span = believable_span(*np.unique(months[~np.isnat(months)], return_counts=True))
    if span is None:
        return dates
    return dates.where(np.isnat(months) | ((months >= span[0]) & (months <= span[1])))


def months_of(dates: pd.Series) -> np.ndarray:
    """Return the month of each row as ``YYYY-MM``, ``None`` where undated."""
    months = dates.dt.strftime("%Y-%m").astype(object)
    return months.where(dates.notna(), None).to_numpy()


def besides(table: LabelledTable, taken: np.ndarray) -> np.ndarray:
    """Return the labelled rows that are not taken, in order; over millions of rows far faster than by sets."""
    is_left = np.ones(len(table.y), dtype=bool)
    is_left[taken] = False
    return table.labelled[is_left[table.labelled]]


def has_both(y: np.ndarray, least: int) -> bool:
    """Return whether there are at least so many rows with the event, and as many without."""
    return bool(min((y == 1).sum(), (y == 0).sum()) >= least)


def note_customers_in_both(table: LabelledTable, train: np.ndarray, held_out: np.ndarray, message: str) -> None:
    """Note how many held-out rows are of customers that are also in training."""
    if table.groups is None:
        return
    shared = int(np.isin(table.groups[held_out], table.groups[train]).sum())
    if shared:
        table.note(message, count=shared, group=table.group_name)


def boundaries_of(table: LabelledTable, train: np.ndarray, held_out: np.ndarray) -> dict[str, str]:
    """Return the first and last date of training and held-out rows."""
    dates = table.dates
    assert dates is not None

    known = dates.dropna()
    # Dates that are all the first of a month stand for whole months, and are told as such.
    shown = len("2024-01") if known.dt.is_month_start.all() and (known.dt.normalize() == known).all() else None

    def day(rows: np.ndarray, pick: str) -> str:
        return getattr(dates.iloc[rows], pick)().date().isoformat()[:shown]

    return {
        "train_from": day(train, "min"),
        "train_to": day(train, "max"),
        "held_from": day(held_out, "min"),
        "held_to": day(held_out, "max"),
    }
