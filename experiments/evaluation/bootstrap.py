"""The bootstrap: intervals and differences of any measure, by rows, by class or by whole customers."""

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.evaluation.ranking import Floats, RankedSample, Tally, TallyMetric, labelled

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
from experiments.evaluation.clusters import cluster_codes
from experiments.evaluation.delong import auc_is_undefined
from experiments.evaluation.intervals import Difference, Interval, percentile_interval

__all__ = ["bootstrap_difference", "bootstrap_interval", "bootstrap_tallies"]


class Metric(Protocol):
    """A measure of labels, scores and weights, such as those of ``experiments.evaluation.metrics``."""

    def __call__(self, y: Floats, p: Floats, /, *, weight: Floats) -> float:
        """Return the measure."""
        ...


# Beyond this many non-events a stratified subsample is used: the interval hardly changes, but the wait would.
MAX_ROWS = 2_000_000
MAX_NON_EVENTS = 500_000
# Runs of like scores in a replicate: fine enough for any curve, few enough for hundreds of replicates.
MAX_CELLS = 1_000


class Resampler:
    """Draws bootstrap samples as counts per row: whole clusters when there are groups, else row by row.

    Parameters
    ----------
    strata : rows of one value are drawn among themselves; left out, all rows are drawn from together.
    groups : cluster of each row (a customer id); clusters are drawn whole, and ``strata`` do not apply.
    """

    def __init__(
        self, rows: int, strata: ArrayLike | None = None, groups: ArrayLike | None = None, seed: int = 1
    ) -> None:
        self.rows = rows
        self.seed = seed
        self.codes = cluster_codes(groups)
        if self.codes is not None:
            self.pools: list[NDArray[np.intp]] = []
        elif strata is None:
            self.pools = [np.arange(rows)]
        else:
            labels = np.asarray(strata)
            self.pools = [np.flatnonzero(labels == label) for label in np.unique(labels)]

    def draws(self, replicates: int) -> Iterator[Floats]:
        """Yield, ``replicates`` times, how often each row was drawn; the same for the same seed."""
        rng = np.random.default_rng(self.seed)
        for _ in range(replicates):
            yield self._draw(rng)

    def _draw(self, rng: np.random.Generator) -> Floats:
        if self.codes is not None:
            clusters = int(self.codes.max()) + 1 if self.rows else 0
            return _counts(rng, clusters)[self.codes]
        if len(self.pools) == 1:
            return _counts(rng, self.rows)
        counts = np.empty(self.rows)
        for pool in self.pools:
            counts[pool] = _counts(rng, len(pool))
        return counts


def _counts(rng: np.random.Generator, size: int) -> Floats:
    return np.bincount(rng.integers(0, size, size, dtype=np.int32), minlength=size).astype(np.float64)


def bootstrap_tallies(
    y: ArrayLike,
    p: ArrayLike,
    *,
    measures: Mapping[str, TallyMetric],
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    replicates: int = 500,
    level: float = 0.95,
    seed: int = 1,
) -> dict[str, Interval]:
    """Return percentile intervals of several ranking measures from the same replicates, sorting only once.

    Parameters
    ----------
    y, p, weight, groups : labels, scores, weights and cluster of each row; shape (n,).
    measures : what to measure on a ``Tally``: ``{"ks": ks_of, "auc": auc_of}``.
    replicates, level, seed : size, coverage and random seed of the bootstrap, stratified by label, or by whole
        clusters when groups repeat.

    Returns
    -------
    dict
        An ``Interval`` by the measure's name.

    Examples
    --------
    >>> from experiments.evaluation.metrics import ks_of
    >>> bootstrap_tallies([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], measures={"ks": ks_of}, replicates=50)["ks"].value
    1.0
    """
    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    ranked = RankedSample(labels, scores, weights)
    whole = ranked.tally()
    values = {name: measure(whole) for name, measure in measures.items()}
    if auc_is_undefined(ranked):
        return {name: percentile_interval(value, (), level) for name, value in values.items()}
    codes = cluster_codes(clusters)
    is_plain = codes is None and np.ptp(weights) == 0
    if codes is None and not is_plain:
        ranked = RankedSample(*_within_reach(labels, scores, weights, seed))
    cells = _Cells(ranked)
    own = cells.whole()
    drawn: dict[str, list[float]] = {name: [] for name in measures}
    for sample in cells.redrawn(replicates, seed) if is_plain else cells.reweighted(replicates, seed, codes):
        for name, measure in measures.items():
            drawn[name].append(measure(sample))
    # Cells round a measure by a hair; the replicates are moved back by as much.
    return {
        name: percentile_interval(values[name], np.array(drawn[name]) + values[name] - measures[name](own), level)
        for name in measures
    }


