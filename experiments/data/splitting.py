"""Sets rows aside: the newest months out of time where there is a date, a stratified share otherwise, then folds."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from experiments.data.given_parts import NO_SPLIT_COLUMN, TEST, TRAIN, VALIDATION, read_parts
from experiments.data.stray_dates import believable_span
from experiments.data.time_folds import Customers, Fold, before, time_folds
from experiments.errors import BadInput, gettext_noop
from experiments.spec import ExperimentSpec

SMALLEST_CLASS = 10
MANY_ROWS = 100_000
FOLDS_FOR_MANY_ROWS = 3
LARGEST_HELD_OUT = 1 / 3
WEIGHT_CLASSES = 10

TOO_FEW = gettext_noop(
    "Only %(count)s rows are %(which)s the event in %(column)s; at least %(least)s are needed. Add more rows, or "
    "choose another target."
)
WITH = gettext_noop("with")
WITHOUT = gettext_noop("without")
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
SPLIT_BY_CHANCE = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds drawn at random, and keep a random "
    "%(held_share)s %% as the held-out test. No observation date is given, so stability over time is not tested."
)
SPLIT_BY_CHANCE_GROUPED = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random "
    "%(held_share)s %% as the held-out test. No observation date is given, so stability over time is not tested."
)
SPLIT_UNDIVIDED = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds drawn at random, and keep a random "
    "%(held_share)s %% as the held-out test. The rows cannot be split by their dates, so stability over time is "
    "not tested."
)
SPLIT_UNDIVIDED_GROUPED = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random "
    "%(held_share)s %% as the held-out test. The rows cannot be split by their dates, so stability over time is "
    "not tested."
)
SPLIT_BY_CHANCE_AS_ASKED = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds, and keep a random %(held_share)s %% as the "
    "held-out test, as asked. Stability over time is not tested."
)
SPLIT_BY_CHANCE_GROUPED_AS_ASKED = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random "
    "%(held_share)s %% as the held-out test, as asked. Stability over time is not tested."
)
SPLIT_GIVEN = gettext_noop(
    "Train on the %(train)s rows that %(column)s marks for training, with %(folds)s folds, and keep the "
    "%(held_out)s rows it holds out as the test."
)
SPLIT_GIVEN_GROUPED = gettext_noop(
    "Train on the %(train)s rows that %(column)s marks for training, with %(folds)s folds grouped by %(group)s, "
    "and keep the %(held_out)s rows it holds out as the test."
)
SPLIT_GIVEN_IN_THREE = gettext_noop(
    "Train on the %(train)s rows that %(column)s marks for training, validate on the %(validation)s rows it marks "
    "for validation, and keep the %(held_out)s rows it holds out as the test."
)
NO_TIME_SPLIT = gettext_noop(
    "The date column %(column)s cannot be split by time (%(reason)s), so a random share is held out instead."
)
CANNOT_SPLIT_BY_TIME = gettext_noop("The date column %(column)s cannot be split by time: %(reason)s.")
ONE_DATE = gettext_noop("all rows have the same date, or none")
ONE_CLASS_IN_TIME = gettext_noop("the newest or the older dates have only events or only non-events")
NO_DATE_COLUMN = gettext_noop("A split by time needs a date column: name it, or choose another scheme.")
EMBARGO_WITHOUT_DATE = gettext_noop(
    "An embargo of %(days)s days needs a date column: name it, or leave the embargo out."
)
EMBARGO_BY_CHANCE = gettext_noop(
    "An embargo of %(days)s days needs a split by time. Choose that scheme, or leave the embargo out."
)
BAD_EMBARGO = gettext_noop("The embargo must be a number of days, 0 or more.")
EMBARGO_TOO_LONG = gettext_noop(
    "An embargo of %(days)s days before %(held_from)s leaves too few rows to train on. Choose a shorter one."
)
NO_GROUP_COLUMN = gettext_noop(
    "A split that keeps each customer's rows together needs a group or customer id column: name one."
)
TOO_FEW_IN_PART = gettext_noop(
    "Of the rows that %(column)s marks as %(part)s, %(events)s have the event and %(others)s do not; at least "
    "%(least)s of each are needed."
)
FOR_TRAINING = gettext_noop("training")
FOR_VALIDATION = gettext_noop("validation")
FOR_TEST = gettext_noop("test")
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
ROWS_WITHOUT_PART = gettext_noop("%(count)s labelled rows have no value in %(column)s; they are left out.")
CUSTOMERS_IN_BOTH = gettext_noop(
    "%(count)s of the out-of-time rows belong to a %(group)s that is also in training, as in real use."
)
CUSTOMERS_CUT = gettext_noop(
    "%(count)s of the held-out rows belong to a %(group)s that is also in training, so the test may look better "
    "than real use."
)


@dataclass(frozen=True)
class Split:
    """Which rows do what; every array holds absolute row positions of the table.

    Attributes
    ----------
    train, held_out : rows to learn from, and rows nobody looks at before the finalists are chosen.
    folds : ``(fit, valid)`` pairs; every finalist is scored on all of them. Rows to fit on lie inside ``train``, and so
        do those to validate on, unless a split column gave rows for validation.
    search_folds : the folds a search uses: all of them, or the first three from 100,000 training rows on.
    held_out_kind : ``out_of_time`` or ``held_out``.
    period_of_row : month of each row of the table as ``YYYY-MM`` (``None`` where undated), or ``None`` without dates.
    description : ``{"message", "params"}``, the split in one sentence.
    boundaries : dates of the first and last training and held-out row, months where dates stand for them; or empty.
    notes : further sentences worth showing, as ``{"message", "params"}``.
    scheme : what was done: ``stratified`` or ``grouped`` (folds by chance), ``time`` (folds in its order) or ``given``.
    training_folds : pairs inside ``train`` alone, by which columns are made before any model is judged; ``folds``
        unless a split column gave rows for validation.
    validation : rows a split column gave for validation only.
    left_out : labelled rows without a part: in an embargo, undated where dates decide, or without a word in a column.
    """

    train: np.ndarray
    held_out: np.ndarray
    folds: list[Fold]
    search_folds: list[Fold]
    held_out_kind: Literal["out_of_time", "held_out"]
    period_of_row: np.ndarray | None
    description: dict[str, Any]
    boundaries: dict[str, str] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    scheme: Literal["stratified", "grouped", "time", "given"] = "stratified"
    validation: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int64))
    left_out: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int64))
    training_folds: list[Fold] = field(default_factory=list)

    @property
    def ships_what_was_measured(self) -> bool:
        """Tell whether the held-out rows may never be learnt from, not even by the model that is shipped."""
        return self.held_out_kind == "out_of_time" or self.scheme == "given"

    @property
    def folds_cover_train(self) -> bool:
        """Tell whether each training row is fitted on in all folds but one, so that fold models speak for all rows."""
        return self.scheme in ("stratified", "grouped") or len(self.validation) > 0

    @property
    def folds_are_drawn(self) -> bool:
        """Tell whether the rows of a fold differ from the others by chance alone, neither by time nor as given."""
        return self.scheme in ("stratified", "grouped") or (self.scheme == "given" and not len(self.validation))

    def to_dict(self) -> dict[str, Any]:
        """Return sizes and sentences, without the rows themselves."""
        return {
            "held_out_kind": self.held_out_kind,
            "scheme": self.scheme,
            "rows": {
                "train": len(self.train),
                "validation": len(self.validation),
                "held_out": len(self.held_out),
                "left_out": len(self.left_out),
            },
            "folds": len(self.folds),
            "search_folds": len(self.search_folds),
            "description": self.description,
            "boundaries": self.boundaries,
            "notes": self.notes,
        }


@dataclass
class _Table:
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
        assert self.dates is not None
        return self.dates.to_numpy().astype("datetime64[D]")

    @property
    def undated(self) -> np.ndarray:
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
        self.notes.append({"message": message, "params": params})


def split_rows(frame: pd.DataFrame, y: np.ndarray, spec: ExperimentSpec) -> Split:
    """Divide the labelled rows of a table into training folds and a held-out part.

    With ``spec.validation.scheme`` ``auto`` and a ``spec.time_column``, the newest ``held_out_share`` of months (at
    least one, and at most a third of the rows) is kept out of time; otherwise a stratified share is held out by chance.
    Folds are stratified by the target, its month and weight, and grouped where ``spec.group_column`` is given or the
    values of ``spec.id_column`` repeat. ``stratified`` and ``grouped`` ask for a split by chance, ``time`` for folds in
    the order of time too, and ``given`` for the parts that ``split_column`` names. An embargo leaves out the days
    before the rows that are validated or set aside, which orders the folds by time as well. The same seed gives the
    same split.

    Parameters
    ----------
    frame : the whole table. y : 1, 0 or NaN (unlabelled, left out), one value a row.

    Raises
    ------
    BadInput : fewer than ten rows with or without the event, or a scheme that the table cannot serve.
    """
    _require_embargo_makes_sense(spec)
    labelled = np.flatnonzero(~np.isnan(y))
    _require_both_classes(y[labelled], spec)
    groups, group_name = _groups_of(frame, spec)
    table = _Table(
        frame, y, spec, np.random.default_rng(spec.seed), labelled, groups, group_name, _dates_of(frame, spec)
    )
    if spec.validation.scheme == "given":
        return _split_as_given(table)
    by_time = spec.validation.scheme == "time" or spec.validation.embargo_days > 0
    if by_time and table.dates is None:
        raise BadInput(NO_DATE_COLUMN)
    held_out = None
    if table.dates is not None and spec.validation.scheme in ("auto", "time"):
        held_out = _newest_rows(table, is_required=by_time)
    if held_out is None:
        return _split_by_chance(table)
    return _split_in_time_order(table, held_out) if by_time else _split_by_time(table, held_out)


def _require_embargo_makes_sense(spec: ExperimentSpec) -> None:
    days = spec.validation.embargo_days
    if days < 0:
        raise BadInput(BAD_EMBARGO)
    if days and spec.validation.scheme in ("stratified", "grouped", "given"):
        raise BadInput(EMBARGO_BY_CHANCE, days=days)
    if days and spec.time_column is None:
        raise BadInput(EMBARGO_WITHOUT_DATE, days=days)


def _require_both_classes(y: np.ndarray, spec: ExperimentSpec) -> None:
    for value, which in ((1, WITH), (0, WITHOUT)):
        count = int((y == value).sum())
        if count < SMALLEST_CLASS:
            raise BadInput(TOO_FEW, count=count, which=which, column=spec.target, least=SMALLEST_CLASS)


def _groups_of(frame: pd.DataFrame, spec: ExperimentSpec) -> tuple[np.ndarray | None, str]:
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
    """Return a number for each row's group; a row whose cell is empty or holds nothing but spaces is alone."""
    codes = pd.factorize(values)[0].astype(np.int64)
    alone = codes < 0
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        alone |= (values.map(str, na_action="ignore").str.strip() == "").to_numpy(dtype=bool, na_value=False)
    codes[alone] = codes.max(initial=0) + 1 + np.arange(alone.sum())
    return codes


