"""Finds immature months, the newest ones whose customers were not observed long enough, by how the event rate falls.

The event rate of a month that is watched for ``a`` months is its final rate times the share of events that have shown
by then. Towards the end of a file that share falls, ever faster. Three other stories are fitted beside this one: a
steady trend over the whole file, a step from some month on, and a trend that begins at some month. Only where months
that ripen tell the rates better than all of these, and than chance, are the newest ones called immature.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from experiments.data.stray_dates import believable_span
from experiments.errors import gettext_noop
from experiments.kinds import KINDS
from experiments.spec import ExperimentSpec

__all__ = ["Maturity", "count_months", "end_of_records", "look_for_immature", "window_that_keeps"]

LEAST_MONTHS, LEAST_BEFORE, LEAST_EVENTS = 6, 3, 30
CHANCE, CHANCE_OF_END, CHANCE_WITH_END = 0.001, 0.005, 0.02
# Months are ripe once this share of their events has shown.
RIPE = 0.95
# A newest month that has shown more than this is not worth leaving out.
NOTABLE = 0.75
# By so much deviance, in units of the noise, another story must tell the rates better to be believed.
MARGIN = 4.0
SLOPE = 0.03
SCALES = np.array([0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18])
SHAPES = np.array([1.0, 2.0, 3.0])
WATCHED = np.array([0.5, 1.5, 2.5, 3.5, 5.5, 8.5])
STEPS = 25
# Of months by themselves: how many may lie between the newest and the year it is compared with, and how far the log
# rate of a month strays as a rule, which counts as so many months of the file.
LONGEST_GAP = 5
USUAL_STRAY, LEAST_STRAY, USUAL_MONTHS = 0.12, 0.05, 4

IMMATURE = gettext_noop(
    "The event rate falls from %(before)s to %(newest)s towards the end of the file. Most likely the performance "
    "window of %(first)s to %(last)s (%(rows)s rows) is not closed yet, and the out-of-time test would consist of "
    "these months. Leave them out, unless you know that all of them were observed long enough."
)
RIPENED = gettext_noop(
    "No month looks immature: towards the end of the file the event rate does not fall significantly."
)
TREND = gettext_noop(
    "The event rate falls over %(months)s months, but steadily or all at once, not faster and faster towards the "
    "end of the file. So it looks like a change in the business, not like immature months."
)
WATCHED_LONG = gettext_noop(
    "The event rate falls towards the end of the file, but the file has records until %(until)s, %(months)s months "
    "after the newest observation. So all months were observed long enough."
)
TOO_FEW = gettext_noop("Too few months, or too few events in them, to tell whether the newest are immature.")


@dataclass(frozen=True)
class Maturity:
    """What the rates by month say of the newest ones.

    Attributes
    ----------
    message, params : the finding as a sentence. is_immature : whether months should be left out.
    months : those to leave out, in order. newest_kept : the month before them.
    known_until : the last day of the file, as far as its dates tell.
    evidence : rates, deviance and chance behind it.

    Examples
    --------
    >>> Maturity("All months are old enough.", {}).is_immature
    False
    """

    message: str
    params: dict[str, Any]
    is_immature: bool = False
    months: tuple[str, ...] = ()
    newest_kept: str = ""
    known_until: str = ""
    evidence: dict[str, Any] | None = None

    @property
    def window(self) -> int:
        """Months of a performance window that leaves exactly these months out; 0 without any."""
        return window_that_keeps(self.newest_kept, self.known_until) if self.is_immature else 0


def count_months(dates: pd.Series, y: np.ndarray) -> list[dict[str, Any]]:
    """Return ``{"period", "rows", "events"}`` of each month with labelled rows, without stray dates.

    Parameters
    ----------
    dates : of observation. y : 1, 0 or NaN, one value a row.

    Returns
    -------
    list of dict
        In order of time.

    Examples
    --------
    >>> dates = pd.Series(pd.to_datetime(["2025-01-03", "2025-01-20", "2025-02-01"]))
    >>> [month["rows"] for month in count_months(dates, np.array([1.0, 0.0, 0.0]))]
    [2, 1]
    """
    days = _plain_days(dates)
    told = ~np.isnat(days) & ~np.isnan(y)
    months, answers = days[told].astype("datetime64[M]"), y[told]
    names, place = np.unique(months, return_inverse=True)
    rows, events = np.bincount(place), np.bincount(place, weights=answers)
    span = believable_span(names, rows) if len(names) else None
    return [
        {"period": str(name), "rows": int(count), "events": int(happened)}
        for name, count, happened in zip(names, rows, events, strict=True)
        if span is not None and span[0] <= name <= span[1]
    ]


def end_of_records(observed: pd.Series, others: Iterable[pd.Series]) -> date | None:
    """Return the last day that the file has records of, as its other dates show; ``None`` where they do not.

    Records of customers old and new end on the same day; a date that is planned ahead, such as the end of a contract,
    moves on with them and says nothing.

    Parameters
    ----------
    observed : observation date of each row. others : its other dates.

    Returns
    -------
    datetime.date or None

    Examples
    --------
    >>> observed = pd.Series(pd.date_range("2023-01-01", periods=400, freq="D"))
    >>> paid = pd.Series(np.minimum(observed + pd.Timedelta(days=900), pd.Timestamp("2025-03-31")))
    >>> str(end_of_records(observed, [paid, observed + pd.Timedelta(days=3650)]))
    '2025-03-31'
    """
    days = _plain_days(observed)
    known = ~np.isnat(days)
    if known.sum() < LEAST_EVENTS:
        return None
    order = np.argsort(days[known], kind="stable")
    third = len(order) // 3
    span = (days[known].max() - days[known].min()).astype(int)
    ends = []
    for series in others:
        dated = _plain_days(series)[known][order]
        oldest, newest = (part[~np.isnat(part)] for part in (dated[:third], dated[-third:]))
        if min(len(oldest), len(newest)) < LEAST_EVENTS // 3:
            continue
        apart = abs((newest.max() - oldest.max()).astype(int))
        if newest.max() >= days[known].max() and apart <= max(31, span // 10):
            ends.append(max(newest.max(), oldest.max()))
    return pd.Timestamp(max(ends)).date() if ends else None


def look_for_immature(months: Sequence[dict[str, Any]], kind: str, *, records_until: date | None = None) -> Maturity:
    """Return whether the newest months look immature.

    Parameters
    ----------
    months : what ``count_months`` gave. kind : of question; it knows the longest window that is usual.
    records_until : last day of the file as other dates show it.

    Returns
    -------
    Maturity

    Examples
    --------
    >>> rates = [300] * 12 + [290, 270, 240, 190, 120, 40]
    >>> months = [{"period": f"{2023 + n // 12}-{n % 12 + 1:02}", "rows": 3000, "events": e}
    ...           for n, e in enumerate(rates)]
    >>> found = look_for_immature(months, "default")
    >>> found.is_immature, found.months[-1], found.window == len(found.months)
    (True, '2024-06', True)
    """
    rows = np.array([month["rows"] for month in months], dtype=float)
    events = np.array([month["events"] for month in months], dtype=float)
    if len(months) < LEAST_MONTHS or events.sum() < LEAST_EVENTS or not (rows - events).sum():
        return Maturity(TOO_FEW, {})
    names = [month["period"] for month in months]
    place = np.array(names, dtype="datetime64[M]").astype(int)
    place = place - place[-1]
    ripening = _ripening(place, rows, events)
    last_day = _last_day(names[-1])
    until = max(records_until, last_day) if records_until else last_day
    between = _months_between(names[-1], until)
    chance, of_end = _chance(ripening, place, rows, events), _chance_of_end(rows, events)
    # Where other dates of the file end with the newest month, nobody can have watched it for long.
    allowed = CHANCE_WITH_END if records_until and not between else CHANCE_OF_END
    is_beyond_chance = chance <= CHANCE or of_end <= allowed
    chance = min(chance, of_end)
    if not is_beyond_chance or ripening.shown[-1] > NOTABLE:
        return Maturity(RIPENED, {}, evidence={"chance": chance})
    out = int((ripening.shown < RIPE).sum())
    other, length = _other_story(place, rows, events)
    is_long = -place[len(names) - out] + 1 > KINDS[kind].longest_window if out else True
    # What is told as well by months that ripen is asked about: only a clearly better story is taken for the true one.
    if is_long or other < ripening.deviance - MARGIN * ripening.noise:
        return Maturity(TREND, {"months": max(length, 1)}, evidence={"chance": chance})
    out = min(out, len(names) - LEAST_BEFORE)
    if between >= KINDS[kind].longest_window:
        return Maturity(WATCHED_LONG, {"until": until.isoformat(), "months": between}, evidence={"chance": chance})
    before = events[:-out].sum() / rows[:-out].sum()
    newest = events[-1] / rows[-1]
    params = {
        "before": f"{100 * before:.1f}%", "newest": f"{100 * newest:.1f}%", "first": names[-out], "last": names[-1],
        "rows": f"{int(rows[-out:].sum()):,}",
    }  # fmt: skip
    evidence = {"chance": chance, "before": before, "newest": newest, "shown": ripening.shown[-out:].tolist()}
    return Maturity(
        IMMATURE, params, is_immature=True, months=tuple(names[-out:]), newest_kept=names[-out - 1],
        known_until=until.isoformat(), evidence=evidence,
    )  # fmt: skip


def note_of_split(frame: pd.DataFrame, y: np.ndarray, spec: ExperimentSpec) -> dict[str, Any] | None:
    """Return what is to be said of the newest months where a table is divided by time, as ``{"message", "params"}``.

    Parameters
    ----------
    frame : the whole table. y : 1, 0 or NaN, one value a row.
    """
    name = spec.time_column
    if name is None or name not in frame or spec.validation.scheme == "given":
        return None
    observed = pd.to_datetime(frame[name], errors="coerce")
    dates = [frame[other] for other in frame if other != name and pd.api.types.is_datetime64_any_dtype(frame[other])]
    found = look_for_immature(count_months(observed, y), spec.kind, records_until=end_of_records(observed, dates))
    if not found.is_immature:
        return None
    return {"message": found.message, "params": {**found.params, "performance_months": found.window}}


def window_that_keeps(month: str, known_until: str) -> int:
    """Return the longest performance window with which a month is closed by a day.

    Parameters
    ----------
    month : as ``2024-06``. known_until : an ISO date.

    Returns
    -------
    int
        Months.

    Examples
    --------
    >>> window_that_keeps("2024-06", "2024-12-31"), window_that_keeps("2024-06", "2024-12-15")
    (6, 5)
    """
    until = date.fromisoformat(known_until)
    months = _months_between(month, until)
    return months if pd.Timestamp(until).is_month_end or until.day >= _last_day(month).day else months - 1


def _plain_days(dates: pd.Series) -> np.ndarray:
    days = pd.to_datetime(dates, errors="coerce")
    if days.dt.tz is not None:
        days = days.dt.tz_localize(None)
    return days.to_numpy().astype("datetime64[D]")


def _last_day(month: str) -> date:
    return pd.Period(month, "M").end_time.date()


def _months_between(month: str, until: date) -> int:
    first = pd.Period(month, "M")
    return (until.year - first.year) * 12 + until.month - first.month


@dataclass(frozen=True)
class _Ripening:
    """The story of months that ripen, as well as it tells the rates; ``shown`` is the share of events by month."""

    deviance: float
    noise: float
    shown: np.ndarray


def _ripening(place: np.ndarray, rows: np.ndarray, events: np.ndarray) -> _Ripening:
    """Fit a final rate with a mild trend, times the share that has shown, over a grid of curves."""
    scale, shape, watched = (grid.ravel() for grid in np.meshgrid(SCALES, SHAPES, WATCHED))
    ages = watched[:, None] - place[None, :]
    shown = -np.expm1(-((ages / scale[:, None]) ** shape[:, None]))
    fitted, slopes = _fit_trend(place, rows, events, np.log(np.clip(shown, 1e-9, 1)), penalty=1 / SLOPE**2)
    deviance = _deviance(events, fitted) + (slopes / SLOPE) ** 2
    best = int(np.argmin(deviance))
    return _Ripening(float(deviance[best]), _noise(events, fitted[best], rows), shown[best])


def _chance(ripening: _Ripening, place: np.ndarray, rows: np.ndarray, events: np.ndarray) -> float:
    """Return how often chance would make the story of ripening so much better than a steady trend."""
    steady, _ = _fit_trend(place, rows, events, np.zeros((1, len(place))))
    gained = float(_deviance(events, steady)[0]) - ripening.deviance
    if gained <= 0:
        return 1.0
    # Three numbers of the curve were chosen to fit.
    return float(f_distribution.sf(gained / 3 / ripening.noise, 3, max(1, len(place) - 5)))


def _chance_of_end(rows: np.ndarray, events: np.ndarray) -> float:
    """Return how often a month is as far below the year before it, if the newest one is like all others.

    It asks what a few immature months change most, and compares it with how far the months of this very file stray,
    so that seasons, trends and noise count as what they are. Between the newest month and the year it is compared
    with, none to five are left out, which may be immature as well.
    """
    rates = np.log((events + 0.5) / (rows + 1))
    most = min(LONGEST_GAP, len(rates) - LEAST_BEFORE - 1)
    found = [_chance_after_gap(rates, rows, gap) for gap in range(most + 1)]
    return min(1.0, len(found) * min(found))


def _chance_after_gap(rates: np.ndarray, rows: np.ndarray, gap: int) -> float:
    newest = len(rates) - 1
    strays, spread = _stray(rates, rows, newest, gap)
    if newest - 12 - gap >= LEAST_BEFORE:
        # What falls so every year is a season.
        a_year_ago, its_spread = _stray(rates, rows, newest - 12, gap)
        strays, spread = strays - min(a_year_ago, 0.0), spread + its_spread
    if strays > np.log(NOTABLE):
        return 1.0
    # Of months that may be immature themselves nothing is learnt.
    earlier = [_stray(rates, rows, month, gap) for month in range(gap + LEAST_BEFORE, newest - gap)]
    beyond_chance = sum(stray**2 - own for stray, own in earlier)
    usual = (beyond_chance + USUAL_MONTHS * USUAL_STRAY**2) / (len(earlier) + USUAL_MONTHS)
    error = np.sqrt(max(usual, LEAST_STRAY**2) + spread)
    # Months that share the year they are compared with tell less than so many apart.
    freedom = USUAL_MONTHS + len(earlier) / 2
    return float(t_distribution.cdf(strays / error, freedom))


def _stray(rates: np.ndarray, rows: np.ndarray, month: int, gap: int) -> tuple[float, float]:
    """Return how far the log rate of a month is from that of the year before a gap, and the variance by chance."""
    before = slice(max(0, month - gap - 12), month - gap)
    # A month of few events counts for less, one of many for no more than months stray anyway.
    expected = np.exp(rates[before]) * rows[before]
    weight = 1 / (1 / expected + USUAL_STRAY**2)
    level = float(weight @ rates[before] / weight.sum())
    chance = 1 / max(rows[month] * np.exp(level), 0.5) + float(weight**2 @ (1 / expected)) / weight.sum() ** 2
    return float(rates[month] - level), chance


def _other_story(place: np.ndarray, rows: np.ndarray, events: np.ndarray) -> tuple[float, int]:
    """Return the deviance of the best step or turn of the trend, and how many months ago it began."""
    best, length = np.inf, 0
    for begin in range(2, len(place) - 1):
        for bend in ((place >= place[begin]).astype(float), np.clip(place - place[begin - 1], 0, None).astype(float)):
            columns = np.column_stack([np.ones(len(place)), place, bend])
            fitted, factors = _fit(columns, rows, events)
            deviance = float(_deviance(events, fitted[None, :])[0])
            if factors[2] < 0 and deviance < best:
                best, length = deviance, int(place[-1] - place[begin] + 1)
    return best, length


def _fit_trend(
    place: np.ndarray, rows: np.ndarray, events: np.ndarray, offsets: np.ndarray, penalty: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Fit ``log rate = a + b place + offset`` for each row of offsets (Poisson); return expected events and slopes."""
    middle = place - place.mean()
    base = np.exp(offsets) * rows
    level = np.log(events.sum() / np.maximum(base.sum(axis=1), 1e-12))
    slope = np.zeros(len(offsets))
    for _ in range(STEPS):
        expected = base * np.exp(np.clip(level[:, None] + slope[:, None] * middle, -30, 30))
        rest = events - expected
        gradient = np.stack([rest.sum(axis=1), (rest * middle).sum(axis=1) - penalty * slope])
        a, b, c = expected.sum(axis=1), (expected * middle).sum(axis=1), (expected * middle**2).sum(axis=1) + penalty
        determinant = np.maximum(a * c - b * b, 1e-12)
        level = level + np.clip((c * gradient[0] - b * gradient[1]) / determinant, -1, 1)
        slope = slope + np.clip((a * gradient[1] - b * gradient[0]) / determinant, -0.3, 0.3)
    return base * np.exp(np.clip(level[:, None] + slope[:, None] * middle, -30, 30)), slope


