"""A model as what it is made of, whatever family it is: inputs, terms that are added up, and a calibrator.

Trees of every library, lines of linear models and bins of scorecards become few kinds of terms over the same inputs, in
double precision, so that a format is written once for all families.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput
from experiments.errors import gettext_noop as _
from experiments.evaluation.calibrators import AnyCalibrator
from experiments.explanation.tree_paths import (
    CATEGORICAL,
    DEFAULT_LEFT,
    MISSING_NAN,
    MISSING_ZERO,
    Tree,
    parse_trees,
)
from experiments.exports.expressions import Expression, expression_of
from experiments.features.bins import BinnedColumn
from experiments.features.encoding import EncodedColumn
from experiments.learners import FAMILIES, FittedModel
from experiments.learners.ensemble import EnsembleModel
from experiments.learners.forests import ForestModel
from experiments.learners.lightgbm import LightGBMModel
from experiments.learners.linear import LinearModel, design_of
from experiments.learners.scorecard import ScorecardModel
from experiments.learners.translated import TranslatedModel
from experiments.sentence import Sentence

NO_FAMILY = _(
    "A model of the family %(family)s is no sum of trees, lines or points, and cannot be written as %(form)s."
)
NO_DERIVED = _("The model reads the derived column %(column)s, which cannot be written as %(form)s.")
ZERO_IS_EMPTY = _("The model's trees take 0 for an empty cell, which cannot be written as %(form)s.")

#: How a column is read: as a number, as days since 1970-01-01, as 1 and 0, or as one of its levels.
READ_AS = {"numeric": "number", "date": "days", "boolean": "flag", "categorical": "level", "text": "level"}
EMPTY_CODE = -1


@dataclass(frozen=True)
class Input:
    """A column as the terms read it: a number, or the code of its level.

    Attributes
    ----------
    codes : of the levels that have one; ``other`` is that of all others, −1 where they read as empty.
    filled : what an empty cell reads as; None where it stays empty.
    expression : of a derived column, on the model's own ones.
    kind, sources : of a derived column.
    """

    name: str
    read_as: str
    codes: dict[str, int] = field(default_factory=dict)
    other: int = EMPTY_CODE
    filled: float | None = None
    expression: Expression | None = None
    kind: str = ""
    sources: tuple[str, ...] = ()

    @property
    def highest_code(self) -> int:
        """The highest code that a cell can read as."""
        return int(max([*self.codes.values(), self.other, self.filled or 0, 0]))


@dataclass(frozen=True)
class Split:
    """The splits of a tree, as arrays; children are splits when not negative, else leaf ``~child``.

    A row goes left when its value is at most the threshold or, where ``sets`` has the split, one of those codes;
    an empty one where ``empty_left``.
    """

    feature: np.ndarray
    threshold: np.ndarray
    empty_left: np.ndarray
    left: np.ndarray
    right: np.ndarray
    leaf: np.ndarray
    sets: dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class Trees:
    """``weight`` times the sum of the trees' leaves."""

    weight: float
    trees: Sequence[Split]


@dataclass(frozen=True)
class Curve:
    """``weight`` times a bent line of one input, straight between its knots and level beyond ``low`` and ``high``."""

    weight: float
    input: int
    low: float
    high: float
    start: float
    slope: float
    knots: tuple[float, ...]
    bends: tuple[float, ...]
    empty: float


@dataclass(frozen=True)
class Table:
    """``weight`` times the value that belongs to the code of one input."""

    weight: float
    input: int
    values: tuple[float, ...]
    empty: float


Term = Trees | Curve | Table


@dataclass(frozen=True)
class Plain:
    """A model as a sum: ``constant`` plus all terms is its margin, in ``unit``."""

    inputs: list[Input]
    terms: list[Term]
    constant: float
    unit: str
    calibrator: AnyCalibrator

    @cached_property
    def inputs_read(self) -> list[int]:
        """Places of the inputs that any term reads."""
        read: set[int] = set()
        for term in self.terms:
            read |= {term.input} if not isinstance(term, Trees) else {
                int(place) for tree in term.trees for place in np.unique(tree.feature)
            }  # fmt: skip
        return sorted(read)

    @property
    def splits(self) -> int:
        """How many splits all trees have together."""
        return sum(len(tree.feature) for term in self.terms if isinstance(term, Trees) for tree in term.trees)

    def landmarks(self) -> dict[int, np.ndarray]:
        """Return by input the values at which something changes: thresholds, knots and ends."""
        found: dict[int, list[np.ndarray]] = {}
        for term in self.terms:
            if isinstance(term, Curve):
                found.setdefault(term.input, []).append(np.array([term.low, *term.knots, term.high]))
            elif isinstance(term, Trees):
                for place, thresholds in _thresholds_of(term.trees):
                    found.setdefault(place, []).append(thresholds)
        return {place: np.unique(np.concatenate(parts)) for place, parts in found.items()}


