"""The best way to join ordered fine bins into few: exact, by dynamic programming."""

from dataclasses import dataclass

import numpy as np

from experiments.features.woe import information_value

# Below this no bin of a sample that can be read costs more than it brings.
LEAST_PRICE = 0.01
TRENDS = ("auto", "ascending", "descending", "valley", "peak", "none")
# A U-shape may turn out to have one side only.
_ALLOWED = {
    "auto": ("ascending", "descending", "peak", "valley"),
    "ascending": ("ascending",),
    "descending": ("descending",),
    "peak": ("peak", "ascending", "descending"),
    "valley": ("valley", "descending", "ascending"),
}


@dataclass(frozen=True)
class FineBins:
    """Counts of ordered fine bins, each of shape (k,): raw rows and events, weighted events and non-events."""

    rows: np.ndarray
    raw_events: np.ndarray
    events: np.ndarray
    non_events: np.ndarray


@dataclass(frozen=True)
class Limits:
    """What a joined bin must hold, and what each further bin must gain in log-likelihood to be worth having."""

    max_bins: int
    min_rows: float
    min_events: float
    price_per_bin: float
    price_of_turn: float


def best_partition(fine: FineBins, trend: str, limits: Limits) -> tuple[list[int], str]:
    """Return the starts of the joined bins (the first is 0) and the trend of their event rates.

    Maximises the binomial log-likelihood less ``price_per_bin`` a bin, so that noise does not buy bins, under the
    limits and the trend; where that takes more than ``max_bins``, the price is raised until it does not. ``auto`` takes
    a turning trend only where that gains ``price_of_turn`` over a monotone one.
    """
    if len(fine.rows) < 2:
        return [0], "none"
    choice = _Choice.by_likelihood(fine, trend, limits)
    starts, found = choice.at(limits.price_per_bin)
    if len(starts) <= limits.max_bins:
        return starts, found
    return _within(choice, limits.max_bins, limits.price_per_bin + 1.0, within=1.1)


def most_informative_partition(fine: FineBins, starts: list[int], trend: str, limits: Limits) -> list[int]:
    """Return the starts of at most as many bins as ``starts`` has, of the same trend, with the most information value.

    ``starts`` and ``trend`` come from ``best_partition``, which says how many bins the sample can bear; this is worth
    its twenty further searches for the columns of a card that is shipped.
    """
    if len(starts) < 2:
        return starts
    choice = _Choice.by_information(fine, trend, limits, bins=len(starts))
    better, _ = _within(choice, len(starts), LEAST_PRICE, within=1.02)
    return better if _information(fine, better) > _information(fine, starts) else starts


def _information(fine: FineBins, starts: list[int]) -> float:
    return information_value(np.add.reduceat(fine.events, starts), np.add.reduceat(fine.non_events, starts))


def _within(choice: "_Choice", most: int, price: float, within: float) -> tuple[list[int], str]:
    """Return the best partition at the lowest price, up to a factor, at which it has at most ``most`` bins."""
    low = high = price
    best = choice.at(high)
    while len(best[0]) > most:
        low, high = high, high * 3
        best = choice.at(high)
    while high > within * low and len(best[0]) < most:
        middle = float(np.sqrt(low * high))
        solved = choice.at(middle)
        if len(solved[0]) <= most:
            best, high = solved, middle
        else:
            low = middle
    return best


@dataclass(frozen=True)
class _Choice:
    """What a partition is chosen by: the worth and the event rate of the bin from fine bin i up to, not including, j.

    Both are of shape (k+1, k+1); a bin that is not allowed is worth minus infinity.
    """

    worth: np.ndarray
    rate: np.ndarray
    trend: str
    price_of_turn: float

    @classmethod
    def by_likelihood(cls, fine: FineBins, trend: str, limits: Limits) -> "_Choice":
        """Take a bin's binomial log-likelihood for its worth."""
        from scipy.special import xlogy

        events, others, rate, is_allowed = _joined(fine, limits)
        worth = xlogy(events, np.where(rate > 0, rate, 1.0)) + xlogy(others, np.where(rate < 1, 1 - rate, 1.0))
        return cls(np.where(is_allowed, worth, -np.inf), rate, trend, limits.price_of_turn)

    @classmethod
    def by_information(cls, fine: FineBins, trend: str, limits: Limits, bins: int) -> "_Choice":
        """Take a bin's part of the information value of so many bins, on the scale of a likelihood, for its worth."""
        events, others, rate, is_allowed = _joined(fine, limits)
        b, g = fine.events.sum(), fine.non_events.sum()
        share, other_share = (events + 0.5) / (b + 0.5 * bins), (others + 0.5) / (g + 0.5 * bins)
        worth = (share - other_share) * np.log(share / other_share) * b * g / (b + g)
        return cls(np.where(is_allowed, worth, -np.inf), rate, trend, limits.price_of_turn)

    def at(self, price: float) -> tuple[list[int], str]:
        """Return the starts of the best partition where each bin costs ``price``, and its trend."""
        value = self.worth - price
        if self.trend == "none":
            return _free(value), "none"
        peak, valley = _two_phases(value, self.rate), _two_phases(value, -self.rate)
        turn = self.price_of_turn if self.trend == "auto" else 0.0
        # The first phase alone is monotone; both phases together rise and then fall (or the mirror of it).
        candidates = {
            "ascending": (peak.best_first, peak.trace_first),
            "descending": (valley.best_first, valley.trace_first),
            "peak": (peak.best_second - turn, peak.trace_second),
            "valley": (valley.best_second - turn, valley.trace_second),
        }
        found = max(_ALLOWED[self.trend], key=lambda name: candidates[name][0])
        if not np.isfinite(candidates[found][0]):
            return [0], "none"
        starts = candidates[found][1]()
        return starts, found if len(starts) > 1 else "none"


