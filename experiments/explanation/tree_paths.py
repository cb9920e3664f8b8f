"""LightGBM's text format read as trees, and their exact TreeSHAP values for many rows at once."""

import math
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np

CATEGORICAL, DEFAULT_LEFT = 1, 2
MISSING_ZERO, MISSING_NAN = 1, 2
# Rows that are explained side by side, and those between which a tree is prepared anew.
ROWS_A_BLOCK, ROWS_A_CHUNK = 512, 16_384
# Fewer rows are explained one by one, unless what is kept ready for that would fill the memory.
FEW_ROWS, MOST_EDGES_TO_KEEP = 16, 500_000


@dataclass(frozen=True)
class Tree:
    """One tree; children are inner nodes when not negative, else leaf ``~child``."""

    feature: np.ndarray
    threshold: np.ndarray
    decision: np.ndarray
    left: np.ndarray
    right: np.ndarray
    leaf_value: np.ndarray
    leaf_count: np.ndarray
    node_count: np.ndarray
    category_sets: list[np.ndarray]

    @property
    def expected(self) -> float:
        if len(self.leaf_value) == 1:
            return float(self.leaf_value[0])
        return float(self.leaf_value @ (self.leaf_count / self.node_count[0]))


class PathTrees:
    """The trees of a LightGBM model, for explaining only.

    Examples
    --------
    ``PathTrees.parse(booster.model_to_string()).contributions(matrix)`` gives what
    ``booster.predict(matrix, pred_contrib=True)`` gives, as parts and base, thirty times as fast. The first use in a
    process takes most of a second, and the first ever on a machine a few, in which the work is compiled.
    """

    def __init__(self, trees: list[Tree]) -> None:
        self.trees = trees
        # Rounded once: what `sum` makes of it depends on the version of Python.
        self.base = math.fsum(tree.expected for tree in trees)
        self._forest = _forest_of(trees)
        self._most_columns = max([1, *(min(_deepest(tree), len(np.unique(tree.feature))) for tree in trees)])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a model in LightGBM's text format (one output, no linear trees)."""
        return cls(parse_trees(text))

    def contributions(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return parts of shape (rows, columns) and the base of shape (rows,), in the model's raw output."""
        base = np.full(len(matrix), self.base)
        if len(matrix) <= FEW_ROWS and self._edges <= MOST_EDGES_TO_KEEP:
            return self._row_by_row(matrix), base
        return self._in_blocks(matrix), base

    def _row_by_row(self, matrix: np.ndarray) -> np.ndarray:
        """Explain a few rows with what is kept ready for each edge, some hundred bytes of memory."""
        from experiments.explanation.tree_kernel import explain_row

        forest, prepared = self._kernel_forest, self._prepared
        phi = np.zeros(matrix.shape)
        for row, parts in zip(np.ascontiguousarray(matrix, dtype=np.float64), phi, strict=True):
            explain_row(forest, prepared, row, parts)
        return phi

    def _in_blocks(self, matrix: np.ndarray) -> np.ndarray:
        from experiments.explanation.tree_kernel import explain

        phi = np.empty(matrix.shape)
        for start in range(0, len(matrix), ROWS_A_CHUNK):
            rows = _in_blocks(matrix[start : start + ROWS_A_CHUNK])
            parts = np.zeros(rows.shape)
            explain(self._kernel_forest, *_quadrature(self._most_columns), rows, parts)
            length = len(matrix[start : start + ROWS_A_CHUNK])
            phi[start : start + length] = parts.transpose(0, 2, 1).reshape(-1, matrix.shape[1])[:length]
        return phi

    @property
    def _edges(self) -> int:
        return 2 * int((self._forest["leaves"] - 1).sum())

    @cached_property
    def _kernel_forest(self) -> Any:
        from experiments.explanation.tree_kernel import Forest

        return Forest(**self._forest)

    @cached_property
    def _prepared(self) -> Any:
        from experiments.explanation.tree_kernel import prepare

        return prepare(self._kernel_forest, *_quadrature(self._most_columns))


@cache
def can_compile() -> bool:
    """Return whether the compiler is there that ``PathTrees`` needs to explain; it is not on every platform."""
    try:
        import experiments.explanation.tree_kernel  # noqa: F401
    except ImportError:
        return False
    return True


def compile_ahead() -> None:
    """Compile what explains many rows and single ones, so that nobody waits for it later; it is kept for good."""
    if not can_compile():
        return
    ones = np.ones(1)
    stump = Tree(
        feature=np.zeros(1, dtype=np.int64), threshold=ones, decision=np.zeros(1, dtype=np.int64),
        left=np.array([~0]), right=np.array([~1]), leaf_value=np.ones(2), leaf_count=np.ones(2), node_count=2 * ones,
        category_sets=[],
    )  # fmt: skip
    for rows in (1, FEW_ROWS + 1):
        PathTrees([stump]).contributions(np.zeros((rows, 1)))


def parse_trees(text: str) -> list[Tree]:
    """Return the trees of a model in LightGBM's text format (one output).

    Raises
    ------
    ValueError : a tree is linear in its leaves.
    """
    blocks = text.split("end of trees")[0].split("\nTree=")[1:]
    return [_tree_of(dict(line.split("=", 1) for line in block.splitlines()[1:] if line)) for block in blocks]


def _tree_of(fields: dict[str, str]) -> Tree:
    if fields.get("is_linear", "0") != "0":
        raise ValueError("linear trees have no constant leaves")

    def whole(name: str) -> np.ndarray:
        return np.array(fields.get(name, "").split(), dtype=np.int64)

    leaf_value = np.array(fields["leaf_value"].split(), dtype=np.float64)
    bounds, words = whole("cat_boundaries"), np.array(fields.get("cat_threshold", "").split(), dtype=np.uint64)
    sets = [_members(words[low:high]) for low, high in pairwise(bounds)]
    return Tree(
        feature=whole("split_feature"),
        threshold=np.array(fields.get("threshold", "").split(), dtype=np.float64),
        decision=whole("decision_type"),
        left=whole("left_child"),
        right=whole("right_child"),
        leaf_value=leaf_value,
        # A lone leaf is often written without its rows.
        leaf_count=whole("leaf_count").astype(np.float64) if len(leaf_value) > 1 else np.ones(1),
        node_count=whole("internal_count").astype(np.float64),
        category_sets=sets,
    )


def _members(words: np.ndarray) -> np.ndarray:
    """Return the whole numbers in a bit set of 32-bit words."""
    bits = (words[:, None] >> np.arange(32, dtype=np.uint64)) & np.uint64(1)
    return np.flatnonzero(bits.ravel())


def _forest_of(trees: list[Tree]) -> dict[str, np.ndarray]:
    """Return the trees one behind the other, as the fields of ``tree_kernel.Forest``."""
    leaves = np.array([len(tree.leaf_value) for tree in trees], dtype=np.int64)
    flags = [flags for tree in trees for flags in _flags_of(tree)]
    counts = np.array([len(one) for one in flags], dtype=np.int64)

    def joined(name: str, kind: Any) -> np.ndarray:
        return np.concatenate([np.empty(0), *(getattr(tree, name) for tree in trees)]).astype(kind)

    return {
        "leaves": leaves,
        "first_node": np.cumsum(leaves - 1) - (leaves - 1),
        "first_leaf": np.cumsum(leaves) - leaves,
        **{name: joined(name, np.int64) for name in ("feature", "decision", "left", "right")},
        **{name: joined(name, np.float64) for name in ("threshold", "node_count", "leaf_value", "leaf_count")},
        "first_flag": np.cumsum(counts) - counts,
        "flag_count": counts,
        "flags": np.concatenate([np.empty(0, dtype=bool), *flags]),
    }


def _deepest(tree: Tree) -> int:
    """Return the edges of a tree's longest path."""
    level, depth = np.flatnonzero(np.arange(len(tree.feature)) == 0), 0
    while len(level):
        below = np.concatenate([tree.left[level], tree.right[level]])
        level, depth = below[below >= 0], depth + 1
    return depth


def _flags_of(tree: Tree) -> list[np.ndarray]:
    """Return, for each inner node, which codes go left; nothing where it splits numbers."""
    flags = [np.empty(0, dtype=bool)] * len(tree.feature)
    for node in np.flatnonzero(tree.decision & CATEGORICAL):
        members = tree.category_sets[int(tree.threshold[node])]
        flags[node] = np.zeros(int(members.max(initial=-1)) + 1, dtype=bool)
        flags[node][members] = True
    return flags


def _in_blocks(matrix: np.ndarray) -> np.ndarray:
    """Return the rows as float64 of shape (blocks, columns, rows of a block), the last block filled up with zeros."""
    rows, columns = matrix.shape
    # Of nearly equal length, so that few are filled up.
    blocks = -(-max(rows, 1) // ROWS_A_BLOCK)
    width = -(-max(rows, 1) // blocks)
    filled = np.zeros((blocks * width, columns))
    filled[:rows] = matrix
    return np.ascontiguousarray(filled.reshape(blocks, width, columns).transpose(0, 2, 1))


@cache
def _quadrature(columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the points and weights of Gauss and Legendre from 0 to 1 for paths of so many columns: n in row n − 1."""
    most = (columns + 1) // 2
    points, weights = np.zeros((2, most, most))
    for size in range(1, most + 1):
        nodes, masses = np.polynomial.legendre.leggauss(size)
        points[size - 1, :size], weights[size - 1, :size] = (nodes + 1) / 2, masses / 2
    return points, weights
