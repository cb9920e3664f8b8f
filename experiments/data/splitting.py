"""Sets rows aside: the newest months out of time where there is a date, a stratified share otherwise, then folds."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from experiments.errors import BadInput, gettext_noop
from experiments.spec import ExperimentSpec

SMALLEST_CLASS = 10
MANY_ROWS = 100_000
FOLDS_FOR_MANY_ROWS = 3
LARGEST_HELD_OUT = 1 / 3

TOO_FEW = gettext_noop(
    "Only %(count)s rows are %(which)s the event in %(column)s; at least %(least)s are needed. Bring more rows, or "
    "choose another target."
)
WITH = gettext_noop("with")
WITHOUT = gettext_noop("without")
SPLIT_BY_TIME = gettext_noop(
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds, and keep %(held_from)s to %(held_to)s as "
    "out-of-time test."
)
SPLIT_BY_TIME_GROUPED = gettext_noop(
    "Train on %(train_from)s to %(train_to)s with %(folds)s folds grouped by %(group)s, and keep %(held_from)s to "
    "%(held_to)s as out-of-time test."
)
SPLIT_BY_CHANCE = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds, and keep a random %(held_share)s %% as held-out "
    "test. There is no date column, so stability over time is not tested."
)
SPLIT_BY_CHANCE_GROUPED = gettext_noop(
    "Train on %(train_share)s %% of the rows with %(folds)s folds grouped by %(group)s, and keep a random "
    "%(held_share)s %% as held-out test. There is no date column, so stability over time is not tested."
)
NO_TIME_SPLIT = gettext_noop(
    "The date column %(column)s cannot be split by time (%(reason)s), so a random share is held out instead."
)
ONE_DATE = gettext_noop("all rows have the same date, or none")
ONE_CLASS_IN_TIME = gettext_noop("the newest or the older dates hold rows of one kind only")
ROWS_WITHOUT_DATE = gettext_noop("%(count)s rows have no date in %(column)s; they are used for training only.")
CUSTOMERS_IN_BOTH = gettext_noop(
    "%(count)s of the out-of-time rows belong to a %(group)s that is also in training, as it will be in use."
)


@dataclass(frozen=True)
class Split:
    """Which rows do what; every array holds absolute row positions of the table.

    Attributes
    ----------
    train, held_out : rows to learn from, and rows nobody looks at before the finalists are chosen.
    folds : ``(fit, valid)`` pairs inside ``train``; every finalist is scored on all of them.
    search_folds : the folds a search uses: all of them, or the first three from 100,000 training rows on.
    held_out_kind : ``out_of_time`` or ``held_out``.
    period_of_row : month of each row of the table as ``YYYY-MM`` (``None`` where undated), or ``None`` without dates.
    description : ``{"message", "params"}``, the split in one sentence.
    boundaries : ISO dates of the first and last training and held-out row, or empty.
    notes : further sentences worth showing, as ``{"message", "params"}``.
    """

    train: np.ndarray
    held_out: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray]]
    search_folds: list[tuple[np.ndarray, np.ndarray]]
    held_out_kind: Literal["out_of_time", "held_out"]
    period_of_row: np.ndarray | None
    description: dict[str, Any]
    boundaries: dict[str, str] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return sizes and sentences, without the rows themselves."""
        return {
            "held_out_kind": self.held_out_kind,
            "rows": {"train": len(self.train), "held_out": len(self.held_out)},
            "folds": len(self.folds),
            "search_folds": len(self.search_folds),
            "description": self.description,
            "boundaries": self.boundaries,
            "notes": self.notes,
        }


def split_rows(frame: pd.DataFrame, y: np.ndarray, spec: ExperimentSpec) -> Split:
    """Divide the labelled rows of a table into training folds and a held-out part.

    With ``spec.time_column`` the newest ``held_out_share`` of months (at least one, and at most a third of the rows)
    is kept out of time. Otherwise a stratified share is held out by chance. Folds are stratified by the target, and
    grouped where ``spec.group_column`` is given or the values of ``spec.id_column`` repeat. The same seed gives the
    same split.

    Parameters
    ----------
    frame : the whole table. y : 1, 0 or NaN (unlabelled, left out), one value a row.

    Raises
    ------
    BadInput : fewer than ten rows with or without the event.
    """
    labelled = np.flatnonzero(~np.isnan(y))
    _require_both_classes(y[labelled], spec)
    random = np.random.default_rng(spec.seed)
    groups, group_name = _groups_of(frame, spec)
    dates = _dates_of(frame, spec)
    notes: list[dict[str, Any]] = []

    held_out = None if dates is None else _newest_rows(dates, y, labelled, spec, notes)
    by_time = held_out is not None
    if held_out is None:
        held_out = _held_out_by_chance(y, labelled, groups, spec, random)
    train = np.setdiff1d(labelled, held_out)
    folds = _deal_folds(y, train, groups, _fold_count(y[train], spec), random)
    if by_time and groups is not None:
        _note_customers_in_both(groups, train, held_out, group_name, notes)
    boundaries = _boundaries(dates, train, held_out) if by_time and dates is not None else {}
    return Split(
        train=train,
        held_out=held_out,
        folds=folds,
        search_folds=folds[:FOLDS_FOR_MANY_ROWS] if len(train) >= MANY_ROWS else folds,
        held_out_kind="out_of_time" if by_time else "held_out",
        period_of_row=None if dates is None else _months(dates),
        description=_describe(boundaries, len(folds), group_name, len(train), len(held_out)),
        boundaries=boundaries,
        notes=notes,
    )


def _require_both_classes(y: np.ndarray, spec: ExperimentSpec) -> None:
    for value, which in ((1, WITH), (0, WITHOUT)):
        count = int((y == value).sum())
        if count < SMALLEST_CLASS:
            raise BadInput(TOO_FEW, count=count, which=which, column=spec.target, least=SMALLEST_CLASS)


