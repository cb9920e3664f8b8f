"""Plain trees as LightGBM text: an open format that scores fast and explains itself exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np

# Below every number a table may hold (the encoder clips at 1e30), so that an empty cell always goes left.
EMPTY = -3e38
# LightGBM's bits of a split: whether it is one on categories, and on numbers, whether an empty cell is told apart and
# goes left.
CATEGORICAL, DEFAULT_LEFT, MISSING_IS_NAN = 1, 2, 8
# LightGBM counts rows in whole numbers; where another library weighs them, the root gets so many.
ROWS_OF_A_ROOT = 1_000_000_000
# Nearer to zero than this is zero to LightGBM.
ZERO = float(np.float32(1e-35))


@dataclass(frozen=True)
class PlainTree:
    """A tree as arrays over its nodes, the root first.

    Attributes
    ----------
    left, right : children of each node, below zero at a leaf.
    feature, threshold : a row goes left when ``value <= threshold``; ignored at leaves.
    value : what the tree adds at each node; rows : training rows that reached it.
    decision : LightGBM's ``decision_type`` of each node; 0 tells no empty cells apart.
    category_sets : the codes that go left; a split on categories has the number of its set for a threshold.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray
    rows: np.ndarray
    decision: np.ndarray
    category_sets: list[np.ndarray] = field(default_factory=list)


def fill_empty(values: np.ndarray) -> np.ndarray:
    """Return the values in single precision, as scikit-learn's trees compare them, with empty cells below all."""
    return np.nan_to_num(values, nan=EMPTY).astype(np.float32)


def clear_of_zero(thresholds: np.ndarray) -> np.ndarray:
    """Return thresholds that lie outside of what is zero to LightGBM, on the side that keeps zero where it was sent."""
    lowest = np.where(thresholds < 0, -np.nextafter(ZERO, 1.0), ZERO)
    return np.where(np.abs(thresholds) <= ZERO, lowest, thresholds)


def as_counts(weights: np.ndarray) -> np.ndarray:
    """Return the weight of the rows at each node as counts in the same proportion, the root's first."""
    return weights * (ROWS_OF_A_ROOT / weights[0])


def without_leaves(tree: PlainTree, is_gone: np.ndarray) -> PlainTree:
    """Return a tree without the leaves that no row can reach; a node with one branch left gives way to it.

    Parameters
    ----------
    is_gone : for each leaf, in the order of the nodes. Children stand behind their parent.
    """
    if not is_gone.any():
        return tree
    count = len(tree.left)
    is_leaf, stands_for = tree.left < 0, np.arange(count)
    lives = np.ones(count, dtype=bool)
    lives[is_leaf] = ~is_gone
    is_kept = lives.copy()
    for node in np.flatnonzero(~is_leaf)[::-1].tolist():
        left, right = tree.left[node], tree.right[node]
        lives[node] = lives[left] or lives[right]
        is_kept[node] = lives[left] and lives[right]
        if not is_kept[node]:
            stands_for[node] = stands_for[left if lives[left] else right]
    # What the root gives way to comes first of what is kept, as it stands before all of it.
    number = np.cumsum(is_kept) - 1
    kept = np.flatnonzero(is_kept)

    def below(children: np.ndarray) -> np.ndarray:
        return np.where(is_leaf[kept], -1, number[stands_for[children[kept]]])

    return PlainTree(
        below(tree.left), below(tree.right), tree.feature[kept], tree.threshold[kept], tree.value[kept],
        tree.rows[kept], tree.decision[kept], tree.category_sets,
    )  # fmt: skip


def forest_text(trees: Iterable[Any], feature_names: list[str]) -> str:
    """Write scikit-learn classification trees as one LightGBM model whose output is the mean vote of the event.

    Parameters
    ----------
    trees : ``sklearn.tree._tree.Tree`` objects of a two-class forest.
    feature_names : names of the columns, in order.
    """
    trees = list(trees)
    plain_trees = [
        PlainTree(
            tree.children_left, tree.children_right, tree.feature, tree.threshold, _event_share(tree) / len(trees),
            tree.weighted_n_node_samples, np.zeros(tree.node_count, dtype=int),
        )
        for tree in trees
    ]  # fmt: skip
    return trees_text(plain_trees, feature_names, objective="regression")


