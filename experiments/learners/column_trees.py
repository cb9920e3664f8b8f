"""LightGBM's trees over many rows at once: the same sums bit for bit, many times as fast as row by row.

A tree's thresholds are few, so each column is first cut into small whole numbers, once for all trees. Then a tree is a
short list of operations on arrays of bytes: one comparison a split, and the leaf's number worked out from the bottom up
(in the spirit of QuickScorer, Lucchese et al. 2015, without its bit vectors). Leaf values are added in the order of the
trees, as LightGBM does, so that the sum is its sum to the last bit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import numpy as np

from experiments.explanation.tree_paths import CATEGORICAL, DEFAULT_LEFT, MISSING_NAN, MISSING_ZERO, Tree, parse_trees

# Bytes of this many rows for every column and a few more fit a core's own cache.
ROWS_A_CHUNK = 65_536
MOST_LEAVES = 255
MOST_CUTS = 65_000
# Nearer to zero than this is zero to LightGBM, which keeps the number in single precision.
ZERO = float(np.float32(1e-35))
_LEAVES = re.compile(r"^num_leaves=(\d+)$", re.MULTILINE)

#: An operation, and the places of its two inputs and its output.
Step = tuple[Callable[..., Any], int, int, int]


class ColumnTrees:
    """Several LightGBM models over the same columns, ready to score long tables.

    Examples
    --------
    ``ColumnTrees.parse([booster.model_to_string()]).margins(matrix)[0]`` equals
    ``booster.predict(matrix, raw_score=True)``.
    """

    def __init__(self, models: Sequence[Sequence[Tree]]) -> None:
        self._places = _Places([tree for trees in models for tree in trees])
        self._models = [[_compiled(tree, self._places) for tree in trees] for trees in models]

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Self | None:
        """Read models in LightGBM's text format; None when they are of a kind that is left to LightGBM itself."""
        if any("\naverage_output" in text.split("\nTree=", 1)[0] for text in texts):
            return None
        if any(int(leaves) > MOST_LEAVES for text in texts for leaves in _LEAVES.findall(text)):
            return None
        try:
            columns = cls([parse_trees(text) for text in texts])
        except ValueError:
            return None
        return columns if columns._places.are_few else None

    def margins(self, matrix: np.ndarray) -> list[np.ndarray]:
        """Return each model's sum, shape (rows,), for a matrix of shape (rows, columns)."""
        sums = [np.zeros(len(matrix)) for _ in self._models]
        for start in range(0, len(matrix), ROWS_A_CHUNK):
            rows = slice(start, start + ROWS_A_CHUNK)
            self._score(matrix[rows], [total[rows] for total in sums])
        return sums

    def _score(self, matrix: np.ndarray, sums: list[np.ndarray]) -> None:
        arrays = self._places.filled(matrix)
        leaf_values = np.empty(len(matrix))
        for trees, total in zip(self._models, sums, strict=True):
            for steps, leaf, values in trees:
                if leaf is None:
                    total += values[0]
                    continue
                for work, first, second, out in steps:
                    work(arrays[first], arrays[second], out=arrays[out])
                values.take(arrays[leaf], out=leaf_values, mode="clip")
                total += leaf_values


class _Places:
    """Where steps find their arrays: cut columns, constants, tables, and bytes to work in."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.cuts, self.levels = _cuts_and_levels(trees)
        self.number: dict[tuple[Any, ...], int] = {}
        self.fixed: dict[int, np.ndarray] = {}

    @property
    def are_few(self) -> bool:
        """Tell whether two bytes can distinguish every column's cuts and levels."""
        return max([0, *map(len, self.cuts.values()), *self.levels.values()]) <= MOST_CUTS

    def column(self, feature: int, variant: str) -> int:
        return self._place("column", feature, variant)

    def bytes(self, number: int) -> int:
        return self._place("bytes", number)

    def flags(self, number: int) -> int:
        """Return the place of the same memory as ``bytes``, seen as yes or no."""
        return self._place("flags", number)

    def constant(self, value: int, kind: Any = np.uint8) -> int:
        place = self._place("constant", value, np.dtype(kind).str)
        self.fixed[place] = np.array(value, dtype=kind)
        return place

    def table(self, values: np.ndarray) -> int:
        place = self._place("table", values.tobytes())
        self.fixed[place] = values
        return place

    def filled(self, matrix: np.ndarray) -> list[Any]:
        """Return the arrays of every place for these rows."""
        arrays: list[Any] = [None] * len(self.number)
        for place, values in self.fixed.items():
            arrays[place] = values
        wanted: dict[int, dict[str, int]] = {}
        for key, place in self.number.items():
            if key[0] == "bytes":
                arrays[place] = np.empty(len(matrix), dtype=np.uint8)
                arrays[self.flags(key[1])] = arrays[place].view(bool)
            elif key[0] == "column":
                wanted.setdefault(key[1], {})[key[2]] = place
        for feature, variants in wanted.items():
            for variant, codes in self._cut(matrix[:, feature], feature, list(variants)):
                arrays[variants[variant]] = codes
        return arrays

    def _cut(self, values: np.ndarray, feature: int, variants: list[str]) -> Iterator[tuple[str, np.ndarray]]:
        """Yield the column as whole numbers: ``value <= cut k`` is ``code <= k``; empty cells as each variant says."""
        values = values.astype(np.float64)
        is_empty, is_zero = np.isnan(values), np.abs(values) <= ZERO
        values[is_zero] = 0.0
        if "category" in variants:
            top = self.levels[feature]
            codes = np.where(is_empty | (values < 0) | (values > top), top, values)
            yield "category", codes.astype(_width(top))
        cuts = self.cuts.get(feature)
        if cuts is None:
            return
        codes = np.searchsorted(cuts, values).astype(_width(len(cuts)))
        above, zero = len(cuts), int(np.searchsorted(cuts, 0.0))
        as_zero = is_zero | is_empty
        swaps = {"high": (is_empty, above), "low": (is_empty, 0), "zero": (is_empty, zero),
                 "zero_high": (as_zero, above), "zero_low": (as_zero, 0)}  # fmt: skip
        for variant in variants:
            if variant in swaps:
                rows, code = swaps[variant]
                yield variant, _replaced(codes, rows, code) if rows.any() else codes

    def _place(self, *key: Any) -> int:
        return self.number.setdefault(key, len(self.number))


