"""Looks for codes among numbers: nines, eights and a thousand years in days that stand apart."""

from typing import Any

import numpy as np

from experiments.data.special_values.special_value import (
    LEAST_DIFFERENT,
    LEAST_ROWS,
    LEAST_SHARE,
    LEAST_SHARE_UNKNOWN,
    SPIKE,
    SpecialValue,
    evidence_params,
    percent,
)
from experiments.data.tally import Counted, quantile
from experiments.errors import gettext_noop

FAR = 3.0
NINES = frozenset(int(digit * length) for digit in "98" for length in range(2, 13)) - {88}
# A bureau has a code for each reason: 9999999 for no answer, 9999998 for no history and so on.
ENDS = frozenset({97, 98}) | frozenset(10**length - place for length in range(3, 13) for place in (2, 3, 4))
# A thousand years in days: what loan systems write for people without a job, or loans without a due date.
A_THOUSAND_YEARS = frozenset({365_242, 365_243, 365_250})
BIG_CODES = NINES | ENDS | A_THOUSAND_YEARS
# Codes so long that nobody writes them by chance, where one value stands far more often than any other.
LONG_CODES = frozenset(code for code in BIG_CODES if code >= 9_999)
LONGEST_ANSWER = 97
APART = 0.1
GAPS = 10
TIMES_AS_OFTEN = 5
LONGEST_RUN = 3
FILLED_UP = np.array([10.0**length - 1 for length in range(5, 13)])
SMALL_CODES = frozenset(range(1, 10))
FAR_OUT = gettext_noop(
    "%(value)s occurs in %(rows)s rows (%(share)s%%), far from all other values (%(low)s to %(high)s)."
)
ONLY_NEGATIVE = gettext_noop(
    "%(value)s occurs in %(rows)s rows (%(share)s%%) and is negative, while all other values are %(low)s or more."
)
WHOLE_AMONG_FRACTIONS = gettext_noop("It is a whole number, while %(share)s%% of the others have decimals.")
APART_FROM_ALL = gettext_noop(
    "%(value)s occurs in %(rows)s rows (%(share)s%%), well apart from all other values (%(low)s to %(high)s)."
)
FAR_MORE_OFTEN = gettext_noop(
    "%(value)s occurs in %(rows)s rows (%(share)s%%), %(times)s times as often as any other value. Systems often "
    "write this number where they have none."
)


def is_long_code(value: Any) -> bool:
    """Return whether a value is a number too long to be a real answer.

    >>> is_long_code(365243), is_long_code(-9999), is_long_code(-1), is_long_code("unknown")
    (True, True, False, False)
    """
    return isinstance(value, int | float) and abs(value) >= LONGEST_ANSWER


def find_special_numbers(counted: Counted, rows: int) -> list[SpecialValue]:
    """Look for codes among numbers.

    A code is a whole number of nines or eights, or a thousand years in days, that stands apart from all others or far
    more often than any of them; a negative one where all others are not; or another far extreme that holds one row in a
    hundred.

    Parameters
    ----------
    counted : different values in order, and rows of each. rows : with a value.
    """
    values, counts = counted
    if len(values) <= LEAST_DIFFERENT or not rows:
        return []
    enough = (counts >= LEAST_ROWS) & (counts >= LEAST_SHARE * rows)
    # A field of two decimals holds 999.99 at most.
    whole = (values == np.rint(values)) | _are_filled_up(values)
    known = _are_codes(values) | _are_filled_up(values)
    negative_codes = _negative_codes(values, counts, whole)
    candidates = whole & enough & (known | negative_codes)
    found = []
    for _ in range(2):
        rest = ~(candidates & _are_outside(values, candidates))
        if rest.sum() < LEAST_DIFFERENT:
            return []
        found = [
            special
            for place in np.flatnonzero(~rest)
            if (special := _judge(values, counts, rest, int(place), rows, bool(negative_codes[place])))
        ]
        # Candidates that proved not to be codes count as ordinary values in the second pass.
        candidates = np.isin(values, np.array([special.value for special in found], dtype=np.float64))
        if not found:
            break
    found += _spikes(values, counts, rows, {float(special.value) for special in found})
    return found or _unknown_extreme(values, counts, whole, rows)


def _are_codes(values: np.ndarray) -> np.ndarray:
    return np.isin(np.abs(values.astype(np.float64)), np.array(sorted(BIG_CODES), dtype=np.float64))


def _are_filled_up(values: np.ndarray) -> np.ndarray:
    """Return which values are 999.99, 9999.99 and so on: a field filled with nines to its last decimal."""
    hundredfold = np.rint(values.astype(np.float64) * 100)
    return np.isin(np.abs(hundredfold), FILLED_UP) & np.isclose(values, hundredfold / 100, rtol=0, atol=1e-6)