class _Cells:
    """A ranked sample in at most ``MAX_CELLS`` runs of like scores, so that replicates cost little however long it is.

    Equal scores share a cell; with few distinct scores every cell is one score and nothing is rounded.
    """

    def __init__(self, ranked: RankedSample) -> None:
        blocks = np.arange(len(ranked.starts))
        if len(blocks) > MAX_CELLS:
            before = np.concatenate([[0.0], np.cumsum(ranked.weight)])[ranked.starts]
            blocks = np.floor(before / ranked.weight.sum() * MAX_CELLS).astype(np.intp)
            blocks = np.cumsum(np.concatenate([[False], blocks[1:] != blocks[:-1]]))
        first = np.concatenate([[True], blocks[1:] != blocks[:-1]])
        lengths = np.diff(np.append(ranked.starts, len(ranked.y)))
        self.ranked = ranked
        self.scores = ranked.p[ranked.starts][first]
        self.code = np.repeat(blocks, lengths)

    def whole(self) -> Tally:
        """Return the tally of the sample itself."""
        ranked, size = self.ranked, len(self.scores)
        events = np.bincount(self.code, ranked.weight * ranked.y, size).astype(np.float64)
        non_events = np.bincount(self.code, ranked.weight * (1 - ranked.y), size).astype(np.float64)
        return Tally(self.scores, events, non_events)

    def redrawn(self, replicates: int, seed: int) -> Iterator[Tally]:
        """Yield replicates of equally weighted rows: events and non-events fall into the cells at random."""
        rng = np.random.default_rng(seed)
        drawn = []
        for label in (1, 0):
            counts = np.bincount(self.code[self.ranked.y == label], minlength=len(self.scores))
            drawn.append(rng.multinomial(counts.sum(), counts / counts.sum(), size=replicates).astype(np.float64))
        for events, non_events in zip(*drawn, strict=True):
            yield Tally(self.scores, events, non_events)

    def reweighted(self, replicates: int, seed: int, codes: NDArray[np.intp] | None) -> Iterator[Tally]:
        """Yield replicates of weighted rows, or of whole clusters (``codes`` in the order of the rows given)."""
        units = np.arange(len(self.ranked.y)) if codes is None else codes[self.ranked.order]
        strata = self.ranked.y if codes is None else None
        resampler = Resampler(int(units.max()) + 1, strata, None, seed)
        sums = self.sums_by(units)
        for counts in in_chunks(resampler.draws(replicates)):
            for column in (sums @ counts).T:
                yield self.split(column)

    def sums_by(self, units: NDArray[np.intp]) -> "csr_matrix":
        """Return the matrix that turns counts of each unit (row or cluster) into events, then non-events, by cell."""
        from scipy import sparse

        place = self.code + np.where(self.ranked.y == 1, 0, len(self.scores))
        shape = (2 * len(self.scores), int(units.max()) + 1)
        return sparse.csr_matrix((self.ranked.weight, (place, units)), shape=shape)

    def split(self, column: Floats) -> Tally:
        """Return the tally of one column of ``sums_by`` times counts."""
        return Tally(self.scores, column[: len(self.scores)], column[len(self.scores) :])


def in_chunks(draws: Iterator[Floats], size: int = 25) -> Iterator[Floats]:
    """Stack draws as columns, few at a time, to bound the memory."""
    while chunk := list(itertools.islice(draws, size)):
        yield np.ascontiguousarray(np.array(chunk).T)