def _dates_of(frame: pd.DataFrame, spec: ExperimentSpec) -> pd.Series | None:
    if spec.time_column is None or spec.time_column not in frame:
        return None
    column = frame[spec.time_column]
    if not pd.api.types.is_datetime64_any_dtype(column):
        column = pd.to_datetime(column, errors="coerce")
    return _without_strays(column.reset_index(drop=True))


def _without_strays(dates: pd.Series) -> pd.Series:
    """Take a day that systems write where there is none for none: it would be the newest."""
    months = dates.dt.tz_localize(None).to_numpy().astype("datetime64[M]")
    span = believable_span(*np.unique(months[~np.isnat(months)], return_counts=True))
    if span is None:
        return dates
    return dates.where(np.isnat(months) | ((months >= span[0]) & (months <= span[1])))


def _months(dates: pd.Series) -> np.ndarray:
    months = dates.dt.strftime("%Y-%m").astype(object)
    return months.where(dates.notna(), None).to_numpy()


def _split_by_time(table: _Table, held_out: np.ndarray) -> Split:
    """Keep the newest months out of time, and deal folds by chance from those before."""
    train = _besides(table, held_out)
    if len(table.undated):
        table.note(ROWS_WITHOUT_DATE, count=len(table.undated), column=table.spec.time_column)
    _note_customers_in_both(table, train, held_out, CUSTOMERS_IN_BOTH)
    boundaries = _boundaries(table, train, held_out)
    folds = _deal_folds(table, train)
    grouped = bool(table.group_name)
    return _made(
        table, train, held_out, folds, scheme="grouped" if grouped else "stratified", is_out_of_time=True,
        boundaries=boundaries, message=SPLIT_BY_TIME_GROUPED if grouped else SPLIT_BY_TIME, params=boundaries,
    )  # fmt: skip