class _Compiler:
    """Turns one tree into steps; bytes that are done with are used again."""

    def __init__(self, tree: Tree, places: _Places) -> None:
        self.tree = tree
        self.places = places
        self.steps: list[Step] = []
        self.free: list[int] = []
        self.used = 0

    def visit(self, node: int) -> tuple[int, list[int]]:
        """Add the steps that leave, in the returned bytes, each row's position in the returned list of leaves."""
        left, right = int(self.tree.left[node]), int(self.tree.right[node])
        if left < 0 and right < 0:
            return self._goes(node, to_left=False), [~left, ~right]
        if left < 0 or right < 0:
            # The lone leaf is position 0: one more than the other side's position, times whether a row goes there.
            leaf, (inner, leaves) = (~left, self.visit(right)) if left < 0 else (~right, self.visit(left))
            self._shift(inner, 1, self._goes(node, to_left=right < 0))
            return inner, [leaf, *leaves]
        low, low_leaves = self.visit(left)
        high, high_leaves = self.visit(right)
        self._shift(high, len(low_leaves), self._goes(node, to_left=False))
        whole = self.places.bytes
        # Positions on the right are above all on the left, so whichever side a row goes to is the larger number.
        self.steps.append((np.maximum, whole(low), whole(high), whole(low)))
        self.free.append(high)
        return low, low_leaves + high_leaves

    def _shift(self, number: int, by: int, flag: int) -> None:
        whole = self.places.bytes
        self.steps.append((np.add, whole(number), self.places.constant(by), whole(number)))
        self.steps.append((np.multiply, whole(number), whole(flag), whole(number)))
        self.free.append(flag)

    def _goes(self, node: int, *, to_left: bool) -> int:
        """Add the step that finds which rows go to one side; return the bytes it leaves this in."""
        if self.free:
            number = self.free.pop()
        else:
            number, self.used = self.used, self.used + 1
        self.places.bytes(number)
        feature, decision = int(self.tree.feature[node]), int(self.tree.decision[node])
        out = self.places.flags(number)
        if decision & CATEGORICAL:
            table = np.zeros(self.places.levels[feature] + 1, dtype=bool)
            table[self.tree.category_sets[int(self.tree.threshold[node])]] = True
            table = table if to_left else ~table
            column = self.places.column(feature, "category")
            self.steps.append((_look_up, self.places.table(table), column, out))
            return number
        cuts = self.places.cuts[feature]
        position = int(np.searchsorted(cuts, self.tree.threshold[node]))
        column = self.places.column(feature, _variant(decision))
        constant = self.places.constant(position, _width(len(cuts)))
        self.steps.append((np.less_equal if to_left else np.greater, column, constant, out))
        return number


def _compiled(tree: Tree, places: _Places) -> tuple[list[Step], int | None, np.ndarray]:
    if len(tree.leaf_value) == 1:
        return [], None, tree.leaf_value
    compiler = _Compiler(tree, places)
    number, leaves = compiler.visit(0)
    return compiler.steps, places.bytes(number), tree.leaf_value[leaves]


def _cuts_and_levels(trees: Sequence[Tree]) -> tuple[dict[int, np.ndarray], dict[int, int]]:
    """Return every numeric column's thresholds in order, and one more than every category's highest known code."""
    thresholds: dict[int, list[np.ndarray]] = {}
    levels: dict[int, int] = {}
    for tree in trees:
        is_category = (tree.decision & CATEGORICAL) > 0
        for feature in np.unique(tree.feature[~is_category]).tolist():
            own = (tree.feature == feature) & ~is_category
            thresholds.setdefault(feature, []).append(tree.threshold[own])
        for feature, threshold in zip(tree.feature[is_category], tree.threshold[is_category], strict=True):
            members = tree.category_sets[int(threshold)]
            levels[int(feature)] = max(levels.get(int(feature), 0), int(members.max(initial=-1)) + 1)
    return {feature: np.unique(np.concatenate(parts)) for feature, parts in thresholds.items()}, levels


def _variant(decision: int) -> str:
    side = "low" if decision & DEFAULT_LEFT else "high"
    return {MISSING_NAN: side, MISSING_ZERO: f"zero_{side}"}.get(decision >> 2 & 3, "zero")


def _width(highest: int) -> Any:
    return np.uint8 if highest <= 255 else np.uint16


def _replaced(codes: np.ndarray, rows: np.ndarray, code: int) -> np.ndarray:
    changed = codes.copy()
    changed[rows] = code
    return changed


def _look_up(table: np.ndarray, codes: np.ndarray, out: np.ndarray) -> None:
    table.take(codes, out=out, mode="clip")
