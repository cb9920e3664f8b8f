"""Columns that say the same as another one: exact copies, the same in another coding, and what nearly repeats it."""

from collections.abc import Collection, Sequence
from hashlib import blake2b

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.features.single_feature import as_numbers, is_ordered
from experiments.leakage.finding import Finding, percent, take_out, three, warn
from experiments.leakage.labelled_sample import LabelledSample
from experiments.leakage.quick_model import cross_validate, encode, rows_for_a_model

LEAST_ROWS = 20
# Two columns that are different from usual in one row each may be so in the same by chance.
LEAST_UNUSUAL = 5
MOST_VALUES_A_ROW = 0.5
ROWS_COMPARED, MANY_VALUES = 5_000, 50
ALIKE, NEARLY_SAME, LEAST_CORRELATION = 0.01, 2 / 3, 0.8
LARGEST_LOSS = 0.01
SEED = 20

COPY = gettext_noop(
    "%(column)s is the same as %(other)s in every row, under another name or coding. One is enough: %(other)s is "
    "kept, and %(column)s was taken out."
)
NEAR_COPY = gettext_noop(
    "%(column)s nearly repeats %(other)s: in %(share)s of the rows they differ by at most 1%%. One is enough, as "
    "a quick model loses only AUC %(loss)s without it. %(kept)s is kept, and %(column)s was taken out."
)
NEAR_COPY_TELLS = gettext_noop(
    "%(column)s nearly repeats %(other)s: in %(share)s of the rows they differ by at most 1%%. The differences "
    "are predictive (AUC %(loss)s), so both stay. Make sure that both are known on the day of scoring."
)
PASSED = gettext_noop("No column repeats another.")


def check_copies(table: LabelledSample, columns: Sequence[str], wanted: Collection[str]) -> list[Finding]:
    """Take out all but one of columns whose values stand for each other one to one.

    The first in the table is kept, or the one of ``wanted`` that something was asked for.
    """
    kept: dict[bytes, list[tuple[str, bytes | None]]] = {}
    found = []
    for name in sorted(columns, key=lambda name: name not in wanted):
        by_values, by_order = _fingerprints(table.frame[name])
        alike = kept.setdefault(by_values, []) if by_values else []
        # Numbers that stand for each other in another order, as two prices of the same months do, are no copies.
        other = next((other for other, order in alike if None in (order, by_order) or order == by_order), None)
        if other is None:
            alike.append((name, by_order))
            continue
        evidence = {"other": other, "rows": len(table.frame)}
        found.append(take_out("copy", "warning", name, COPY, {"other": other}, evidence))
    return found


def _fingerprints(series: pd.Series) -> tuple[bytes | None, bytes | None]:
    """Return what columns share whose values stand for each other, and what those share whose order is one, too.

    Where most values stand in one row only, any two columns could be coded into each other: there only order tells.
    """
    codes, values = pd.factorize(series, use_na_sentinel=False)
    if len(codes) < LEAST_ROWS or len(codes) - np.bincount(codes).max() < LEAST_UNUSUAL:
        return None, None
    by_order = _order_of(as_numbers(series)) if is_ordered(series) else None
    if len(values) <= MOST_VALUES_A_ROW * len(codes):
        return _digest(codes), by_order
    return by_order, by_order


def _order_of(numbers: np.ndarray) -> bytes:
    """Return the same for numbers that rise together, or against each other, and are missing together."""
    ranks = pd.Series(numbers).rank(method="dense").fillna(0).to_numpy()
    turned = np.where(ranks > 0, ranks.max() + 1 - ranks, 0)
    return min(_digest(ranks), _digest(turned))


def _digest(numbers: np.ndarray) -> bytes:
    return blake2b(numbers.astype(np.int64).tobytes(), digest_size=16).digest()