def _split_in_time_order(table: _Table, held_out: np.ndarray) -> Split:
    """Keep the newest months out of time, an embargo before them, and validate each fold on later rows."""
    days, embargo = table.days, table.spec.validation.embargo_days
    older = _besides(table, held_out)
    older = np.setdiff1d(older, table.undated)
    start = days[held_out].min()
    train = before(days, older, start, embargo)
    if not _has_both(table.y[train], SMALLEST_CLASS // 2):
        raise BadInput(EMBARGO_TOO_LONG, days=embargo, held_from=str(start))
    customers = None
    if table.groups is not None:
        side = np.zeros(len(table.y), dtype=np.int64)
        side[train] = _deal(table, train, 2)
        customers = Customers(table.groups, side)
    folds = time_folds(
        days, table.y, train, folds=_fold_count(table.y[train], table.spec), embargo_days=embargo, customers=customers
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
    _note_customers_in_both(table, train, held_out, CUSTOMERS_IN_BOTH)
    boundaries = _boundaries(table, train, held_out)
    return _made(
        table, train, held_out, folds, scheme="time", is_out_of_time=True, boundaries=boundaries,
        message=SPLIT_IN_TIME_ORDER_GROUPED if table.group_name else SPLIT_IN_TIME_ORDER, params=boundaries,
    )  # fmt: skip


def _told_by_chance(table: _Table) -> str:
    if table.dates is None:
        ungrouped, grouped = SPLIT_BY_CHANCE, SPLIT_BY_CHANCE_GROUPED
    elif table.spec.validation.scheme == "auto":
        ungrouped, grouped = SPLIT_UNDIVIDED, SPLIT_UNDIVIDED_GROUPED
    else:
        ungrouped, grouped = SPLIT_BY_CHANCE_AS_ASKED, SPLIT_BY_CHANCE_GROUPED_AS_ASKED
    return grouped if table.group_name else ungrouped


def _split_by_chance(table: _Table) -> Split:
    """Hold a stratified share out, customers kept whole unless a split by rows was asked for."""
    cut = None
    if table.spec.validation.scheme == "stratified" and table.spec.group_column is None:
        # Only repeated ids speak for groups here, and a split by rows was asked for all the same.
        cut, table = table, replace(table, groups=None, group_name="")
    parts = max(2, round(1 / table.spec.validation.held_out_share))
    held_out = table.labelled[_deal(table, table.labelled, parts) == 0]
    train = _besides(table, held_out)
    if cut is not None:
        _note_customers_in_both(cut, train, held_out, CUSTOMERS_CUT)
    grouped = bool(table.group_name)
    held_share = round(100 * len(held_out) / len(table.labelled))
    return _made(
        table, train, held_out, _deal_folds(table, train), scheme="grouped" if grouped else "stratified",
        is_out_of_time=False, message=_told_by_chance(table),
        params={"train_share": 100 - held_share, "held_share": held_share},
    )  # fmt: skip


def _split_as_given(table: _Table) -> Split:
    """Take the parts that the table itself names; without rows for validation, deal folds from those for training."""
    name = table.spec.validation.split_column
    if name is None or name not in table.frame:
        raise BadInput(NO_SPLIT_COLUMN)
    parts = read_parts(table.frame[name].reset_index(drop=True), name, table.labelled, note=table.note)
    train, validation, held_out = (table.labelled[parts[table.labelled] == part] for part in (TRAIN, VALIDATION, TEST))
    for rows, part, least in (
        (train, FOR_TRAINING, SMALLEST_CLASS // 2), (validation, FOR_VALIDATION, 2), (held_out, FOR_TEST, 2),
    ):  # fmt: skip
        if len(rows):
            _require_both_in_part(table, rows, part, least)
    without = len(table.labelled) - len(train) - len(validation) - len(held_out)
    if without:
        table.note(ROWS_WITHOUT_PART, count=without, column=name)
    learnt_from = np.concatenate([train, validation])
    _note_customers_in_both(table, learnt_from, held_out, CUSTOMERS_CUT)
    is_later = table.dates is not None and _is_later(table.dates, learnt_from, held_out)
    params = {"column": name, "train": len(train), "held_out": len(held_out)}
    folds = training_folds = _deal_folds(table, train)
    message = SPLIT_GIVEN_GROUPED if table.group_name else SPLIT_GIVEN
    if len(validation):
        message, params = SPLIT_GIVEN_IN_THREE, params | {"validation": len(validation)}
        folds = [(train, validation)]
    split = _made(
        table, train, held_out, folds, scheme="given", is_out_of_time=is_later, validation=validation, message=message,
        params=params, boundaries=_boundaries(table, train, held_out) if is_later else {},
    )  # fmt: skip
    return replace(split, training_folds=training_folds)


def _require_both_in_part(table: _Table, rows: np.ndarray, part: str, least: int) -> None:
    events = int((table.y[rows] == 1).sum())
    if min(events, len(rows) - events) < least:
        column = table.spec.validation.split_column
        raise BadInput(TOO_FEW_IN_PART, column=column, part=part, events=events, others=len(rows) - events, least=least)


def _is_later(dates: pd.Series, learnt_from: np.ndarray, held_out: np.ndarray) -> bool:
    before_it, of_it = dates.iloc[learnt_from], dates.iloc[held_out]
    return bool(of_it.notna().all() and before_it.notna().any() and before_it.max() < of_it.min())


def _made(
    table: _Table,
    train: np.ndarray,
    held_out: np.ndarray,
    folds: list[Fold],
    *,
    scheme: Literal["stratified", "grouped", "time", "given"],
    is_out_of_time: bool,
    message: str,
    params: dict[str, Any],
    boundaries: dict[str, str] | None = None,
    validation: np.ndarray | None = None,
) -> Split:
    validation = np.array([], dtype=np.int64) if validation is None else validation
    told = {"folds": len(folds), **({"group": table.group_name} if table.group_name else {}), **params}
    return Split(
        train=train,
        held_out=held_out,
        folds=folds,
        search_folds=folds[:FOLDS_FOR_MANY_ROWS] if len(train) >= MANY_ROWS else folds,
        held_out_kind="out_of_time" if is_out_of_time else "held_out",
        period_of_row=None if table.dates is None else _months(table.dates),
        description={"message": message, "params": told},
        boundaries=boundaries or {},
        notes=table.notes,
        scheme=scheme,
        validation=validation,
        left_out=_besides(table, np.concatenate([train, validation, held_out])),
        training_folds=folds,
    )


def _besides(table: _Table, taken: np.ndarray) -> np.ndarray:
    """Return the labelled rows that are not taken, in order; over millions of rows far faster than by sets."""
    is_left = np.ones(len(table.y), dtype=bool)
    is_left[taken] = False
    return table.labelled[is_left[table.labelled]]


def _newest_rows(table: _Table, *, is_required: bool) -> np.ndarray | None:
    """Return the rows of the newest periods, or ``None`` (with a note) where time cannot divide the table.

    Raises
    ------
    BadInput : time cannot divide the table, and was asked to.
    """
    assert table.dates is not None
    ours = table.dates.iloc[table.labelled]
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


def _choose_newest(periods: np.ndarray, names: np.ndarray, y: np.ndarray, share: float) -> np.ndarray | None:
    number = max(1, round(len(names) * share))
    sizes = pd.Series(periods).value_counts()
    # A portfolio that grows has most of its rows in the newest months: training would be left with too little.
    while number > 1 and sizes[names[-number:]].sum() > LARGEST_HELD_OUT * len(y):
        number -= 1
    for count in range(number, len(names)):
        held = np.asarray(pd.Series(periods).isin(names[-count:]))
        if _has_both(y[held], 2) and _has_both(y[~held], SMALLEST_CLASS // 2):
            return held
    return None


def _has_both(y: np.ndarray, least: int) -> bool:
    return bool(min((y == 1).sum(), (y == 0).sum()) >= least)


def _fold_count(y: np.ndarray, spec: ExperimentSpec) -> int:
    return int(max(2, min(spec.validation.folds, (y == 1).sum(), (y == 0).sum())))


def _deal_folds(table: _Table, train: np.ndarray) -> list[Fold]:
    number = _fold_count(table.y[train], table.spec)
    fold_of = _deal(table, train, number)
    return [(train[fold_of != fold], train[fold_of == fold]) for fold in range(number)]


def _deal(table: _Table, rows: np.ndarray, parts: int) -> np.ndarray:
    """Deal rows (or whole groups) like cards into parts with equal shares of events; return the part of each row."""
    y = table.y[rows]
    if table.groups is None:
        return _deal_cards(y.astype(int), np.ones(len(y)), table.strata[rows], parts, table.random)
    _, member = np.unique(table.groups[rows], return_inverse=True)
    events = np.bincount(member, weights=y).astype(int)
    sizes = np.bincount(member)
    return _deal_cards(events, sizes, np.zeros(len(sizes)), parts, table.random)[member]


def _deal_cards(
    events: np.ndarray, sizes: np.ndarray, strata: np.ndarray, parts: int, random: np.random.Generator
) -> np.ndarray:
    order = np.lexsort((random.random(len(events)), strata, sizes, events))[::-1]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    lap, place = np.divmod(rank, parts)
    # Back and forth, so that the largest groups do not all end up in the first part.
    return np.where(lap % 2 == 0, place, parts - 1 - place)


def _note_customers_in_both(table: _Table, train: np.ndarray, held_out: np.ndarray, message: str) -> None:
    if table.groups is None:
        return
    shared = int(np.isin(table.groups[held_out], table.groups[train]).sum())
    if shared:
        table.note(message, count=shared, group=table.group_name)


def _boundaries(table: _Table, train: np.ndarray, held_out: np.ndarray) -> dict[str, str]:
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