def _fit(columns: np.ndarray, rows: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a Poisson regression of rates by Newton's steps; return expected events and factors."""
    factors = np.zeros(columns.shape[1])
    factors[0] = np.log(max(events.sum(), 0.5) / rows.sum())
    ridge = 1e-6 * np.eye(columns.shape[1])
    for _ in range(STEPS):
        expected = rows * np.exp(np.clip(columns @ factors, -30, 5))
        step = np.linalg.solve(columns.T @ (columns * expected[:, None]) + ridge, columns.T @ (events - expected))
        factors = factors + np.clip(step, -1, 1)
    return rows * np.exp(np.clip(columns @ factors, -30, 5)), factors


def _deviance(events: np.ndarray, expected: np.ndarray) -> np.ndarray:
    expected = np.maximum(expected, 1e-9)
    ratio = np.where(events > 0, events / expected, 1.0)
    return np.asarray(2 * (events * np.log(ratio) - (events - expected)).sum(axis=-1))


def _noise(events: np.ndarray, expected: np.ndarray, rows: np.ndarray) -> float:
    """Return how many times more than chance months vary, also because one month is like the next."""
    rest = (events - expected) / np.sqrt(np.maximum(expected * (1 - np.clip(expected / rows, 0, 0.99)), 0.5))
    spread = float((rest**2).sum() / max(1, len(rest) - 5))
    alike = float((rest[1:] * rest[:-1]).sum() / max((rest**2).sum(), 1e-9))
    alike = float(np.clip(alike, 0, 0.8))
    return max(1.0, spread * (1 + alike) / (1 - alike))