def _groups_of(frame: pd.DataFrame, spec: ExperimentSpec) -> tuple[np.ndarray | None, str]:
    """Return a group number a row; a row without a group value is a group of its own."""
    name = spec.group_column
    if name is None and spec.id_column in frame and frame[spec.id_column].dropna().duplicated().any():
        name = spec.id_column
    if name is None or name not in frame:
        return None, ""
    codes, _ = pd.factorize(frame[name])
    alone = codes < 0
    codes = codes.astype(np.int64)
    codes[alone] = codes.max(initial=0) + 1 + np.arange(alone.sum())
    return codes, name


def _dates_of(frame: pd.DataFrame, spec: ExperimentSpec) -> pd.Series | None:
    if spec.time_column is None or spec.time_column not in frame:
        return None
    column = frame[spec.time_column]
    if not pd.api.types.is_datetime64_any_dtype(column):
        column = pd.to_datetime(column, errors="coerce")
    return column.reset_index(drop=True)


def _months(dates: pd.Series) -> np.ndarray:
    months = dates.dt.strftime("%Y-%m").astype(object)
    return months.where(dates.notna(), None).to_numpy()


def _newest_rows(
    dates: pd.Series, y: np.ndarray, labelled: np.ndarray, spec: ExperimentSpec, notes: list[dict[str, Any]]
) -> np.ndarray | None:
    """Return the rows of the newest periods, or ``None`` (with a note) where time cannot divide the table."""
    ours = dates.iloc[labelled]
    undated = int(ours.isna().sum())
    periods = ours.dt.to_period("M")
    if periods.nunique() < 2:
        periods = ours.dt.to_period("D")
    names = np.sort(periods.dropna().unique())
    if len(names) < 2:
        notes.append(_no_time_split(spec, ONE_DATE))
        return None
    held = _choose_newest(periods.to_numpy(), names, y[labelled], spec.validation.held_out_share)
    if held is None:
        notes.append(_no_time_split(spec, ONE_CLASS_IN_TIME))
        return None
    if undated:
        notes.append({"message": ROWS_WITHOUT_DATE, "params": {"count": undated, "column": spec.time_column}})
    return labelled[held]


def _no_time_split(spec: ExperimentSpec, reason: str) -> dict[str, Any]:
    return {"message": NO_TIME_SPLIT, "params": {"column": spec.time_column, "reason": reason}}


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
    return min((y == 1).sum(), (y == 0).sum()) >= least


def _held_out_by_chance(
    y: np.ndarray, labelled: np.ndarray, groups: np.ndarray | None, spec: ExperimentSpec, random: np.random.Generator
) -> np.ndarray:
    parts = max(2, round(1 / spec.validation.held_out_share))
    part_of = _deal(y[labelled], None if groups is None else groups[labelled], parts, random)
    return labelled[part_of == 0]


def _fold_count(y: np.ndarray, spec: ExperimentSpec) -> int:
    return int(max(2, min(spec.validation.folds, (y == 1).sum(), (y == 0).sum())))


def _deal_folds(
    y: np.ndarray, train: np.ndarray, groups: np.ndarray | None, number: int, random: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    fold_of = _deal(y[train], None if groups is None else groups[train], number, random)
    return [(train[fold_of != fold], train[fold_of == fold]) for fold in range(number)]


def _deal(y: np.ndarray, groups: np.ndarray | None, parts: int, random: np.random.Generator) -> np.ndarray:
    """Deal rows (or whole groups) like cards into parts with equal shares of events; return the part of each row."""
    if groups is None:
        return _deal_cards(y.astype(int), np.ones(len(y)), parts, random)
    _, member = np.unique(groups, return_inverse=True)
    events = np.bincount(member, weights=y).astype(int)
    sizes = np.bincount(member)
    return _deal_cards(events, sizes, parts, random)[member]


def _deal_cards(events: np.ndarray, sizes: np.ndarray, parts: int, random: np.random.Generator) -> np.ndarray:
    order = np.lexsort((random.random(len(events)), sizes, events))[::-1]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    lap, place = np.divmod(rank, parts)
    # Back and forth, so that the largest groups do not all end up in the first part.
    return np.where(lap % 2 == 0, place, parts - 1 - place)


def _note_customers_in_both(
    groups: np.ndarray, train: np.ndarray, held_out: np.ndarray, name: str, notes: list[dict[str, Any]]
) -> None:
    shared = int(np.isin(groups[held_out], groups[train]).sum())
    if shared:
        notes.append({"message": CUSTOMERS_IN_BOTH, "params": {"count": shared, "group": name}})


def _boundaries(dates: pd.Series, train: np.ndarray, held_out: np.ndarray) -> dict[str, str]:
    def day(rows: np.ndarray, pick: str) -> str:
        return getattr(dates.iloc[rows], pick)().date().isoformat()

    return {
        "train_from": day(train, "min"),
        "train_to": day(train, "max"),
        "held_from": day(held_out, "min"),
        "held_to": day(held_out, "max"),
    }


def _describe(boundaries: dict[str, str], folds: int, group: str, train: int, held_out: int) -> dict[str, Any]:
    params: dict[str, Any] = {"folds": folds}
    if group:
        params["group"] = group
    if boundaries:
        return {"message": SPLIT_BY_TIME_GROUPED if group else SPLIT_BY_TIME, "params": params | boundaries}
    held_share = round(100 * held_out / (train + held_out))
    params |= {"train_share": 100 - held_share, "held_share": held_share}
    return {"message": SPLIT_BY_CHANCE_GROUPED if group else SPLIT_BY_CHANCE, "params": params}
