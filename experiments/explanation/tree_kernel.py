"""TreeSHAP compiled for the machine it runs on: exact, a block of rows at once, and other threads go on meanwhile.

A leaf of value v, on whose path lie columns e whose conditions keep a share z_e of the training rows, and are met by a
row (o_e = 1) or not (o_e = 0), gives column d the part ``v·(o_d−z_d)·∫₀¹ Π_{e≠d} ((1−t)·z_e + t·o_e) dt``. The product
is a polynomial in t, so Gauss–Legendre quadrature gives the integral exactly from its values at a few points. These are
carried down the tree from edge to edge, and summed over the leaves on the way back (as Yu et al. 2022, "Linear
TreeSHAP", do with polynomials): the work grows with a tree's leaves, and not with leaves times path lengths squared.

A column that stands on a path twice counts with all its conditions: each further edge takes back what the one before
gave. Where that one is not met, the further edge changes nothing.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

CATEGORICAL, DEFAULT_LEFT = 1, 2
MISSING_ZERO, MISSING_NAN = 1, 2
ZERO = 1e-35
# A leaf without rows must not divide by nothing.
LEAST_SHARE = 1e-12


class Forest(NamedTuple):
    """Trees one behind the other: inner nodes (``first_node``), leaves (``first_leaf``) and flags of known codes.

    Children are inner nodes of the same tree when not negative, else leaf ``~child``. A split on a category sends a
    code c left when ``flags[first_flag + c]``, with c below ``flag_count``.
    """

    leaves: np.ndarray
    first_node: np.ndarray
    first_leaf: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    decision: np.ndarray
    left: np.ndarray
    right: np.ndarray
    node_count: np.ndarray
    first_flag: np.ndarray
    flag_count: np.ndarray
    flags: np.ndarray
    leaf_value: np.ndarray
    leaf_count: np.ndarray


class _Edges(NamedTuple):
    """A tree's edges in the order of a walk: node above, child below, and the last edge of the same column above."""

    node: np.ndarray
    child: np.ndarray
    depth: np.ndarray
    before: np.ndarray
    is_left: np.ndarray
    kept: np.ndarray
    columns: np.ndarray


_step = njit(nogil=True, error_model="numpy")


class Prepared(NamedTuple):
    """What of a forest's explanation does not depend on a row: the edges of its trees one behind the other.

    ``first_edge`` and ``first_weight`` hold one number more than there are trees; ``points`` are those of a tree's
    quadrature. ``factors`` and ``shares`` have, for each edge, the points of either state (see ``_weigh``).
    """

    first_edge: np.ndarray
    first_weight: np.ndarray
    points: np.ndarray
    deepest: np.ndarray
    edges: _Edges
    factors: np.ndarray
    shares: np.ndarray


def _compiled_once(function: Callable[..., Any]) -> Any:
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # No folder that what is compiled could be kept in.
        return _step(function)


@_step
def _walk(forest, tree, edges):  # type: ignore[no-untyped-def]
    """Fill in the edges of one tree; return how many, the deepest, and most columns of a path."""
    node_at, leaf_at = forest.first_node[tree], forest.first_leaf[tree]
    path = np.empty(forest.leaves[tree] + 1, np.int64)
    waiting = np.empty((2 * forest.leaves[tree], 2), np.int64)
    waiting[0] = (1, 1)
    waiting[1] = (0, 1)
    open_, count, deepest, most = 2, 0, 0, 0
    while open_ > 0:
        open_ -= 1
        node, is_left, depth = waiting[open_, 0] >> 1, waiting[open_, 0] & 1 == 0, waiting[open_, 1]
        child = forest.left[node_at + node] if is_left else forest.right[node_at + node]
        rows = forest.leaf_count[leaf_at + ~child] if child < 0 else forest.node_count[node_at + child]
        before = -1
        for above in range(depth - 1, 0, -1):
            if forest.feature[node_at + edges.node[path[above]]] == forest.feature[node_at + node]:
                before = path[above]
                break
        share = max(rows / forest.node_count[node_at + node], LEAST_SHARE)
        edges.node[count], edges.child[count], edges.depth[count] = node, child, depth
        edges.before[count], edges.is_left[count] = before, is_left
        edges.kept[count] = share * edges.kept[before] if before >= 0 else share
        edges.columns[count] = (edges.columns[path[depth - 1]] if depth > 1 else 0) + (1 if before < 0 else 0)
        deepest, most = max(deepest, depth), max(most, edges.columns[count])
        path[depth] = count
        if child >= 0:
            waiting[open_] = (2 * child + 1, depth + 1)
            waiting[open_ + 1] = (2 * child, depth + 1)
            open_ += 2
        count += 1
    return count, deepest, most