def _negative_codes(values: np.ndarray, counts: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return which values are small negative codes: there are few negatives, all whole, all of them codes."""
    negative = values < 0
    codes = np.abs(values[negative].astype(np.float64))
    few = 0 < len(codes) <= 10 and bool(whole[negative].all())
    if not few or not all(code in SMALL_CODES or code in BIG_CODES for code in codes):
        return np.zeros(len(values), dtype=bool)
    if _goes_on_below_zero(values, counts):
        return np.zeros(len(values), dtype=bool)
    ordinary = values[~negative & ~_are_codes(values)]
    if not len(ordinary):
        # All values are negative, as when days before an application are counted.
        return np.zeros(len(values), dtype=bool)
    # Among shares and rates a negative whole number is a code, however close it lies.
    is_among_fractions = bool(np.mean(ordinary != np.rint(ordinary)) > 0.5)
    reach = float(values[-1])
    is_small = reach >= FAR * np.abs(values.astype(np.float64))
    return negative & (is_small | is_among_fractions | _are_codes(values))


def _goes_on_below_zero(values: np.ndarray, counts: np.ndarray) -> bool:
    """Return whether the whole numbers simply go on below zero, −1, −2, −3, −4 and so on, about as often as above."""
    negative = values < 0
    run = np.sort(-values[negative].astype(np.float64))
    if len(run) <= LONGEST_RUN or not np.array_equal(run, np.arange(1, len(run) + 1)):
        return False
    above = counts[(values >= 0) & (values <= len(run))]
    if len(above) < LONGEST_RUN:
        return False
    typical = float(np.median(above))
    return bool(np.median(counts[negative]) >= typical / FAR)


def _spikes(values: np.ndarray, counts: np.ndarray, rows: int, known: set[float]) -> list[SpecialValue]:
    """Return long codes among the other values that stand far more often than any of those."""
    is_code = np.isin(values.astype(np.float64), np.array(sorted(LONG_CODES), dtype=np.float64))
    is_code &= ~np.isin(values.astype(np.float64), np.array(sorted(known), dtype=np.float64))
    others = counts[~is_code & ~np.isin(values.astype(np.float64), np.array(sorted(known), dtype=np.float64))]
    if len(others) < SPIKE:
        return []
    most = float(others.max())
    found = []
    for place in np.flatnonzero(is_code & (counts >= TIMES_AS_OFTEN * most) & (counts >= LEAST_SHARE_UNKNOWN * rows)):
        share, same = int(counts[place]) / rows, int(counts[place])
        params = evidence_params(int(values[place]), same, share) | {"times": round(same / most)}
        evidence = ({"message": FAR_MORE_OFTEN, "params": params},)
        found.append(SpecialValue(int(values[place]), same, round(share, 6), "missing", evidence))
    return found


def _are_outside(values: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Return which candidates have no ordinary value beyond them, towards their end."""
    ordinary = values[~candidates]
    if not len(ordinary):
        return np.zeros(len(values), dtype=bool)
    return (values < ordinary[0]) | (values > ordinary[-1])


def _judge(
    values: np.ndarray, counts: np.ndarray, rest: np.ndarray, place: int, rows: int, is_negative_code: bool
) -> SpecialValue | None:
    others: Counted = (values[rest], counts[rest])
    value, low, high = float(values[place]), float(others[0][0]), float(others[0][-1])
    share = int(counts[place]) / rows
    written = int(value) if value.is_integer() else round(value, 2)
    params = evidence_params(written, int(counts[place]), share, low=_plain(low), high=_plain(high))
    if _distance(others, value) > FAR and -value not in SMALL_CODES:
        evidence = [{"message": FAR_OUT, "params": params}]
    elif is_negative_code and low >= 0:
        evidence = [{"message": ONLY_NEGATIVE, "params": params}]
    elif value in BIG_CODES and _stands_apart(others, value):
        evidence = [{"message": APART_FROM_ALL, "params": params}]
    else:
        return None
    fractions = 1 - others[1][others[0] == np.rint(others[0])].sum() / others[1].sum()
    if fractions > 0.5 and value.is_integer():
        evidence.append({"message": WHOLE_AMONG_FRACTIONS, "params": {"share": percent(fractions)}})
    meaning = "not_applicable" if value > 0 and share > 0.5 else "missing"
    return SpecialValue(written, int(counts[place]), round(share, 6), meaning, tuple(evidence))


def _distance(others: Counted, value: float) -> float:
    """Return how many times the middle half of the others a value stands outside their 1st or 99th percentile."""
    first, last = float(quantile(others, 0.01)), float(quantile(others, 0.99))
    middle = float(quantile(others, 0.75)) - float(quantile(others, 0.25))
    # Where most others are equal, the middle half has no width.
    width = max(middle, (last - first) / 4, 1e-12)
    return max(first - value, value - last) / width


def _stands_apart(others: Counted, value: float) -> bool:
    """Return whether a value lies beyond all others by a tenth of their range and by ten of their steps."""
    places = others[0].astype(np.float64)
    gap = value - float(places[-1])
    steps = np.diff(places)
    usual = float(np.quantile(steps, 0.99)) if len(steps) else 0.0
    return gap > APART * float(places[-1] - places[0]) and gap >= GAPS * usual > 0


def _unknown_extreme(values: np.ndarray, counts: np.ndarray, whole: np.ndarray, rows: int) -> list[SpecialValue]:
    found = []
    for place in (0, len(values) - 1):
        rest = np.ones(len(values), dtype=bool)
        rest[place] = False
        others = values[rest]
        gap = min(abs(float(values[place]) - float(others[0])), abs(float(values[place]) - float(others[-1])))
        is_far = gap > FAR * (float(others[-1]) - float(others[0])) and len(others) >= 2 * LEAST_DIFFERENT
        if is_far and whole[place] and counts[place] >= max(LEAST_ROWS, LEAST_SHARE_UNKNOWN * rows):
            special = _judge(values, counts, rest, place, rows, False)
            found += [special] if special else []
    return found


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(f"{value:.6g}")