def _within_reach(y: Floats, p: Floats, weight: Floats, seed: int) -> tuple[Floats, Floats, Floats]:
    """Keep all events and at most ``MAX_NON_EVENTS`` non-events of a very large sample, re-weighted."""
    non_events = np.flatnonzero(y == 0)
    if len(y) <= MAX_ROWS or len(non_events) <= MAX_NON_EVENTS:
        return y, p, weight
    kept = np.random.default_rng(seed).choice(non_events, MAX_NON_EVENTS, replace=False)
    chosen = np.sort(np.concatenate([np.flatnonzero(y == 1), kept]))
    scale = np.where(y[chosen] == 0, weight[non_events].sum() / weight[kept].sum(), 1.0)
    return y[chosen], p[chosen], weight[chosen] * scale


def bootstrap_interval(
    metric: Metric,
    y: ArrayLike,
    *,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    replicates: int = 500,
    level: float = 0.95,
    seed: int = 1,
    stratified: bool = True,
) -> Interval:
    """Return any measure ``metric(y, p, weight=…)`` with its percentile bootstrap interval.

    Parameters
    ----------
    metric : called with labels, scores and weights times counts; rows that were not drawn are left out.
    y, p, weight, groups : labels, scores, weights and cluster of each row; shape (n,).
    stratified : draw events and non-events apart; switch off for measures of the level, such as O/E.

    Returns
    -------
    Interval
        Percentiles of the replicates; NaN bounds where the measure is not defined.

    See Also
    --------
    bootstrap_tallies : many times faster for measures of ranking.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.

    Examples
    --------
    >>> from experiments.evaluation.metrics import brier
    >>> y = [0, 1] * 50
    >>> found = bootstrap_interval(brier, y, p=[0.2, 0.7] * 50, replicates=50)
    >>> round(found.value, 3)
    0.065
    """
    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    resampler = Resampler(len(labels), labels if stratified else None, clusters, seed)
    found = []
    for counts in resampler.draws(replicates if len(labels) else 0):
        drawn = counts > 0
        found.append(metric(labels[drawn], scores[drawn], weight=weights[drawn] * counts[drawn]))
    return percentile_interval(metric(labels, scores, weight=weights), found, level)


def bootstrap_difference(
    measure: TallyMetric,
    y: ArrayLike,
    *,
    first: ArrayLike,
    second: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    replicates: int = 500,
    level: float = 0.95,
    seed: int = 1,
) -> Difference:
    """Return measure(first) − measure(second) on the same rows and the same replicates.

    Parameters
    ----------
    measure : a measure of a ``Tally``: ``ks_of``, ``auc_of`` or a lift.
    y, first, second, weight, groups : labels, the two scores, weights and clusters of the same n rows.

    Returns
    -------
    Difference

    Notes
    -----
    The p-value is twice the smaller share of replicates on one side of 0, never below 1/(replicates + 1).

    Examples
    --------
    >>> from experiments.evaluation.metrics import ks_of
    >>> y = [0, 1] * 50
    >>> bootstrap_difference(ks_of, y, first=y, second=[0.5] * 100, replicates=50).value
    1.0
    """
    labels, one, weights, two, clusters = labelled(y, first, weight, second, groups)
    samples = [RankedSample(labels, scores, weights) for scores in (one, np.asarray(two, dtype=np.float64))]
    if auc_is_undefined(samples[0]):
        return Difference(float("nan"), float("nan"), float("nan"), float("nan"))
    value = measure(samples[0].tally()) - measure(samples[1].tally())
    codes = cluster_codes(clusters)
    units = np.arange(len(labels)) if codes is None else codes
    both = [_Cells(ranked) for ranked in samples]
    sums = [cells.sums_by(units[cells.ranked.order]) for cells in both]
    off = value - (measure(both[0].whole()) - measure(both[1].whole()))
    found = []
    resampler = Resampler(int(units.max()) + 1, labels if codes is None else None, None, seed)
    for counts in in_chunks(resampler.draws(replicates)):
        for columns in zip(*((matrix @ counts).T for matrix in sums), strict=True):
            first_value, second_value = (
                measure(cells.split(column)) for cells, column in zip(both, columns, strict=True)
            )
            found.append(first_value - second_value + off)
    interval = percentile_interval(value, found, level)
    spread = np.asarray(found)[np.isfinite(found)]
    side = min((spread <= 0).sum(), (spread >= 0).sum()) if len(spread) else 0
    p_value = min(1.0, 2 * (side + 1) / (len(spread) + 1)) if len(spread) else float("nan")
    return Difference(value, interval.low, interval.high, float(p_value), draws=spread)