@_step
def _weigh(edges, count, points, weights, factors, shares):  # type: ignore[no-untyped-def]
    """Fill in, for each edge and point, what it multiplies the product by and what share of the sum its column gets.

    Both come in two states: the row meets all conditions of the column so far, or the edge is the first it fails.
    """
    for edge in range(count):
        before, kept = edges.before[edge], edges.kept[edge]
        for q in range(len(points)):
            t, weight = points[q], weights[q]
            met, taken_back = (1.0 - t) * kept + t, 0.0
            factors[edge, 0, q], factors[edge, 1, q] = met, (1.0 - t) * kept
            if before >= 0:
                met_before = (1.0 - t) * edges.kept[before] + t
                factors[edge, 0, q] /= met_before
                factors[edge, 1, q] /= met_before
                taken_back = weight * (1.0 - edges.kept[before]) / met_before
            shares[edge, 0, q] = weight * (1.0 - kept) / met - taken_back
            shares[edge, 1, q] = -weight / (1.0 - t) - taken_back


@_step
def _is_left(value, threshold, missing, is_default_left):  # type: ignore[no-untyped-def]
    """Decide on a number as LightGBM's prediction does."""
    if value != value:
        if missing in (MISSING_NAN, MISSING_ZERO):
            return is_default_left
        value = 0.0
    if missing == MISSING_ZERO and abs(value) <= ZERO:
        return is_default_left
    return value <= threshold


@_step
def _decide(forest, place, values, goes):  # type: ignore[no-untyped-def]
    """Return which rows go left at a node."""
    threshold, decision = forest.threshold[place], forest.decision[place]
    if decision & CATEGORICAL:
        flags = forest.flags[forest.first_flag[place] : forest.first_flag[place] + forest.flag_count[place]]
        for row in range(len(values)):
            code = values[row]
            goes[row] = code >= 0.0 and code < len(flags) and flags[int(code)]
        return
    missing, is_default_left = (decision >> 2) & 3, decision & DEFAULT_LEFT != 0
    if missing == MISSING_NAN and is_default_left:
        for row in range(len(values)):
            goes[row] = not values[row] > threshold  # of what is not a number this is true, and the next false
    elif missing == MISSING_NAN:
        for row in range(len(values)):
            goes[row] = values[row] <= threshold
    else:
        for row in range(len(values)):
            goes[row] = _is_left(values[row], threshold, missing, is_default_left)


# Each of the three steps below has a form for the first edge of a column on its path, above which nothing was failed.


@_step
def _down(above, below, met_before, met, met_factors, failed_factors, share):  # type: ignore[no-untyped-def]
    """Carry the products of a path over one more edge."""
    for q in range(len(above)):
        source, target, if_met, if_failed = above[q], below[q], met_factors[q], failed_factors[q]
        for row in range(len(met)):
            target[row] = source[row] * (if_met if met[row] else (if_failed if met_before[row] else share))


@_step
def _down_first(above, below, met, met_factors, failed_factors):  # type: ignore[no-untyped-def]
    for q in range(len(above)):
        source, target, if_met, if_failed = above[q], below[q], met_factors[q], failed_factors[q]
        for row in range(len(met)):
            target[row] = source[row] * (if_met if met[row] else if_failed)


@_step
def _up(below, above, part, met_before, met, met_shares, failed_shares):  # type: ignore[no-untyped-def]
    """Give an edge's column its share of the sum over the leaves below, and add that sum to the one above."""
    for q in range(len(above)):
        source, target, if_met, if_failed = below[q], above[q], met_shares[q], failed_shares[q]
        for row in range(len(met)):
            part[row] += source[row] * (if_met if met[row] else (if_failed if met_before[row] else 0.0))
            target[row] += source[row]


@_step
def _up_first(below, above, part, met, met_shares, failed_shares):  # type: ignore[no-untyped-def]
    for q in range(len(above)):
        source, target, if_met, if_failed = below[q], above[q], met_shares[q], failed_shares[q]
        for row in range(len(met)):
            part[row] += source[row] * (if_met if met[row] else if_failed)
            target[row] += source[row]


