"""A model over all customers or a segment: what it rests on, what each column does, what acts together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from experiments.artifact.explanation import Explanation
from experiments.artifact.model import ModelArtifact
from experiments.charts.beeswarm import beeswarm_data
from experiments.charts.coloured_dependence import ColouredDependenceData, coloured_dependence_data
from experiments.charts.dependence import DependenceData, dependence_data
from experiments.charts.importance import importance_data
from experiments.charts.partial_dependence import PartialDependenceData, partial_dependence_data
from experiments.errors import BadInput, gettext_noop
from experiments.explanation.global_view import Importance, importance_of
from experiments.explanation.interactions import Interaction, interaction_strengths, strongest_partner
from experiments.explanation.partial_dependence import grid_of, partial_dependence
from experiments.features.levels import level_text
from experiments.stored import Part, Stored

__all__ = ["GlobalLook", "GroupWeight", "SegmentAsked", "look_at_model", "rows_of_segment"]

# Rows whose contributions are told, that are varied, and of which each meets each for the interactions.
ROWS_EXPLAINED, ROWS_VARIED, ROWS_TOGETHER = 2_000, 400, 100
FEWEST_ROWS = 50
CURVES, PARTNERS = 12, 8
TOO_FEW = gettext_noop(
    "The segment has %(rows)s rows; at least %(fewest)s are needed to explain it. Choose a larger segment."
)


@dataclass(frozen=True)
class SegmentAsked(Part):
    """A segment: the rows of one level, of a range, or without a value.

    Attributes
    ----------
    level : of kind ``level``, as it is written.
    low, high : of kind ``range``, from ``low`` to below ``high``; None where it is open.

    Examples
    --------
    >>> SegmentAsked("age", "range", low=30.0).high is None
    True
    """

    column: str
    kind: Literal["level", "range", "missing"]
    level: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class GroupWeight(Part):
    """The weight of a group of columns that give one reason.

    Attributes
    ----------
    group : its name. columns : which. mean_abs : mean absolute sum of their contributions; share : of all groups' sum.

    Examples
    --------
    >>> GroupWeight("income", ("income", "wage"), 0.2, 0.5).share
    0.5
    """

    group: str
    columns: tuple[str, ...]
    mean_abs: float
    share: float


@dataclass(frozen=True)
class GlobalLook(Stored):
    """What a model does over all customers, or those of a segment.

    Attributes
    ----------
    rows : of the table that belong to it. explanation : importance, beeswarm and dependence over a sample of them.
    groups : weights of the groups that give reasons. coloured : curves coloured by the column each interacts with most;
        only of those that interact. partial : partial dependence in probability, by column.
    interactions : of the strongest columns, in the unit of contributions. varied, together : rows that each rests on.

    Examples
    --------
    >>> GlobalLook(rows=100).interactions
    ()
    """

    what = gettext_noop("the explanation of a model over many customers")

    rows: int = 0
    explanation: Explanation = field(default_factory=Explanation)
    groups: tuple[GroupWeight, ...] = ()
    coloured: dict[str, ColouredDependenceData] = field(default_factory=dict)
    partial: dict[str, PartialDependenceData] = field(default_factory=dict)
    interactions: tuple[Interaction, ...] = ()
    varied: int = 0
    together: int = 0


def rows_of_segment(column: pd.Series, segment: SegmentAsked) -> np.ndarray:
    """Return which rows belong to a segment.

    Parameters
    ----------
    column : the values of the segment's column. segment : what is asked.

    Returns
    -------
    numpy.ndarray
        True or False, shape (rows,).

    Examples
    --------
    >>> ages = pd.Series([20.0, 30.0, None])
    >>> rows_of_segment(ages, SegmentAsked("age", "range", low=30.0)).tolist()
    [False, True, False]
    >>> rows_of_segment(pd.Series(["a", "b"]), SegmentAsked("job", "level", "a")).tolist()
    [True, False]
    """
    if segment.kind == "missing":
        return column.isna().to_numpy(dtype=bool)
    if segment.kind == "level":
        if pd.api.types.is_bool_dtype(column):
            return column.eq(segment.level.lower() == "true").to_numpy(dtype=bool)
        asked = level_text(segment.level)
        return (
            column.astype(object).map(lambda value: level_text(value) == asked, na_action="ignore").eq(True).to_numpy()
        )
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    low = -np.inf if segment.low is None else segment.low
    high = np.inf if segment.high is None else segment.high
    return np.asarray((numbers >= low) & (numbers < high))


def look_at_model(
    model: ModelArtifact,
    read: Callable[[np.ndarray], pd.DataFrame],
    *,
    rows: np.ndarray,
    on_step: Callable[[float], None] = lambda _share: None,
    seed: int = 1,
) -> GlobalLook:
    """Return what a model does over some rows of a table.

    Contributions are exact and told of a sample; partial dependence is in calibrated probability, interactions in the
    unit in which the model adds up, since what is added up in log-odds would seem to interact in probability.

    Parameters
    ----------
    model : which. read : gives rows of the table by their places, which rise. rows : places of those that belong to it.
    on_step : told the share that is done, 0 to 1. seed : of the samples.

    Returns
    -------
    GlobalLook

    Raises
    ------
    BadInput : there are too few rows.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [25, 60] * 40, "income": [4e3, 2e4] * 40, "job": ["none", "clerk"] * 40})
    >>> table["noise"] = 0.0
    >>> model = ModelArtifact.load(model_folder)
    >>> found = look_at_model(model, lambda rows: table.iloc[rows], rows=np.arange(80))
    >>> found.rows, {one.h for one in found.interactions}
    (80, {0.0})
    """
    if len(rows) < FEWEST_ROWS:
        raise BadInput(TOO_FEW, rows=len(rows), fewest=FEWEST_ROWS)
    # At random and not evenly: a table that stands in the order of its customers has steps of its own.
    drawn = np.random.default_rng(seed).permutation(len(rows))[:ROWS_EXPLAINED]
    frame = read(np.sort(rows[drawn])).reset_index(drop=True)
    frame = model.read(frame)[0]
    codes = (model.facts.get("spec") or {}).get("special_values") or {}
    phi, base = model.own_contributions(frame)
    parts = pd.DataFrame(phi, columns=model.own_columns)
    on_step(0.2)
    ranked = _ranked(model, parts, frame, codes)
    told = [one.column for one in ranked if one.mean_abs > 0][:CURVES]
    mixed = frame.iloc[np.random.default_rng(seed).permutation(len(frame))].reset_index(drop=True)
    some, few = mixed.iloc[:ROWS_VARIED], mixed.iloc[:ROWS_TOGETHER]
    partial = {}
    for place, name in enumerate(told):
        grid = grid_of(frame[name], special_values=codes.get(name, ()))
        if len(grid) > 1:
            each = partial_dependence(model.predict, some, column=name, grid=grid).each
            partial[name] = partial_dependence_data(
                grid, each, values=frame[name], column=name, special_values=codes.get(name, ()), seed=seed
            )
        on_step(0.2 + 0.3 * (place + 1) / len(told))
    acting = interaction_strengths(
        model.margin, few, columns=told[:PARTNERS], on_step=lambda share: on_step(0.5 + 0.5 * share)
    )
    curves = {
        name: dependence_data(parts[name].to_numpy(), frame[name], name, special_values=codes.get(name, ()))
        for name in told
    }
    return GlobalLook(
        rows=len(rows),
        explanation=Explanation(
            unit=model.margin_unit, base=float(np.mean(base)), rows=len(frame), factors=tuple(ranked),
            importance=importance_data(parts.abs().mean().to_numpy(), model.own_columns),
            beeswarm=beeswarm_data(phi, frame[model.own_columns], seed=seed, special_values=codes), dependence=curves,
        ),
        groups=tuple(_groups(model, parts)),
        coloured=_coloured(curves, parts, frame, acting, codes),
        partial=partial, interactions=tuple(acting), varied=len(some), together=len(few),
    )  # fmt: skip


def _ranked(
    model: ModelArtifact, parts: pd.DataFrame, frame: pd.DataFrame, codes: Mapping[str, Sequence[float]]
) -> list[Importance]:
    types = {column.name: column.type for column in model.encoder.columns_}
    meanings = (model.facts.get("spec") or {}).get("value_labels") or {}
    return importance_of(parts, frame, types=types, special_values=codes, meanings=meanings)


def _groups(model: ModelArtifact, parts: pd.DataFrame) -> list[GroupWeight]:
    """Return the weight of each group of reasons, heaviest first: what its columns do together, by customer."""
    members: dict[str, list[str]] = {}
    for column in model.reason_book.columns:
        if column.name in parts:
            members.setdefault(column.group or column.name, []).append(column.name)
    sizes = {group: float(parts[names].sum(axis=1).abs().mean()) for group, names in members.items()}
    total = sum(sizes.values()) or 1.0
    ranked = sorted(sizes, key=lambda group: -sizes[group])
    return [
        GroupWeight(group, tuple(members[group]), sizes[group], sizes[group] / total)
        for group in ranked
        if sizes[group] > 0
    ]


def _coloured(
    curves: Mapping[str, DependenceData],
    parts: pd.DataFrame,
    frame: pd.DataFrame,
    acting: Sequence[Interaction],
    codes: Mapping[str, Sequence[float]],
) -> dict[str, ColouredDependenceData]:
    found = {}
    for name, curve in curves.items():
        strongest = strongest_partner(name, acting)
        if strongest is not None and (curve.levels or len(curve.edges) > 1):
            partner = strongest.second if strongest.first == name else strongest.first
            found[name] = coloured_dependence_data(
                curve, parts[name].to_numpy(), values=frame[name], partner=frame[partner], special_values=codes
            )
    return found