def _joined(fine: FineBins, limits: Limits) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return events, non-events and event rate of each bin that may be joined, and whether it keeps the limits."""
    rows, raw, events, others = (_spans(x) for x in (fine.rows, fine.raw_events, fine.events, fine.non_events))
    total = events + others
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(total > 0, events / total, 0.0)
    is_allowed = (rows >= limits.min_rows) & (raw >= limits.min_events) & (rows - raw >= limits.min_events)
    is_allowed &= np.triu(np.ones_like(is_allowed), 1)
    return np.maximum(events, 0.0), np.maximum(others, 0.0), rate, is_allowed


def _spans(counts: np.ndarray) -> np.ndarray:
    cumulative = np.concatenate([[0.0], np.cumsum(counts, dtype=float)])
    return cumulative[None, :] - cumulative[:, None]


def _free(value: np.ndarray) -> list[int]:
    size = len(value)
    best, came_from = np.full(size, -np.inf), np.zeros(size, dtype=int)
    best[0] = 0.0
    for end in range(1, size):
        through = best[:end] + value[:end, end]
        came_from[end] = int(np.argmax(through))
        best[end] = through[came_from[end]]
    if not np.isfinite(best[-1]):
        return [0]
    starts, end = [], size - 1
    while end > 0:
        end = int(came_from[end])
        starts.append(end)
    return starts[::-1]


class _TwoPhases:
    """Best values of partitions whose last bin is [i, j): rising so far (first) or already falling (second)."""

    def __init__(self, size: int) -> None:
        self.first, self.second = np.full((2, size, size), -np.inf)
        self.first_from, self.second_from = np.full((2, size, size), -1, dtype=int)
        self.turned = np.zeros((size, size), dtype=bool)

    @property
    def best_first(self) -> float:
        return float(self.first[:, -1].max())

    @property
    def best_second(self) -> float:
        return float(self.second[:, -1].max())

    def trace_first(self) -> list[int]:
        return self._trace(int(np.argmax(self.first[:, -1])), in_second=False)

    def trace_second(self) -> list[int]:
        return self._trace(int(np.argmax(self.second[:, -1])), in_second=True)

    def _trace(self, start: int, in_second: bool) -> list[int]:
        starts, end = [start], self.first.shape[0] - 1
        while start > 0:
            source = self.second_from if in_second else self.first_from
            in_second = in_second and not self.turned[start, end]
            start, end = int(source[start, end]), start
            starts.append(start)
        return starts[::-1]


def _two_phases(value: np.ndarray, rate: np.ndarray) -> _TwoPhases:
    size = len(value)
    state = _TwoPhases(size)
    state.first[0] = value[0]
    for start in range(1, size - 1):
        before, after = slice(0, start), slice(start + 1, size)
        possible = np.flatnonzero(np.isfinite(state.first[before, start]) | np.isfinite(state.second[before, start]))
        if possible.size == 0:
            continue
        earlier, limits = rate[possible, start], rate[start, after]
        first, second = state.first[possible, start], state.second[possible, start]
        order = np.argsort(earlier, kind="stable")
        first_best, first_arg = _best_below(earlier, order, first, limits)
        # Falling: the bin before must be at least as high, so the same search on the mirrored rate.
        fall_best, fall_arg = _best_below(-earlier, order[::-1], second, -limits)
        turn_best, turn_arg = _best_below(-earlier, order[::-1], first, -limits)
        first_arg, fall_arg, turn_arg = possible[first_arg], possible[fall_arg], possible[turn_arg]
        state.first[start, after] = value[start, after] + first_best
        state.first_from[start, after] = first_arg
        turned = turn_best >= fall_best
        state.second[start, after] = value[start, after] + np.where(turned, turn_best, fall_best)
        state.second_from[start, after] = np.where(turned, turn_arg, fall_arg)
        state.turned[start, after] = turned
    return state


def _best_below(
    rates: np.ndarray, order: np.ndarray, values: np.ndarray, limits: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each limit return the best value among the entries whose rate is at most the limit, and its index.

    ``order`` sorts ``rates``.
    """
    running = np.maximum.accumulate(values[order])
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = running[1:] > running[:-1]
    best_index = order[np.maximum.accumulate(np.where(is_new, np.arange(len(order)), 0))]
    position = np.searchsorted(rates[order], limits, side="right") - 1
    found = np.where(position >= 0, running[np.maximum(position, 0)], -np.inf)
    return found, best_index[np.maximum(position, 0)]