@_step
def _turn(products, sums, part, value, met_before, met, factors, shares, share):  # type: ignore[no-untyped-def]
    """Go down an edge to a leaf and back up, in one go."""
    for q in range(len(products)):
        source, target = products[q], sums[q]
        if_met, if_failed, if_gone = value * factors[0, q], value * factors[1, q], value * share
        met_part, failed_part = if_met * shares[0, q], if_failed * shares[1, q]
        for row in range(len(met)):
            product = source[row]
            target[row] += product * (if_met if met[row] else (if_failed if met_before[row] else if_gone))
            part[row] += product * (met_part if met[row] else (failed_part if met_before[row] else 0.0))


@_step
def _turn_first(products, sums, part, value, met, factors, shares):  # type: ignore[no-untyped-def]
    for q in range(len(products)):
        source, target = products[q], sums[q]
        if_met, if_failed = value * factors[0, q], value * factors[1, q]
        met_part, failed_part = if_met * shares[0, q], if_failed * shares[1, q]
        for row in range(len(met)):
            product = source[row]
            target[row] += product * (if_met if met[row] else if_failed)
            part[row] += product * (met_part if met[row] else failed_part)


@_step
def _explain_block(forest, tree, edges, count, factors, shares, rows, parts, work):  # type: ignore[no-untyped-def]
    """Add one tree's parts for one block of rows."""
    goes, met, products, sums, path = work
    node_at, leaf_at = forest.first_node[tree], forest.first_leaf[tree]
    for node in range(forest.leaves[tree] - 1):
        _decide(forest, node_at + node, rows[forest.feature[node_at + node]], goes[node])
    products[0] = 1.0
    for edge in range(count):
        depth, node, before = edges.depth[edge], edges.node[edge], edges.before[edge]
        met_now, is_left = met[edge], edges.is_left[edge]
        path[depth] = edge
        above = products[depth - 1]
        if before < 0:
            for row in range(len(met_now)):
                met_now[row] = goes[node, row] == is_left
        else:
            for row in range(len(met_now)):
                met_now[row] = met[before, row] & (goes[node, row] == is_left)
        if edges.child[edge] >= 0:
            if before < 0:
                _down_first(above, products[depth], met_now, factors[edge, 0], factors[edge, 1])
            else:
                share = edges.kept[edge] / edges.kept[before]
                _down(above, products[depth], met[before], met_now, factors[edge, 0], factors[edge, 1], share)
            sums[depth] = 0.0
            continue
        value, part = forest.leaf_value[leaf_at + ~edges.child[edge]], parts[forest.feature[node_at + node]]
        if before < 0:
            _turn_first(above, sums[depth - 1], part, value, met_now, factors[edge], shares[edge])
        else:
            share = edges.kept[edge] / edges.kept[before]
            _turn(above, sums[depth - 1], part, value, met[before], met_now, factors[edge], shares[edge], share)
        next_depth = edges.depth[edge + 1] if edge + 1 < count else 1
        for level in range(depth - 1, next_depth - 1, -1):
            done = path[level]
            before = edges.before[done]
            part = parts[forest.feature[node_at + edges.node[done]]]
            if before < 0:
                _up_first(sums[level], sums[level - 1], part, met[done], shares[done, 0], shares[done, 1])
            else:
                _up(sums[level], sums[level - 1], part, met[before], met[done], shares[done, 0], shares[done, 1])


@_compiled_once
def explain(forest, points, weights, rows, parts):  # type: ignore[no-untyped-def]
    """Add every tree's Shapley values.

    Parameters
    ----------
    forest : a ``Forest``.
    points, weights : of shape (n, n): in row n − 1 the n points and weights of quadrature over 0 to 1.
    rows, parts : shape (blocks, columns, rows of a block).
    """
    most = 2 * forest.leaves.max()
    edges = _Edges(
        np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64),
        np.empty(most, np.bool_), np.empty(most), np.empty(most, np.int64),
    )  # fmt: skip
    for tree in range(len(forest.leaves)):
        if forest.leaves[tree] < 2:
            continue
        count, deepest, columns = _walk(forest, tree, edges)
        # n points are exact up to degree 2n − 1; the product without one column has degree columns − 1.
        size, width = (columns + 1) // 2, rows.shape[2]
        factors, shares = np.empty((count, 2, size)), np.empty((count, 2, size))
        _weigh(edges, count, points[size - 1, :size], weights[size - 1, :size], factors, shares)
        work = (
            np.empty((forest.leaves[tree] - 1, width), np.bool_), np.empty((count, width), np.bool_),
            np.empty((deepest + 1, size, width)), np.zeros((deepest + 1, size, width)),
            np.empty(deepest + 1, np.int64),
        )  # fmt: skip
        for block in range(len(rows)):
            _explain_block(forest, tree, edges, count, factors, shares, rows[block], parts[block], work)


