"""How far a switch from one score to another may vary: both choices looked at on the same customers, drawn anew."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.evaluation.bootstrap import Resampler, in_chunks
from experiments.evaluation.clusters import cluster_codes
from experiments.evaluation.intervals import Z_95, Interval, percentile_interval
from experiments.evaluation.ranking import Floats, RankedSample
from experiments.strategy.curve import Chosen, chosen_at

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

REPLICATES = 1_000
MOST_CELLS = 1_000
# What each chooses: the share of the first score and that of the other.
Shares = tuple[float, float]


class DrawnChange:
    """What the other score's choice holds more of than the first's, per customer of all, and on each draw.

    Examples
    --------
    >>> change = DrawnChange(1.0, np.array([0.0, 1.0, 2.0]))
    >>> change.interval.low < change.value < change.interval.high
    True
    """

    def __init__(self, value: float, draws: Floats) -> None:
        self.value, self.draws = value, draws

    @property
    def interval(self) -> Interval:
        """The value between percentiles of the draws, 95 % of them inside."""
        return percentile_interval(self.value, self.draws)

    @property
    def by_deviation(self) -> Interval:
        """The value and twice its standard deviation over the draws, to be more exact 1.96 of them, on either side."""
        half = Z_95 * float(np.std(self.draws))
        return Interval(self.value, self.value - half, self.value + half)


def drawn_changes(
    y: Floats,
    champion: Floats,
    challenger: Floats,
    weight: Floats | None = None,
    groups: np.ndarray | None = None,
    *,
    values: Mapping[str, Floats],
    shares: Sequence[Shares],
    chosen: Chosen,
    replicates: int = REPLICATES,
    seed: int = 1,
) -> list[dict[str, DrawnChange]]:
    """Return how much more of some values the challenger's choice holds, at each pair of shares, on the same draws.

    Parameters
    ----------
    y, champion, challenger, weight, groups : labels, probabilities by both, weights and customer of the same n rows;
        where a customer repeats, whole customers are drawn.
    values : of each row, by name: such as 1 for an event, or an amount.
    shares : pairs of what the first and the other choose. chosen : which end of the scores is wanted.
    replicates, seed : of the bootstrap, which draws events and others together: their number is not known either.

    Returns
    -------
    list of dict
        By pair of shares, the change by the name of its values.

    Notes
    -----
    On each draw both cut-offs are found anew, so that each score chooses its share of the customers drawn. Rows stand
    in at most 1,000 cells of like scores; what that rounds is put back.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.

    Examples
    --------
    >>> y = np.tile([1.0, 0.0], 100)
    >>> found = drawn_changes(
    ...     y, np.full(200, 0.5), y, values={"events": y}, shares=[(0.5, 0.5)], chosen="highest", replicates=50
    ... )
    >>> round(found[0]["events"].value, 3)
    0.25
    """
    weights = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    columns = np.column_stack([np.ones(len(y)), *values.values()])
    codes = cluster_codes(groups)
    units = np.arange(len(y)) if codes is None else codes
    sides = [
        _Side(RankedSample(y, p if chosen == "highest" else -p, weights), columns, units)
        for p in (champion, challenger)
    ]
    whole = [side.chosen([pair[place] for pair in shares]) for place, side in enumerate(sides)]
    value = whole[1] - whole[0]
    exact = np.array([_exact(sides, columns, pair) for pair in shares])
    draws = np.array([
        second - first
        for first, second in _on_each_draw(sides, shares, Resampler(int(units.max()) + 1, seed=seed), replicates)
    ])  # fmt: skip
    moved = draws + (exact - value)
    return [
        {name: DrawnChange(float(exact[at, of]), moved[:, at, of]) for of, name in enumerate(values)}
        for at in range(len(shares))
    ]


def _on_each_draw(
    sides: Sequence["_Side"], shares: Sequence[Shares], resampler: Resampler, replicates: int
) -> Iterator[tuple[Floats, Floats]]:
    for counts in in_chunks(resampler.draws(replicates)):
        first, second = (side.drawn(counts) for side in sides)
        for one, other in zip(first, second, strict=True):
            yield (
                _at(one, [pair[0] for pair in shares]),
                _at(other, [pair[1] for pair in shares]),
            )


def _exact(sides: Sequence["_Side"], columns: Floats, pair: Shares) -> Floats:
    """Return the change of each value row by row, without cells."""
    own, other = (side.part(share) for side, share in zip(sides, pair, strict=True))
    weight = sides[0].weight
    return np.asarray((weight * (other - own)) @ columns[:, 1:] / weight.sum())


class _Side:
    """One score's rows in cells of like scores, best first, and what they sum up to however often each is drawn."""

    def __init__(self, ranked: RankedSample, columns: Floats, units: np.ndarray) -> None:
        self.ranked = ranked
        self.weight = np.empty(len(ranked.y))
        self.weight[ranked.order] = ranked.weight
        self.width = columns.shape[1]
        self.sums = _sums_by_cell(ranked, columns, units)

    def part(self, share: float) -> Floats:
        """Return how far each row is chosen at a share, in the order of the table."""
        part = np.empty(len(self.ranked.y))
        part[self.ranked.order] = chosen_at(self.ranked, share)
        return part

    def chosen(self, shares: Sequence[float]) -> Floats:
        """Return what the chosen sum up to at each share, per customer of all, by cells."""
        (own,) = self.drawn(np.ones((self.sums.shape[1], 1)))
        return _at(own, shares)

    def drawn(self, counts: Floats) -> Floats:
        """Return weights and values by cell for each column of counts; shape (draws, cells, values + 1)."""
        found = np.asarray(self.sums @ counts)
        return found.T.reshape(counts.shape[1], -1, self.width)


def _sums_by_cell(ranked: RankedSample, columns: Floats, units: np.ndarray) -> "csr_matrix":
    """Return the matrix that turns counts of each unit into weights and values by cell, one cell after the other."""
    from scipy import sparse

    before = np.concatenate([[0.0], np.cumsum(ranked.weight)])[ranked.starts]
    blocks = np.arange(len(ranked.starts))
    if len(blocks) > MOST_CELLS:
        blocks = np.unique(np.floor(before / ranked.weight.sum() * MOST_CELLS).astype(np.intp), return_inverse=True)[1]
    cell = np.repeat(blocks, np.diff(np.append(ranked.starts, len(ranked.y))))
    width = columns.shape[1]
    rows = (cell[:, None] * width + np.arange(width)).ravel()
    held = (ranked.weight[:, None] * columns[ranked.order]).ravel()
    places = np.repeat(units[ranked.order], width)
    shape = (width * (int(blocks.max()) + 1), int(units.max()) + 1)
    return sparse.csr_matrix((held, (rows, places)), shape=shape)


def _at(cells: Floats, shares: Sequence[float]) -> Floats:
    """Return what the best cells sum up to at each share of the weight, per unit of it; shape (shares, values)."""
    reached = np.concatenate([[0.0], np.cumsum(cells[:, 0])])
    wanted = np.asarray(shares) * reached[-1]
    summed = [
        np.interp(wanted, reached, np.concatenate([[0.0], np.cumsum(cells[:, value])]))
        for value in range(1, cells.shape[1])
    ]
    return np.array(summed).T / reached[-1]
