"""Looks among dates for those that systems write where they have none."""

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
)
from experiments.data.tally import Counted
from experiments.errors import gettext_noop

DAY = 86_400_000_000
DECADES = 20 * 365 * DAY
NO_BEGINNING = ("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01",
                "1970-01-01", "1980-01-01")  # fmt: skip
NO_END = ("2049-12-31", "2050-12-31", "2099-01-01", "2099-12-31", "2100-01-01", "2199-12-31", "2262-04-11",
          "2999-12-31", "3000-12-31", "9999-12-31")  # fmt: skip
SPIKE_OF_DATES = gettext_noop(
    "%(value)s occurs in %(rows)s rows (%(share)s%%), %(times)s times as often as other days. Systems often write "
    "this date where they have none."
)
FAR_DATE = gettext_noop(
    "%(value)s occurs in %(rows)s rows (%(share)s%%), while all other dates run from %(low)s to %(high)s."
)


def find_special_dates(counted: Counted, rows: int) -> list[SpecialValue]:
    """Look among dates (microseconds since 1970) for those that systems write where they have none."""
    values, counts = counted
    codes = {_microseconds(day): (day, "missing") for day in NO_BEGINNING}
    codes |= {_microseconds(day): (day, "not_applicable") for day in NO_END}
    days = values - values % DAY
    codes |= _far_days(days, counts, rows, set(codes))
    known = np.isin(days, np.array(sorted(codes)))
    if not known.any() or (~known).sum() < LEAST_DIFFERENT:
        return []
    others: Counted = (values[~known], counts[~known])
    typical = float(others[1].sum()) / len(np.unique(days[~known]))
    found = []
    for day in np.unique(days[known]):
        same = int(counts[days == day].sum())
        share = same / rows
        text, meaning = codes[int(day)]
        params = evidence_params(text, same, share, low=_day(others[0][0]), high=_day(others[0][-1]))
        params["times"] = round(same / typical)
        is_outside = day < others[0][0] - 365 * DAY or day > others[0][-1] + 365 * DAY
        if is_outside and same >= 2:
            message = FAR_DATE
        elif same >= SPIKE * typical and same >= LEAST_ROWS and share >= LEAST_SHARE:
            message = SPIKE_OF_DATES
        else:
            continue
        evidence = ({"message": message, "params": params},)
        found.append(SpecialValue(text, same, round(share, 6), meaning, evidence))
    return found


def _far_days(days: np.ndarray, counts: np.ndarray, rows: int, known: set[int]) -> dict[int, tuple[str, str]]:
    """Return further days, decades before or after all others, that hold one row in a hundred."""
    found: dict[int, tuple[str, str]] = {}
    others, held = np.unique(days[~np.isin(days, np.array(sorted(known)))], return_inverse=True)
    if len(others) <= LEAST_DIFFERENT:
        return found
    same = np.bincount(held, weights=counts[~np.isin(days, np.array(sorted(known)))])
    for place, beside, meaning in ((0, 1, "missing"), (-1, -2, "not_applicable")):
        is_far = abs(int(others[place]) - int(others[beside])) > DECADES
        if is_far and same[place] >= max(LEAST_ROWS, LEAST_SHARE_UNKNOWN * rows):
            found[int(others[place])] = (_day(others[place]), meaning)
    return found


def _microseconds(day: str) -> int:
    return int(np.datetime64(day, "us").astype(np.int64))


def _day(value: Any) -> str:
    return str(np.datetime64(int(value), "us").astype("datetime64[D]"))