def trees_text(trees: Sequence[PlainTree], feature_names: list[str], *, objective: str) -> str:
    """Write trees as one LightGBM model whose raw output is the sum of their values.

    Parameters
    ----------
    objective : how LightGBM turns the sum into its output: ``regression`` leaves it, ``binary sigmoid:1`` makes it a
        probability.
    """
    head = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={len(feature_names) - 1}", f"objective={objective}",
        f"feature_names={' '.join(feature_names)}", f"feature_infos={' '.join(['[-inf:inf]'] * len(feature_names))}",
    ]  # fmt: skip
    return model_text(head, [_tree_lines(tree) for tree in trees])


def model_text(head: list[str], trees: list[list[str]]) -> str:
    """Put a model together from the lines of its head and of its trees (each without its number)."""
    blocks = ["\n".join([f"Tree={number}", *lines, "", "", ""]) for number, lines in enumerate(trees)]
    sizes = f"tree_sizes={' '.join(str(len(block)) for block in blocks)}"
    tail = "end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n"
    return "\n".join([*head, sizes, "", ""]) + "".join(blocks) + tail


def _tree_lines(tree: PlainTree) -> list[str]:
    is_leaf = tree.left < 0
    # LightGBM numbers inner nodes and leaves apart, and refers to leaf i as ~i.
    position = np.where(is_leaf, np.cumsum(is_leaf) - 1, np.cumsum(~is_leaf) - 1)
    reference = np.where(is_leaf, ~position, position)
    inner = ~is_leaf
    rows = np.maximum(np.rint(tree.rows), 1).astype(np.int64)
    lines = [f"num_leaves={int(is_leaf.sum())}", f"num_cat={len(tree.category_sets)}"]
    if inner.any():
        lines += [
            f"split_feature={_whole(tree.feature[inner])}",
            f"split_gain={_whole(np.ones(inner.sum(), dtype=int))}",
            f"threshold={_exact(tree.threshold[inner])}",
            f"decision_type={_whole(tree.decision[inner])}",
            f"left_child={_whole(reference[tree.left[inner]])}",
            f"right_child={_whole(reference[tree.right[inner]])}",
        ]
    if tree.category_sets:
        words = [_bits(members) for members in tree.category_sets]
        lines += [
            f"cat_boundaries={_whole(np.array([0, *accumulate(map(len, words))]))}",
            f"cat_threshold={_whole(np.concatenate(words))}",
        ]
    lines += [f"leaf_value={_exact(tree.value[is_leaf])}"]
    if inner.any():
        lines += [
            f"leaf_weight={_whole(rows[is_leaf])}",
            f"leaf_count={_whole(rows[is_leaf])}",
            f"internal_value={_exact(tree.value[inner])}",
            f"internal_weight={_whole(rows[inner])}",
            f"internal_count={_whole(rows[inner])}",
        ]
    return [*lines, "is_linear=0", "shrinkage=1"]


def _event_share(tree: Any) -> np.ndarray:
    votes = tree.value[:, 0, :]
    return votes[:, 1] / votes.sum(axis=1)


def _bits(members: np.ndarray) -> np.ndarray:
    """Return whole numbers as a bit set of 32-bit words."""
    words = np.zeros(int(members.max(initial=0)) // 32 + 1, dtype=np.uint32)
    np.bitwise_or.at(words, members // 32, np.uint32(1) << (members % 32).astype(np.uint32))
    return words


def _whole(values: np.ndarray) -> str:
    return " ".join(map(str, values.tolist()))


def _exact(values: np.ndarray) -> str:
    return " ".join(map(repr, values.astype(float).tolist()))