def check_near_copies(
    table: LabelledSample, columns: Sequence[str], wanted: Collection[str], doubted: Collection[str]
) -> list[Finding]:
    """Keep one of several columns of amounts that agree to a hundredth in most rows, if a model misses nothing.

    Parameters
    ----------
    columns : those a quick model uses. doubted : columns one would rather do without.
    """
    alike = _alike(table, columns)
    order = {name: (name not in wanted, name in doubted, place) for place, name in enumerate(columns)}
    kept_of: dict[str, str] = {}
    for name in sorted({name for pair in alike for name in pair}, key=lambda name: order[name]):
        if name not in kept_of:
            kept_of |= dict.fromkeys(_joined(name, alike) - set(kept_of), name)
    second = [name for name, kept in kept_of.items() if kept != name]
    if not second:
        return []
    loss = _loss(table, columns, second)
    found = []
    for name in second:
        other, share = max(
            ((one if two == name else two, share) for (one, two), share in alike.items() if name in (one, two)),
            key=lambda pair: (pair[1], pair[0]),
        )
        params = {"other": other, "kept": kept_of[name], "share": percent(share), "loss": three(max(loss, 0.0))}
        evidence = {"other": other, "kept": kept_of[name], "share": share, "loss": loss}
        if loss <= LARGEST_LOSS:
            found.append(take_out("near_copy", "warning", name, NEAR_COPY, params, evidence))
        else:
            found.append(warn("near_copy", name, NEAR_COPY_TELLS, params, evidence))
    return found


def _alike(table: LabelledSample, columns: Sequence[str]) -> dict[tuple[str, str], float]:
    """Return pairs of columns of many numbers that agree to a hundredth in most rows, and in how many."""
    rows = np.random.default_rng(SEED).permutation(len(table.frame))[:ROWS_COMPARED]
    numbers = {
        name: as_numbers(table.frame[name].iloc[rows])
        for name in columns
        if pd.api.types.is_numeric_dtype(table.frame[name]) and not pd.api.types.is_bool_dtype(table.frame[name])
    }
    numbers = {name: each for name, each in numbers.items() if len(np.unique(each[~np.isnan(each)])) >= MANY_VALUES}
    if len(numbers) < 2:
        return {}
    correlated = pd.DataFrame(numbers).corr(min_periods=LEAST_ROWS).abs().to_numpy()
    names = list(numbers)
    found = {}
    for one, two in zip(*np.nonzero(np.triu(correlated >= LEAST_CORRELATION, 1)), strict=True):
        share = _agreement(numbers[names[one]], numbers[names[two]])
        if share >= NEARLY_SAME:
            found[names[one], names[two]] = share
    return found


def _agreement(one: np.ndarray, two: np.ndarray) -> float:
    """Return in which share of rows two numbers are as good as equal, if not by chance; rows with two noughts aside."""
    told = ~np.isnan(one) & ~np.isnan(two) & ((one != 0) | (two != 0))
    one, two = one[told], two[told]
    if len(one) < LEAST_ROWS:
        return 0.0
    share = _share_alike(one, two)
    by_chance = _share_alike(one, np.random.default_rng(SEED).permutation(two))
    return share if (share - by_chance) / max(1 - by_chance, 1e-9) >= 0.9 * NEARLY_SAME else 0.0


def _share_alike(one: np.ndarray, two: np.ndarray) -> float:
    return float((np.abs(one - two) <= ALIKE * np.maximum(np.abs(one), np.abs(two))).mean())


def _joined(name: str, alike: Collection[tuple[str, str]]) -> set[str]:
    """Return all columns that are like this one, or like one that is."""
    found, front = {name}, {name}
    while front:
        front = {other for pair in alike if front & set(pair) for other in pair} - found
        found |= front
    return found


def _loss(table: LabelledSample, columns: Sequence[str], second: Sequence[str]) -> float:
    rows = rows_for_a_model(table.y, len(columns))
    y, matrix = table.y[rows], encode(table.frame.iloc[rows], columns)
    without = cross_validate(matrix[[name for name in columns if name not in second]], y)
    return cross_validate(matrix, y).auc - without.auc