def plain_of(artifact: ModelArtifact, form: str) -> Plain:
    """Return what a model is made of.

    Raises
    ------
    BadInput : the model is no sum of such terms, or reads a derived column without operations; it names the format.
    """
    writer = _Writer(artifact, form)
    for member in artifact.members:
        writer.add(member, 1.0 / len(artifact.members))
    plain = Plain(writer.inputs, writer.terms, writer.constant, artifact.margin_unit, artifact.calibrator)
    for place in plain.inputs_read:
        one = plain.inputs[place]
        if one.kind and one.expression is None:
            raise BadInput(NO_DERIVED, column=one.name, form=Sentence(form))
    return plain


class _Writer:
    def __init__(self, artifact: ModelArtifact, form: str) -> None:
        self.artifact, self.form = artifact, form
        self.made = {feature.name: feature for feature in artifact.generator.features_}
        self.inputs = [self._encoded(column) for column in artifact.encoder.columns_]
        self.places = {column.id: place for place, column in enumerate(artifact.encoder.columns_)}
        self.terms: list[Term] = []
        self.constant = 0.0

    def add(self, model: FittedModel, weight: float) -> None:
        match model:
            case EnsembleModel():
                self.constant += weight * model.intercept
                for part in model.parts:
                    self.add(part.model, weight * part.slope)
            case TranslatedModel():
                self._add_trees(model.text, weight, is_single=True)
            case ForestModel():
                self._add_trees(model.text, weight, is_single=True, is_low=True)
            case LightGBMModel():
                self._add_trees(model.text, weight)
            case LinearModel():
                self._add_lines(model, weight)
            case ScorecardModel():
                self._add_card(model, weight)
            case _:
                family = Sentence(FAMILIES[self.artifact.learner].about.label)
                raise BadInput(NO_FAMILY, family=family, form=Sentence(self.form))

    def _add_trees(self, text: str, weight: float, *, is_single: bool = False, is_low: bool = False) -> None:
        trees = parse_trees(text)
        if any(((tree.decision >> 2 & 3) == MISSING_ZERO).any() for tree in trees):
            raise BadInput(ZERO_IS_EMPTY, form=Sentence(self.form))
        self.terms.append(Trees(weight, [_splits_of(tree, is_single=is_single, is_low=is_low) for tree in trees]))

    def _add_lines(self, model: LinearModel, weight: float) -> None:
        self.constant += weight * model.intercept
        for term in model.terms:
            place, coefficients = self.places[term["column"]], np.array(term["coefficients"])

            def worth(values: Sequence[float], term: Any = term, coefficients: Any = coefficients) -> list[float]:
                return (design_of(np.array(values, dtype=float), term) @ coefficients).tolist()  # type: ignore[no-any-return]

            (empty,) = worth([np.nan])
            if "levels" in term or "low" not in term:
                codes = range(self.inputs[place].highest_code + 1)
                self.terms.append(Table(weight, place, tuple(worth(codes)), empty))
            else:
                self.terms.append(_curve(weight, place, term, coefficients, empty=empty))

    def _add_card(self, model: ScorecardModel, weight: float) -> None:
        card = model.card
        self.constant += weight * card.intercept_
        for column, coefficient in zip(card.binning_.bins_.values(), card.coefficients_, strict=True):
            place = len(self.inputs)
            self.inputs.append(self._binned(column))
            worth = coefficient * column.woe_table()
            if column.is_ordered:
                self.terms.append(Trees(weight, [_steps(column, worth, place)]))
            else:
                empty = worth[column._index_of("missing")]
                self.terms.append(Table(weight, place, tuple(worth.tolist()), float(empty)))

    def _encoded(self, column: EncodedColumn) -> Input:
        filled = None if column.has_missing else column.neutral
        if not column.is_categorical:
            return self._with_origin(Input(column.name, READ_AS[column.type], filled=filled))
        fallback = column.neutral if column.other_code is None else column.other_code
        codes = {level: int(code) for level, code in column.code_of.items()}
        other = EMPTY_CODE if fallback is None else int(fallback)
        return Input(column.name, "level", codes, other, filled)

    def _binned(self, column: BinnedColumn) -> Input:
        if column.is_ordered:
            return self._with_origin(Input(column.name, READ_AS[column.type]))
        other = column._index_of("other")
        # What is worth as much as a level never seen need not be named: it may be of a single customer.
        codes = {
            level: index for index, bin_ in enumerate(column.bins) if index != other for level in bin_.levels
        }  # fmt: skip
        # The last place of the table is the neutral one, of levels that training has no counterpart for.
        return Input(column.name, "level", codes, len(column.bins) if other < 0 else other)

    def _with_origin(self, one: Input) -> Input:
        feature = self.made.get(one.name)
        if feature is None:
            return one
        return Input(
            one.name, "number", filled=one.filled, expression=expression_of(feature), kind=feature.kind,
            sources=tuple(feature.sources),
        )  # fmt: skip


