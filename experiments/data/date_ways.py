"""The ways in which a column's texts may be dates, by what was counted in them and by its name."""

import re

import polars as pl

from experiments.data.conversion import ColumnPlan
from experiments.data.parsing import parse_dates
from experiments.data.reading_notes import (
    DAY_FIRST_WORDS,
    DAY_OR_MONTH,
    MONTH_FIRST_WORDS,
    MONTHS_READ,
    SERIAL_DATES,
    UNREADABLE_DATES,
    note_on,
    some_words,
)
from experiments.data.values import (
    ALL_DATE_FORMATS,
    DAY_FIRST,
    EIGHT_DIGITS,
    EXCEL_SERIAL,
    FOURTEEN_DIGITS,
    MONTH_FIRST,
    SIX_DIGITS,
)
from experiments.data.written_counts import Counts

DATE_NAME = re.compile(
    r"(^|[_\s.-])(date|datetime|time|day|dt|dob)$|date$|^date|birthday|日期|时间|年月日|日$|生日", re.IGNORECASE
)
MONTH_NAME = re.compile(
    r"(^|[_\s.-])(month|yyyymm|yearmonth|year_month|ym|period|mth|mon|vintage|cohort|snapshot)$"
    r"|^month|账期|月份|年月|统计月|月$",
    re.I,
)


def digit_ways(name: str, counts: Counts) -> list[tuple[int, tuple[str, ...]]]:
    """Return how many values are dates in plain digits, by way; the short ones only where the name says so."""
    ways = [
        (counts.eight_digits, (EIGHT_DIGITS,)),
        (counts.fourteen_digits, (FOURTEEN_DIGITS,)),
        (counts.six_digits if may_name_months(name) else 0, (SIX_DIGITS,)),
        (counts.serials if DATE_NAME.search(name) and not counts.leading_zero else 0, (EXCEL_SERIAL,)),
    ]
    return [(found, formats) for found, formats in ways if found]


def may_name_months(name: str) -> bool:
    """Return whether 202401 may be a month in a column of this name: where every value is a month, it is no amount."""
    return bool(MONTH_NAME.search(name) or DATE_NAME.search(name))


def date_plan(name: str, counts: Counts, found: int, formats: tuple[str, ...]) -> ColumnPlan:
    notes = []
    lost = counts.present - found
    if lost:
        nothing = [counts.examples["no_date"]] if counts.no_dates else []
        words = [word for word, _ in counts.words.most_common() if parse_dates(pl.Series([word]), formats)[0] is None]
        words = [*nothing, *words]
        notes.append(note_on(UNREADABLE_DATES, name, count=lost, rows=counts.present, words=some_words(words)))
    is_day_first = set(DAY_FIRST) <= set(formats)
    if (
        counts.day_first
        and counts.day_first == counts.month_first
        and (is_day_first or set(MONTH_FIRST) <= set(formats))
    ):
        order = DAY_FIRST_WORDS if is_day_first else MONTH_FIRST_WORDS
        notes.append(note_on(DAY_OR_MONTH, name, order=order))
    if formats == (SIX_DIGITS,):
        notes.append(note_on(MONTHS_READ, name))
    if EXCEL_SERIAL in formats:
        serial = counts.examples["serial"]
        date = parse_dates(pl.Series([serial]), [EXCEL_SERIAL])[0]
        notes.append(note_on(SERIAL_DATES, name, example=serial, date=str(date)[:10]))
    if set(ALL_DATE_FORMATS) <= set(formats):
        formats = (*_used_formats(counts), *(extra for extra in formats if extra not in ALL_DATE_FORMATS)) or formats
    return ColumnPlan("date", "dates", formats, is_clean=not lost, notes=tuple(notes))


def _used_formats(counts: Counts) -> tuple[str, ...]:
    words = pl.Series(list(counts.words), dtype=pl.String)
    return tuple(format_ for format_ in ALL_DATE_FORMATS if parse_dates(words, [format_]).null_count() < len(words))


def date_ways(name: str, counts: Counts) -> list[tuple[int, tuple[str, ...]]]:
    slashes = [(counts.day_first, DAY_FIRST), (counts.month_first, MONTH_FIRST)]
    # The order that fits more rows; day first where both fit all.
    if counts.month_first > counts.day_first:
        slashes.reverse()
    # One column may hold 20240131, 2024-1-31 and 45322, where a spreadsheet recognised only some as dates.
    serials = counts.serials if DATE_NAME.search(name) else 0
    others = [(counts.eight_digits, (EIGHT_DIGITS,)), (counts.fourteen_digits, (FOURTEEN_DIGITS,)), slashes[0],
              (serials, (EXCEL_SERIAL,))]  # fmt: skip
    mixed = tuple(format_ for count, formats in others if count for format_ in formats)
    together = counts.dates + sum(count for count, _ in others) if counts.dates or slashes[0][0] else 0
    ways = [(counts.dates, ALL_DATE_FORMATS), *slashes, (together, (*ALL_DATE_FORMATS, *mixed))]
    return sorted(ways, key=lambda way: -way[0])
