"""Times of rows as microseconds since 1970, however the file writes them."""

import re

import numpy as np
import polars as pl

from experiments.data.parsing import parse_dates
from experiments.data.values import ALL_DATE_FORMATS

DAY = 86_400_000_000
MISSING = np.iinfo(np.int64).min
# How a time may be written: as the file's own type, as whole numbers, or as text.
NATIVE, EIGHT_DIGITS, SIX_DIGITS, TEXT, SIX_DIGITS_TEXT = "native", "yyyymmdd", "yymmdd", "text", "yymmdd hh:mm:ss"
# Days or months before the observation, as a bureau counts them: −30 is thirty days before, 0 the moment itself.
DAYS_BEFORE, MONTHS_BEFORE = "days before", "months before"
RELATIVE = (DAYS_BEFORE, MONTHS_BEFORE)
MICROSECONDS_OF = {DAYS_BEFORE: DAY, MONTHS_BEFORE: 30.4375 * DAY}
# Longer than any life: 365243 and the like stand for no time at all.
MOST_OFFSET = {DAYS_BEFORE: 54_750, MONTHS_BEFORE: 1_800}
OFFSET_NAME = re.compile(r"(^|_)(days?|months?)(_|$)|_before|offset|天数|距今|月份差|前天|账龄", re.IGNORECASE)
MONTH_NAME = re.compile(r"month|月", re.IGNORECASE)
TIME_FORMATS = (NATIVE, EIGHT_DIGITS, SIX_DIGITS, TEXT, SIX_DIGITS_TEXT)
ALL_TIME_FORMATS = (*TIME_FORMATS, *RELATIVE)
# A year of two digits from 70 on belongs to the last century.
FIRST_YEAR_OF_TWO_DIGITS = 70
ENOUGH = 0.99
# A few rows after the observation are future rows, which a join refuses; with many, the column is no such count.
ENOUGH_BEFORE = 0.95


def microseconds(values: pl.Series, time_format: str) -> np.ndarray:
    """Return each value's time as whole microseconds since 1970, ``MISSING`` where there is none.

    Times with a zone are taken in UTC; times without one are left as they are written. Days and months before the
    observation count from it: what lies before is below zero.
    """
    if time_format in RELATIVE:
        return _offsets(values, time_format)
    times = to_datetime(values, time_format).dt.timestamp("us")
    return times.fill_null(MISSING).to_numpy()


def _offsets(values: pl.Series, time_format: str) -> np.ndarray:
    """Return counts of days or months as microseconds; more than a lifetime counts as missing."""
    counts = values.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    is_time = np.abs(counts) <= MOST_OFFSET[time_format]
    times = np.rint(np.where(is_time, counts, 0.0) * MICROSECONDS_OF[time_format]).astype(np.int64)
    return np.where(is_time, times, MISSING)


def find_offset(name: str, values: pl.Series) -> str | None:
    """Return how a column counts the time before the observation, or ``None`` when it does not.

    Its name speaks of days or months, and but for codes that stand for no time its values are whole and not above 0.

    >>> find_offset("DAYS_CREDIT", pl.Series([-497, -3, 365243])), find_offset("MONTHS_BALANCE", pl.Series([-1, 0]))
    ('days before', 'months before')
    >>> find_offset("days_late", pl.Series([0, 3, 40])), find_offset("balance", pl.Series([-5, -3]))
    (None, None)
    """
    if not OFFSET_NAME.search(name) or not values.dtype.is_numeric():
        return None
    time_format = MONTHS_BEFORE if MONTH_NAME.search(name) else DAYS_BEFORE
    counts = values.drop_nulls().cast(pl.Float64)
    counts = counts.filter(counts.is_finite() & (counts.abs() <= MOST_OFFSET[time_format]))
    if counts.is_empty() or (counts != counts.round()).any() or not (counts < 0).any():
        return None
    return time_format if float((counts <= 0).mean()) >= ENOUGH_BEFORE else None  # type: ignore[arg-type]


def to_datetime(values: pl.Series, time_format: str) -> pl.Series:
    """Return the values as times without a zone; null where a value is none."""
    if isinstance(values.dtype, pl.Datetime):
        in_utc = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if values.dtype.time_zone else values
        return in_utc.cast(pl.Datetime("us"))
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("us"))
    if time_format in (EIGHT_DIGITS, SIX_DIGITS):
        return _from_digits(values, time_format)
    texts = values.cast(pl.String).str.strip_chars()
    if time_format == SIX_DIGITS_TEXT:
        return _from_digits(texts.str.slice(0, 6), SIX_DIGITS) + _time_of_day(texts)
    return parse_dates(texts, ALL_DATE_FORMATS)


def find_format(values: pl.Series) -> str | None:
    """Return how these values write times, or ``None`` when they are none.

    >>> find_format(pl.Series([930705, 951231])), find_format(pl.Series([20240131])), find_format(pl.Series([12.5]))
    ('yymmdd', 'yyyymmdd', None)
    """
    if values.dtype in (pl.Date, pl.Datetime):
        return NATIVE
    present = values.drop_nulls()
    if present.is_empty() or present.dtype == pl.Boolean:
        return None
    return next((form for form in TIME_FORMATS[1:] if _fits(present, form)), None)


def _fits(present: pl.Series, time_format: str) -> bool:
    is_number = present.dtype.is_numeric()
    if time_format == TEXT and is_number:
        return False
    if time_format == SIX_DIGITS_TEXT and (is_number or not present.cast(pl.String).str.contains(r"^\d{6}\D").all()):
        return False
    return 1 - to_datetime(present, time_format).null_count() / len(present) >= ENOUGH


def _from_digits(values: pl.Series, time_format: str) -> pl.Series:
    numbers = values.cast(pl.Float64, strict=False)
    whole = numbers.cast(pl.Int64, strict=False)
    whole = whole.set(((numbers != whole) | (whole < 0)).fill_null(False), None)
    year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    if time_format == SIX_DIGITS:
        is_short = year <= 99
        year = year + (year >= FIRST_YEAR_OF_TWO_DIGITS).cast(pl.Int64) * -100 + 2000
        year = year.set(~is_short.fill_null(False), None)
    plausible = (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    texts = pl.DataFrame({"y": year, "m": month, "d": day}).select(
        pl.format("{}-{}-{}", "y", pl.col("m").cast(pl.String).str.zfill(2), pl.col("d").cast(pl.String).str.zfill(2))
    )
    dates = texts.to_series().str.to_datetime("%Y-%m-%d", strict=False, time_unit="us")
    return dates.set((~plausible).fill_null(True), None).alias(values.name)


def _time_of_day(texts: pl.Series) -> pl.Series:
    parts = texts.str.extract_groups(r"^\d{6}\D+(\d{1,2}):(\d{2})(?::(\d{2}))?$").struct.unnest()
    hours, minutes, seconds = (parts[name].cast(pl.Int64, strict=False).fill_null(0) for name in parts.columns)
    return (((hours * 60 + minutes) * 60 + seconds) * 1_000_000).cast(pl.Duration("us"))