def _splits_of(tree: Tree, *, is_single: bool, is_low: bool) -> Split:
    is_set = (tree.decision & CATEGORICAL) > 0
    tells_empty = (tree.decision >> 2 & 3) == MISSING_NAN
    goes_left = (tree.decision & DEFAULT_LEFT) > 0
    # Where a tree tells no empty cells apart, they read as 0; in forests they lie below all numbers.
    empty_left = np.where(tells_empty, goes_left, tree.threshold >= 0) | is_low
    sets = {
        int(split): tuple(tree.category_sets[int(tree.threshold[split])].tolist()) for split in np.flatnonzero(is_set)
    }
    threshold = _in_double(tree.threshold) if is_single else tree.threshold
    return Split(
        tree.feature, np.where(is_set, 0.0, threshold), empty_left & ~is_set, tree.left, tree.right, tree.leaf_value,
        sets,
    )  # fmt: skip


def _in_double(thresholds: np.ndarray) -> np.ndarray:
    """Return the thresholds that part numbers in double precision as these part them once rounded to single.

    A number rounds to at most ``t`` when it lies at most half way to the next number of single precision; exactly half
    way it rounds to the even one of the two.
    """
    single = thresholds.astype(np.float32)
    single = np.where(single.astype(np.float64) > thresholds, np.nextafter(single, np.float32(-np.inf)), single)
    single = single.astype(np.float32)
    above = np.nextafter(single, np.float32(np.inf))
    middle = (single.astype(np.float64) + above.astype(np.float64)) / 2
    is_even = middle.astype(np.float32) == single
    return np.where(is_even, middle, np.nextafter(middle, -np.inf))


def _curve(weight: float, place: int, term: dict[str, Any], coefficients: np.ndarray, *, empty: float) -> Curve:
    """Return what a linear model makes of a number that is there."""
    scaled = coefficients / np.array(term["spreads"])
    start = -float(scaled @ np.array(term["means"]))
    first = int(term["has_empty"])
    of_raw = dict(zip(term["keep"], scaled.tolist(), strict=True))
    bends = tuple(of_raw.get(first + 1 + number, 0.0) for number in range(len(term["knots"])))
    return Curve(
        weight, place, term["low"], term["high"], start, of_raw.get(first, 0.0), tuple(term["knots"]), bends, empty
    )  # fmt: skip


def _steps(column: BinnedColumn, worth: np.ndarray, place: int) -> Split:
    """Return the bins of numbers, dates or flags as a tree of one column."""
    codes = [float(level) for bin_ in column.bins if bin_.kind == "special" for level in bin_.levels]
    below = [np.nextafter(value, -np.inf) for value in [*column.edges, *codes]]
    cuts = np.unique(np.array([*below, *codes]))
    # Each cut is the last value of its step.
    last = np.nextafter(cuts[-1], np.inf) if len(cuts) else 0.0
    of_step = worth[column._assign_values(np.array([*cuts, last]))]
    empty = worth[column._assign_values(np.array([np.nan]))]
    # The first split parts empty cells from numbers, all of which are below its threshold.
    left, right = [0 if not len(cuts) else 1], [~len(of_step)]
    threshold = [np.finfo(np.float64).max]

    def grow(low: int, high: int) -> int:
        if low == high:
            return ~low
        split, middle = len(threshold), (low + high) // 2
        threshold.append(cuts[middle])
        left.append(0)
        right.append(0)
        left[split] = grow(low, middle)
        right[split] = grow(middle + 1, high)
        return split

    left[0] = grow(0, len(cuts))
    count = len(threshold)
    return Split(
        np.full(count, place), np.array(threshold), np.zeros(count, dtype=bool), np.array(left), np.array(right),
        np.concatenate([of_step, empty]), {},
    )  # fmt: skip


def _thresholds_of(trees: Sequence[Split]) -> Iterator[tuple[int, np.ndarray]]:
    features = np.concatenate([tree.feature for tree in trees] or [np.zeros(0, dtype=np.int64)])
    thresholds = np.concatenate([tree.threshold for tree in trees] or [np.zeros(0)])
    is_set = np.concatenate(
        [np.isin(np.arange(len(tree.feature)), list(tree.sets)) for tree in trees] or [np.zeros(0, dtype=bool)]
    )
    for place in np.unique(features[~is_set]).tolist():
        own = thresholds[(features == place) & ~is_set]
        yield place, own[np.abs(own) < 1e300]


def table_as_inputs(plain: Plain, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that a format is given, as numbers, days, flags and levels; empty where they are."""
    from experiments.features.levels import as_days, as_flags, as_numbers, level_text

    readers = {"number": as_numbers, "days": as_days, "flag": as_flags}
    found: dict[str, Any] = {}
    for name, read_as in own_columns(plain).items():
        if read_as == "level":
            found[name] = pd.Series([level_text(cell) for cell in frame[name].tolist()], dtype=object)
        else:
            found[name] = readers[read_as](frame[name])[0]
    return pd.DataFrame(found)


def own_columns(plain: Plain) -> dict[str, str]:
    """Return the columns of the table that a format is given, each with how it is read."""
    from experiments.exports.expressions import columns_read

    found: dict[str, str] = {}
    for place in plain.inputs_read:
        one = plain.inputs[place]
        if one.kind:
            found |= {name: read_as for name, read_as in columns_read(one.expression) if name not in found}
        else:
            found[one.name] = one.read_as
    return found
