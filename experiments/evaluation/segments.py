"""Where the model is weaker: the core measures by level of a category or range of a number."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.evaluation.calibration import observed_expected
from experiments.evaluation.deciles import quantile_edges
from experiments.evaluation.metrics import auc, ks, lift_at
from experiments.evaluation.ranking import Floats, labelled
from experiments.evaluation.small_counts import auc_with_interval
from experiments.house_rules import is_enough
from experiments.stored import plain_fields

__all__ = ["Part", "SegmentRow", "attainable_auc", "segment_table"]

# A segment is called weak when its AUC lies below the whole's for certain, and by this much.
WEAK_BY = 0.02
# Customers of a segment that are alike by score rank less well by nature, whatever column cuts it: even right
# probabilities would give it an AUC that is lower by this much. Such a segment is weak when its probabilities are off
# for certain, and by ``OFF_BY``.
ALIKE_BY = 0.02
OFF_BY = 0.1

SegmentKind = Literal["level", "range", "other", "missing"]


@dataclass(frozen=True)
class SegmentRow:
    """Measures of one segment; those that need both classes are NaN when ``is_enough`` is false.

    ``label`` is a level or a range ``[a, b)``; for kinds ``other`` and ``missing`` it is that word, for the page
    to translate. ``low`` and ``high`` are the bounds of a range, ``None`` where it is open. ``judged_by`` says what
    ``is_weak`` rests on: how the segment is ranked or, where its customers are alike by score, its calibration.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"city": ["a", "b"] * 200})
    >>> row = segment_table([0, 0, 1, 1] * 100, [0.1, 0.2, 0.7, 0.8] * 100, frame=frame)[0]
    >>> row.column, row.rows, row.auc
    ('city', 200, 1.0)
    """

    column: str
    kind: SegmentKind
    label: str
    low: float | None
    high: float | None
    rows: int
    events: int
    share: float
    event_rate: float
    mean_probability: float
    observed_expected: float
    observed_expected_low: float
    observed_expected_high: float
    auc: float
    auc_low: float
    auc_high: float
    ks: float
    lift: float
    is_enough: bool
    is_weak: bool
    judged_by: Literal["ranking", "calibration"] = "ranking"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return plain_fields(self)


@dataclass(frozen=True)
class Part:
    """Rows of a table that share a level or a range of one column; ``chosen`` says which.

    Examples
    --------
    >>> import numpy as np
    >>> Part("level", "a", np.array([True, False])).chosen.sum().item()
    1
    """

    kind: SegmentKind
    label: str
    chosen: np.ndarray
    low: float | None = None
    high: float | None = None


def segment_table(
    y: ArrayLike,
    p: ArrayLike,
    *,
    frame: pd.DataFrame,
    weight: ArrayLike | None = None,
    columns: Sequence[str] | None = None,
    drivers: Collection[str] = (),
    contact_share: float = 0.1,
    max_levels: int = 8,
    ranges: int = 4,
) -> list[SegmentRow]:
    """Return the measures of each segment of each column, weakest first, those too small to tell last.

    A segment whose own probabilities are too alike to rank as well as all rows' do (``attainable_auc``) is judged by
    calibration, as are all of a driver.

    Parameters
    ----------
    y, p, weight : labels, probabilities and weights; shape (n,).
    frame : the columns to cut by, one row per label.
    columns : which of them, all when left out.
    drivers : columns that the model goes by most; their segments are judged by calibration.
    contact_share : share of a segment for its lift.
    max_levels : levels of a category shown by name, the rest together as ``other``.
    ranges : ranges of nearly equal weight for a number with more values than ``max_levels``.

    Returns
    -------
    list of SegmentRow

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"city": ["a", "b"] * 200})
    >>> rows = segment_table([0, 0, 1, 1] * 100, [0.1, 0.2, 0.7, 0.8] * 100, frame=frame)
    >>> sorted((row.label, row.rows, row.auc) for row in rows)
    [('a', 200, 1.0), ('b', 200, 1.0)]
    """
    known = ~np.isnan(np.asarray(y, dtype=np.float64))
    table = frame[known]
    labels, scores, weights = labelled(y, p, weight)
    whole = _Whole(auc(labels, scores, weight=weights), attainable_auc(scores, weights))
    rows = [
        _segment_row(str(name), part, labels, scores, weights, whole, contact_share, is_driver=str(name) in drivers)
        for name in (frame.columns if columns is None else columns)
        for part in parts_of(table[name], weights, max_levels, ranges)
        if part.chosen.any()
    ]
    return sorted(rows, key=_weakest_first)


def segment_measures(y: Floats, p: Floats, weight: Floats, contact_share: float) -> Callable[[str, Part], SegmentRow]:
    """Return what measures any part of labelled rows beside the whole of them."""
    whole = _Whole(auc(y, p, weight=weight), attainable_auc(p, weight))
    return lambda column, part: _segment_row(column, part, y, p, weight, whole, contact_share, is_driver=False)


def attainable_auc(p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return the AUC that probabilities have when they are right: the more alike they are, the lower.

    It is the AUC expected from the spread of the probabilities alone (van Klaveren et al. 2016, model-based
    concordance), and so tells range restriction from a model that ranks badly.

    Parameters
    ----------
    p, weight : probabilities and weights of the rows; shape (n,).

    Returns
    -------
    float
        Between 0.5 and 1.

    References
    ----------
    van Klaveren, D. et al. (2016). A new concordance measure for risk prediction models in external validation
    settings. Statistics in Medicine 35.

    Examples
    --------
    >>> round(attainable_auc([0.1, 0.9]), 2), attainable_auc([0.3, 0.3])
    (0.9, 0.5)
    """
    scores = np.asarray(p, dtype=np.float64)
    weights = np.ones_like(scores) if weight is None else np.asarray(weight, dtype=np.float64)
    labels = np.repeat([1.0, 0.0], len(scores))
    return auc(labels, np.tile(scores, 2), weight=np.concatenate([weights * scores, weights * (1 - scores)]))


