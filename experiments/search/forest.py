"""A forest of plain trees as LightGBM text: an open format that scores fast and explains itself exactly."""

from collections.abc import Iterable
from typing import Any

import numpy as np

# Below every number a table may hold (the encoder clips at 1e30), so that an empty cell always goes left.
EMPTY = -3e38


def fill_empty(values: np.ndarray) -> np.ndarray:
    """Return the values in single precision, as scikit-learn's trees compare them, with empty cells below all."""
    return np.nan_to_num(values, nan=EMPTY).astype(np.float32)


def forest_text(trees: Iterable[Any], feature_names: list[str]) -> str:
    """Write scikit-learn classification trees as one LightGBM model whose output is the mean vote of the event.

    Parameters
    ----------
    trees : ``sklearn.tree._tree.Tree`` objects of a two-class forest.
    feature_names : names of the columns, in order.
    """
    trees = list(trees)
    blocks = [_tree_block(number, tree, len(trees)) for number, tree in enumerate(trees)]
    names = " ".join(feature_names)
    ranges = " ".join(["[-inf:inf]"] * len(feature_names))
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={len(feature_names) - 1}\nobjective=regression\n"
        f"feature_names={names}\nfeature_infos={ranges}\ntree_sizes={' '.join(str(len(block)) for block in blocks)}\n\n"
    )
    return head + "".join(blocks) + "end of trees\n\nfeature_importances:\n\nparameters:\nend of parameters\n"


def _tree_block(number: int, tree: Any, count: int) -> str:
    is_leaf = tree.children_left < 0
    value = _event_share(tree) / count
    # LightGBM numbers inner nodes and leaves apart, and refers to leaf i as ~i.
    position = np.where(is_leaf, np.cumsum(is_leaf) - 1, np.cumsum(~is_leaf) - 1)
    reference = np.where(is_leaf, ~position, position)
    inner = ~is_leaf
    rows = np.maximum(np.rint(tree.weighted_n_node_samples), 1).astype(np.int64)
    lines = [f"Tree={number}", f"num_leaves={int(is_leaf.sum())}", "num_cat=0"]
    if inner.any():
        lines += [
            f"split_feature={_whole(tree.feature[inner])}",
            f"split_gain={_whole(np.ones(inner.sum(), dtype=int))}",
            f"threshold={_exact(tree.threshold[inner])}",
            f"decision_type={_whole(np.zeros(inner.sum(), dtype=int))}",
            f"left_child={_whole(reference[tree.children_left[inner]])}",
            f"right_child={_whole(reference[tree.children_right[inner]])}",
        ]
    lines += [f"leaf_value={_exact(value[is_leaf])}"]
    if inner.any():
        lines += [
            f"leaf_weight={_whole(rows[is_leaf])}",
            f"leaf_count={_whole(rows[is_leaf])}",
            f"internal_value={_exact(value[inner])}",
            f"internal_weight={_whole(rows[inner])}",
            f"internal_count={_whole(rows[inner])}",
        ]
    return "\n".join([*lines, "is_linear=0", "shrinkage=1", "", "", ""])


def _event_share(tree: Any) -> np.ndarray:
    votes = tree.value[:, 0, :]
    return votes[:, 1] / votes.sum(axis=1)


def _whole(values: np.ndarray) -> str:
    return " ".join(map(str, values.tolist()))


def _exact(values: np.ndarray) -> str:
    return " ".join(map(repr, values.astype(float).tolist()))