@_step
def _edges_at(edges, start, end):  # type: ignore[no-untyped-def]
    return _Edges(
        edges.node[start:end], edges.child[start:end], edges.depth[start:end], edges.before[start:end],
        edges.is_left[start:end], edges.kept[start:end], edges.columns[start:end],
    )  # fmt: skip


@_compiled_once
def prepare(forest, points, weights):  # type: ignore[no-untyped-def]
    """Return a forest's ``Prepared``; points and weights as for ``explain``."""
    trees = len(forest.leaves)
    first_edge, first_weight = np.zeros(trees + 1, np.int64), np.zeros(trees + 1, np.int64)
    sizes, depths = np.zeros(trees, np.int64), np.zeros(trees, np.int64)
    for tree in range(trees):
        first_edge[tree + 1] = first_edge[tree] + 2 * (forest.leaves[tree] - 1)
    most = first_edge[trees]
    edges = _Edges(
        np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64),
        np.empty(most, np.bool_), np.empty(most), np.empty(most, np.int64),
    )  # fmt: skip
    for tree in range(trees):
        if forest.leaves[tree] > 1:
            own = _edges_at(edges, first_edge[tree], first_edge[tree + 1])
            _, depths[tree], columns = _walk(forest, tree, own)
            sizes[tree] = (columns + 1) // 2
        first_weight[tree + 1] = first_weight[tree] + 2 * sizes[tree] * (first_edge[tree + 1] - first_edge[tree])
    factors, shares = np.empty(first_weight[trees]), np.empty(first_weight[trees])
    for tree in range(trees):
        if forest.leaves[tree] > 1:
            own, size = _edges_at(edges, first_edge[tree], first_edge[tree + 1]), sizes[tree]
            count, here = len(own.node), slice(first_weight[tree], first_weight[tree + 1])
            own_factors, own_shares = factors[here].reshape(count, 2, size), shares[here].reshape(count, 2, size)
            _weigh(own, count, points[size - 1, :size], weights[size - 1, :size], own_factors, own_shares)
    return Prepared(first_edge, first_weight, sizes, depths, edges, factors, shares)


@_compiled_once
def explain_row(forest, prepared, row, parts):  # type: ignore[no-untyped-def]
    """Add every tree's Shapley values for one row; row and parts of shape (columns,)."""
    edges, deepest, most = prepared.edges, prepared.deepest.max() + 1, prepared.points.max()
    products, sums = np.ones((deepest, most)), np.zeros((deepest, most))
    path, met = np.empty(deepest, np.int64), np.empty(2 * forest.leaves.max(), np.bool_)
    for tree in range(len(forest.leaves)):
        size, start, end = prepared.points[tree], prepared.first_edge[tree], prepared.first_edge[tree + 1]
        node_at, leaf_at, at = forest.first_node[tree], forest.first_leaf[tree], prepared.first_weight[tree]
        for edge in range(start, end):
            place, depth, before = node_at + edges.node[edge], edges.depth[edge], edges.before[edge]
            column, decision = forest.feature[place], forest.decision[place]
            value = row[column]
            if decision & CATEGORICAL:
                known = forest.flag_count[place]
                goes = value >= 0.0 and value < known and forest.flags[forest.first_flag[place] + int(value)]
            else:
                goes = _is_left(value, forest.threshold[place], (decision >> 2) & 3, decision & DEFAULT_LEFT != 0)
            is_open = before < 0 or met[before]
            is_met = is_open and goes == edges.is_left[edge]
            met[edge - start] = is_met
            weight_at = at + (2 * (edge - start) + (0 if is_met else 1)) * size
            share = edges.kept[edge] / (edges.kept[start + before] if before >= 0 else 1.0)
            path[depth] = edge - start
            is_leaf = edges.child[edge] < 0
            leaf_value = forest.leaf_value[leaf_at + ~edges.child[edge]] if is_leaf else 0.0
            for q in range(size):
                product = products[depth - 1, q] * (prepared.factors[weight_at + q] if is_open else share)
                products[depth, q], sums[depth, q] = product, leaf_value * product
            next_depth = edges.depth[edge + 1] if edge + 1 < end else 1
            for level in range(depth, next_depth - 1, -1):
                done = path[level]
                before = edges.before[start + done]
                done_at = at + (2 * done + (0 if met[done] else 1)) * size
                counts, part = before < 0 or met[before], 0.0
                for q in range(size):
                    part += sums[level, q] * prepared.shares[done_at + q]
                    sums[level - 1, q] += sums[level, q]
                if counts:
                    parts[forest.feature[node_at + edges.node[start + done]]] += part