@dataclass(frozen=True)
class _Whole:
    """AUC of all rows, and what their probabilities could give."""

    auc: float
    attainable: float


def _weakest_first(row: SegmentRow) -> tuple[bool, bool, float]:
    is_alike_by_nature = row.judged_by == "calibration" and not row.is_weak
    return not row.is_enough, is_alike_by_nature, row.auc if row.is_enough else -row.rows


def parts_of(column: pd.Series, weight: Floats, max_levels: int = 8, ranges: int = 4) -> Iterator[Part]:
    """Cut a column into levels or ranges, with a part for missing."""
    missing = column.isna().to_numpy()
    column = _cut_by(column)
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if is_number and column.nunique() > max_levels:
        yield from _range_parts(column.to_numpy(np.float64, na_value=np.nan), weight, ranges)
    else:
        yield from _level_parts(column, missing, max_levels)
    yield Part("missing", "missing", missing)


def rows_within(cut: SegmentRow, column: pd.Series, *, named: Collection[str]) -> np.ndarray:
    """Return which rows of a column, of any table, are in a segment that another table was cut into.

    Parameters
    ----------
    named : levels of the column that have segments of their own; all others are ``other``.
    """
    missing = column.isna().to_numpy()
    if cut.kind == "missing":
        return missing
    if cut.kind == "range":
        numbers = column.to_numpy(np.float64, na_value=np.nan)
        low, high = -np.inf if cut.low is None else cut.low, np.inf if cut.high is None else cut.high
        return (numbers >= low) & ((numbers < high) | (cut.high is None))
    names = _names_of_levels(_cut_by(column))
    return ~missing & ~names.isin(list(named)).to_numpy() if cut.kind == "other" else (names == cut.label).to_numpy()


def _cut_by(column: pd.Series) -> pd.Series:
    return column.dt.strftime("%Y-%m") if pd.api.types.is_datetime64_any_dtype(column) else column


def _range_parts(numbers: Floats, weight: Floats, ranges: int) -> Iterator[Part]:
    known = ~np.isnan(numbers)
    edges = quantile_edges(numbers[known], ranges, weight=weight[known])
    bounds: list[float | None] = [None, *edges.tolist(), None]
    code = np.searchsorted(edges, numbers, side="right")
    for place in range(len(edges) + 1):
        low, high = bounds[place], bounds[place + 1]
        words = ("−∞" if low is None else f"{low:.6g}", "+∞" if high is None else f"{high:.6g}")
        yield Part("range", f"[{words[0]}, {words[1]})", known & (code == place), low, high)


def _level_parts(column: pd.Series, missing: np.ndarray, max_levels: int) -> Iterator[Part]:
    names = _names_of_levels(column)
    counts = names.value_counts()
    # A single level left over is named rather than hidden behind "other".
    shown = counts.index[:max_levels] if len(counts) > max_levels + 1 else counts.index
    for level in shown:
        yield Part("level", str(level), (names == level).to_numpy(dtype=bool))
    if len(shown) < len(counts):
        yield Part("other", "other", ~missing & ~names.isin(shown).to_numpy())


def _names_of_levels(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna()).map(_level_name, na_action="ignore")


def _level_name(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _segment_row(
    column: str,
    part: Part,
    y: Floats,
    p: Floats,
    weight: Floats,
    whole: _Whole,
    contact_share: float,
    *,
    is_driver: bool,
) -> SegmentRow:
    own_y, own_p, own_weight = y[part.chosen], p[part.chosen], weight[part.chosen]
    events, total = int(own_y.sum()), float(own_weight.sum())
    enough = is_enough(len(own_y), events) and events < len(own_y)
    nothing = float("nan")
    area = auc_with_interval(own_y, own_p, weight=own_weight) if enough else None
    ratio = observed_expected(own_y, own_p, weight=own_weight)
    is_ranked_worse = bool(area and area.high < whole.auc and area.value <= whole.auc - WEAK_BY)
    is_alike = is_driver or (enough and attainable_auc(own_p, own_weight) <= whole.attainable - ALIKE_BY)
    is_off = enough and (ratio.low > 1 or ratio.high < 1) and abs(ratio.value - 1) > OFF_BY
    return SegmentRow(
        column=column,
        kind=part.kind,
        label=part.label,
        low=part.low,
        high=part.high,
        rows=len(own_y),
        events=events,
        share=total / float(weight.sum()) if weight.sum() > 0 else nothing,
        event_rate=float(own_weight @ own_y) / total if total > 0 else nothing,
        mean_probability=float(own_weight @ own_p) / total if total > 0 else nothing,
        observed_expected=ratio.value,
        observed_expected_low=ratio.low,
        observed_expected_high=ratio.high,
        auc=area.value if area else nothing,
        auc_low=area.low if area else nothing,
        auc_high=area.high if area else nothing,
        ks=ks(own_y, own_p, weight=own_weight).value if enough else nothing,
        lift=lift_at(own_y, own_p, share=contact_share, weight=own_weight) if enough else nothing,
        is_enough=enough,
        is_weak=bool(is_off if is_alike else is_ranked_worse),
        judged_by="calibration" if is_alike else "ranking",
    )
