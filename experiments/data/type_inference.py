"""Decides each column's type from all of its rows, before any of its text is turned into that type."""

import re
from dataclasses import replace
from typing import Any

import polars as pl

from experiments.data.conversion import ColumnPlan
from experiments.data.parsing import is_serial, parse_dates
from experiments.data.reading_notes import (
    CHOSEN_COMMA,
    COMMA_OR_POINT,
    CUT_BY_EXCEL,
    DAY_FIRST_WORDS,
    DAY_OR_MONTH,
    DECIMAL_COMMA,
    FORMATTED,
    HUGE,
    KEPT_AS_WRITTEN,
    LEADING_ZERO,
    LONG_NUMBERS,
    MIXED_PERCENT,
    MONTH_FIRST_WORDS,
    MONTHS_READ,
    POWER_CODES,
    RUINED_BY_EXCEL,
    SERIAL_DATES,
    UNREADABLE_DATES,
    WORDS_DROPPED,
    WORDS_KEPT,
    Note,
    note_on,
    some_words,
)
from experiments.data.schema import ColumnReading, ColumnTypeName, DayOrder, DecimalMark
from experiments.data.values import (
    ALL_DATE_FORMATS,
    DAY_FIRST,
    EIGHT_DIGITS,
    EXCEL_SERIAL,
    FOURTEEN_DIGITS,
    MISSING_AMONG_NUMBERS,
    MONTH_FIRST,
    SIX_DIGITS,
    amount_of,
    is_yes_no,
)
from experiments.data.written_counts import ENDS, LARGEST_EXACT, NOTHING, Counts, total

MOSTLY = 0.95
FEW_WORDS = 20
# Beyond it floats skip whole numbers.
LARGEST_FLOAT = 2**53
LONG_TEXT = 60
MANY_LEVELS = 100
DATE_NAME = re.compile(
    r"(^|[_\s.-])(date|datetime|time|day|dt|dob)$|date$|^date|birthday|日期|时间|年月日|日$|生日", re.IGNORECASE
)
MONTH_NAME = re.compile(
    r"(^|[_\s.-])(month|yyyymm|yearmonth|year_month|ym|period|mth|mon|vintage|cohort|snapshot)$"
    r"|^month|账期|月份|年月|统计月|月$",
    re.I,
)
FEWEST_DATES = 3
# Words that stood for nothing among numbers or dates, as far as they are remembered.
MOST_NOTHING = 20


def decide(name: str, counts: Counts, decimal: DecimalMark | None = None) -> ColumnPlan:
    """Take the first type that all values fit, else the first that nearly all fit, else words.

    ``decimal`` says which mark stands before a fraction where the values leave it open.
    """
    return _with_reading(_decided(name, counts, decimal), counts)


def _with_reading(plan: ColumnPlan, counts: Counts) -> ColumnPlan:
    """Put on record how a column is written, from the texts that decided its plan."""
    if plan.type == "date":
        order: DayOrder = ""
        if set(DAY_FIRST) <= set(plan.formats):
            order = "day_first"
        elif set(MONTH_FIRST) <= set(plan.formats):
            order = "month_first"
        lost = [word for word, _ in counts.words.most_common(MOST_NOTHING) if _is_no_date(word, plan.formats)]
        return replace(plan, reading=ColumnReading(True, day_order=order, nothing=tuple(sorted(lost))))
    if plan.type != "numeric" or plan.way == "empty":
        return plan
    has_comma = plan.way == "comma_amounts"
    words = [word for word in _words_only(counts, decimal_comma=has_comma) if not counts.many_words]
    numbers = counts.numbers + (counts.comma_amounts if has_comma else counts.amounts)
    reading = ColumnReading(
        is_written=True,
        decimal="," if has_comma else ".",
        is_grouped=bool(counts.grouped_by_point + counts.either_points if has_comma else counts.grouped_by_comma),
        has_fractions=has_comma or bool(counts.points + counts.either_points) or plan.way == "numbers",
        units=tuple(sorted(counts.units)),
        always_unit=counts.units.total() >= MOSTLY * numbers,
        nothing=tuple(sorted(words[:MOST_NOTHING])),
    )
    return replace(plan, reading=reading)


def _is_no_date(word: str, formats: tuple[str, ...]) -> bool:
    return word not in MISSING_AMONG_NUMBERS and parse_dates(pl.Series([word]), formats)[0] is None


def _decided(name: str, counts: Counts, decimal: DecimalMark | None) -> ColumnPlan:
    present, odd = counts.present, counts.odd
    if present == odd:
        # Nothing but words for nothing is a category if it has any.
        return ColumnPlan("categorical", "words") if present else ColumnPlan("numeric", "empty")
    for found, formats in _digit_ways(name, counts):
        # Figures of which each is a day of the calendar, or nought, are days.
        if found + odd == present or (found >= FEWEST_DATES and found + odd + counts.no_dates == present):
            return _date_plan(name, counts, found, formats)
    if counts.numbers and _holds_codes(counts) and counts.numbers + odd == present:
        return _words_plan(counts, _code_note(name, counts))
    if decimal == "," and counts.comma_amounts and counts.numbers + counts.comma_amounts + odd >= MOSTLY * present:
        return _chosen_comma_plan(name, counts)
    if decimal is None and counts.commas and counts.numbers + counts.either_amounts + odd >= MOSTLY * present:
        return _comma_plan(name, counts)
    if counts.numbers + counts.amounts + odd == present:
        return _number_plan(name, counts)
    if is_yes_no(counts.words) and not counts.many_words and not counts.numbers:
        return ColumnPlan("boolean", "yes_no")
    for found, formats in _date_ways(name, counts):
        if found and found + odd >= MOSTLY * present:
            return _date_plan(name, counts, found, formats)
    return _mixed_plan(name, counts)


def _digit_ways(name: str, counts: Counts) -> list[tuple[int, tuple[str, ...]]]:
    """Return how many values are dates in plain digits, by way; the short ones only where the name says so."""
    ways = [
        (counts.eight_digits, (EIGHT_DIGITS,)),
        (counts.fourteen_digits, (FOURTEEN_DIGITS,)),
        (counts.six_digits if _may_name_months(name) else 0, (SIX_DIGITS,)),
        (counts.serials if DATE_NAME.search(name) and not counts.leading_zero else 0, (EXCEL_SERIAL,)),
    ]
    return [(found, formats) for found, formats in ways if found]


def _may_name_months(name: str) -> bool:
    """Tell whether 202401 may be a month in a column of this name: a date of which each value is one is no amount."""
    return bool(MONTH_NAME.search(name) or DATE_NAME.search(name))


def _holds_codes(counts: Counts) -> bool:
    """Tell whether some numbers are codes, which would lose something as numbers."""
    return bool(counts.leading_zero or counts.long) or counts.power_codes > counts.measured


def _code_note(name: str, counts: Counts) -> Note:
    if counts.ruined:
        return note_on(RUINED_BY_EXCEL, name, "block")
    if _is_cut(counts):
        params = {"column": name, "count": counts.cut, "rows": counts.long, "example": counts.examples["cut"]}
        return Note(CUT_BY_EXCEL, params, "block", name)
    if not (counts.leading_zero or counts.long):
        return note_on(POWER_CODES, name, count=counts.power_codes, example=counts.examples["power"])
    return note_on(LEADING_ZERO if counts.leading_zero else LONG_NUMBERS, name)


def _is_cut(counts: Counts) -> bool:
    """Tell whether more long numbers end in zeros than chance would have it."""
    all_cut = counts.cut == counts.long and counts.spare_digits >= 6
    many = counts.cut >= 2 and counts.cut > 10 * counts.cut_by_chance and counts.cut >= 0.02 * counts.long
    return counts.cut > 0 and (all_cut or many)


def _chosen_comma_plan(name: str, counts: Counts) -> ColumnPlan:
    """Read amounts as a person said, also where they could mean a thousand times as much."""
    lost = counts.present - counts.numbers - counts.comma_amounts
    notes = [note_on(CHOSEN_COMMA, name)]
    if lost > 0:
        notes.append(note_on(WORDS_DROPPED, name, **_word_params(counts, lost, decimal_comma=True)))
    return ColumnPlan("numeric", "comma_amounts", is_clean=False, notes=tuple(notes))


def _comma_plan(name: str, counts: Counts) -> ColumnPlan:
    if counts.points:
        params: dict[str, Any] = {
            "comma": counts.commas,
            "comma_example": counts.examples["comma"],
            "point": counts.points,
            "point_example": counts.examples["point"],
        }
        return _words_plan(counts, note_on(COMMA_OR_POINT, name, "warning", **params))
    found = counts.numbers + counts.comma_amounts
    example = counts.examples["comma"]
    notes = [note_on(DECIMAL_COMMA, name, count=counts.commas, rows=counts.present, example=example)]
    lost = counts.present - found
    if lost:
        notes.append(note_on(WORDS_DROPPED, name, **_word_params(counts, lost, decimal_comma=True)))
    return ColumnPlan("numeric", "comma_amounts", is_clean=False, notes=tuple(notes))


def _mixed_plan(name: str, counts: Counts) -> ColumnPlan:
    numbers = counts.numbers + counts.amounts
    is_code = counts.codes > counts.amounts
    if _holds_codes(counts):
        return _words_plan(counts, _code_note(name, counts))
    if numbers < counts.present / 2:
        return _words_plan(counts)
    if is_code:
        return _words_plan(counts, _words_kept(name, counts, numbers))
    few = len(_words_only(counts)) <= FEW_WORDS and not counts.many_words
    if few and numbers + counts.odd >= MOSTLY * counts.present:
        return _number_plan(name, counts)
    return _words_plan(counts, _words_kept(name, counts, numbers))


def _words_kept(name: str, counts: Counts, numbers: int) -> Note:
    return note_on(WORDS_KEPT, name, **_word_params(counts, counts.present - numbers))


def _number_plan(name: str, counts: Counts) -> ColumnPlan:
    notes = []
    lost = counts.present - counts.numbers - counts.amounts
    if lost:
        notes.append(note_on(WORDS_DROPPED, name, **_word_params(counts, lost)))
    if counts.amounts:
        notes.append(note_on(FORMATTED, name, count=counts.amounts))
    if 0 < counts.percents < counts.numbers + counts.amounts:
        total = counts.numbers + counts.amounts
        notes.append(note_on(MIXED_PERCENT, name, "warning", count=counts.percents, rows=total))
    if counts.huge:
        notes.append(note_on(HUGE, name, count=counts.huge))
    is_ruined = bool(counts.ruined) or counts.shortened > counts.present / 2
    if is_ruined:
        notes.append(note_on(RUINED_BY_EXCEL, name, "block"))
    is_clean = counts.present == counts.numbers and not counts.huge and not is_ruined
    whole = counts.whole == counts.numbers and not counts.amounts
    way = "whole" if whole else "amounts" if counts.amounts else "numbers"
    return ColumnPlan("numeric", way, is_clean=is_clean, notes=tuple(notes))


def _date_plan(name: str, counts: Counts, found: int, formats: tuple[str, ...]) -> ColumnPlan:
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


def _words_plan(counts: Counts, *notes: Note) -> ColumnPlan:
    nearly_unique = counts.levels > MANY_LEVELS and counts.levels > counts.present / 2
    long = counts.levels > MANY_LEVELS and counts.characters > LONG_TEXT * counts.present
    is_clean = counts.numbers + counts.dates + counts.day_first == 0
    return ColumnPlan("text" if nearly_unique or long else "categorical", "words", is_clean=is_clean, notes=notes)


def _date_ways(name: str, counts: Counts) -> list[tuple[int, tuple[str, ...]]]:
    slashes = [(counts.day_first, DAY_FIRST), (counts.month_first, MONTH_FIRST)]
    # The order that fits more rows; day first where both fit all.
    if counts.month_first > counts.day_first:
        slashes.reverse()
    # One column may hold 20240131, 2024-1-31 and 45322, where a spreadsheet has understood some and not others.
    serials = counts.serials if DATE_NAME.search(name) else 0
    others = [(counts.eight_digits, (EIGHT_DIGITS,)), (counts.fourteen_digits, (FOURTEEN_DIGITS,)), slashes[0],
              (serials, (EXCEL_SERIAL,))]  # fmt: skip
    mixed = tuple(format_ for count, formats in others if count for format_ in formats)
    together = counts.dates + sum(count for count, _ in others) if counts.dates or slashes[0][0] else 0
    ways = [(counts.dates, ALL_DATE_FORMATS), *slashes, (together, (*ALL_DATE_FORMATS, *mixed))]
    return sorted(ways, key=lambda way: -way[0])


def _words_only(counts: Counts, *, decimal_comma: bool = False) -> list[str]:
    common = [word for word, _ in counts.words.most_common() if amount_of(word, decimal_comma=decimal_comma) is None]
    return [word for word in common if word not in MISSING_AMONG_NUMBERS]


def _word_params(counts: Counts, count: int, *, decimal_comma: bool = False) -> dict[str, Any]:
    common = (word for word, _ in counts.words.most_common())
    words = [word for word in common if amount_of(word, decimal_comma=decimal_comma) is None]
    return {"count": count, "rows": counts.present, "words": some_words(words)}


def native_plan(name: str, values: pl.Series) -> ColumnPlan | None:
    """Return the plan for a column that has a type already (from Parquet), or ``None`` where its texts must tell."""
    dtype = values.dtype
    if dtype == pl.Boolean:
        return ColumnPlan("boolean", "native_words")
    if dtype in (pl.UInt64, pl.Int128) and (values.max() or 0) >= LARGEST_EXACT:  # type: ignore[operator]
        return None
    if dtype.is_integer():
        # Whole numbers may be dates (20240131) or codes too long for a float: their texts must tell.
        return None if _may_be_dates_or_codes(name, values) else ColumnPlan("numeric", "native_whole")
    if dtype.is_numeric():
        notes = [note_on(RUINED_BY_EXCEL, name, "block")] if dtype.is_float() and _are_ruined_codes(values) else []
        return ColumnPlan("numeric", "native_numbers", notes=tuple(notes), reading=ColumnReading(has_fractions=True))
    return ColumnPlan("date", "native_dates") if dtype in (pl.Date, pl.Datetime) else None


def _are_ruined_codes(values: pl.Series) -> bool:
    """Tell whether floats are whole numbers too long for one, as card numbers are once read as amounts."""
    present = values.drop_nulls()
    present = present.filter(present.is_finite())
    is_long = (present.abs() >= LARGEST_FLOAT) & (present.abs() < 1e20)
    return len(present) > 0 and bool((is_long & (present == present.floor())).all())


def _may_be_dates_or_codes(name: str, values: pl.Series) -> bool:
    whole = values.cast(pl.Int64).drop_nulls()
    if total(whole.abs() >= LARGEST_EXACT):
        return True
    dated = whole.filter(~whole.is_in(NOTHING))
    if dated.is_empty():
        return False
    return (
        bool((dated.is_between(19000101, 21001231) | dated.is_in(ENDS)).all())
        or bool(dated.is_between(19000101000000, 21001231235959).all())
        or bool(_may_name_months(name) and dated.is_between(190001, 210012).all())
        or bool(DATE_NAME.search(name) and is_serial(dated).all())
    )


def expected_plan(type_: ColumnTypeName, counts: Counts) -> ColumnPlan:
    """Return the plan for a column of texts that somebody says is of this type; what does not fit counts as missing.

    What was counted in its first rows says how its dates and fractions are written.
    """
    if type_ == "numeric":
        has_comma = counts.commas > 0 and not counts.points
        plan = ColumnPlan("numeric", "comma_amounts" if has_comma else "amounts", is_clean=False)
        return _with_reading(plan, counts)
    if type_ == "date":
        slashes = MONTH_FIRST if counts.month_first > counts.day_first else DAY_FIRST
        digits = (EIGHT_DIGITS, FOURTEEN_DIGITS, SIX_DIGITS, EXCEL_SERIAL)
        return _with_reading(
            ColumnPlan("date", "dates", (*ALL_DATE_FORMATS, *slashes, *digits), is_clean=False), counts
        )
    return ColumnPlan(type_, "words", is_clean=False)


def learnt_plan(type_: ColumnTypeName, reading: ColumnReading, values: pl.Series) -> ColumnPlan:
    """Return the plan for a column that is read as another file taught; what does not fit counts as missing.

    Parameters
    ----------
    values : some of the column, for a file may bring numbers and dates that need no reading.
    """
    if type_ == "numeric" and (values.dtype.is_numeric() or values.dtype == pl.Boolean):
        return ColumnPlan("numeric", "native_numbers", reading=reading)
    if type_ == "date" and values.dtype in (pl.Date, pl.Datetime):
        return ColumnPlan("date", "native_dates", reading=reading)
    return ColumnPlan(type_, "learnt" if type_ in ("numeric", "date") else "words", is_clean=False, reading=reading)


def as_written_plan(values: pl.Series) -> ColumnPlan:
    """Return the plan for a column of ids, which nothing may change: a file with types keeps its exact ones."""
    dtype = values.dtype
    if dtype in (pl.Date, pl.Datetime):
        return ColumnPlan("date", "native_dates")
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128):
        return ColumnPlan("numeric", "native_whole")
    return ColumnPlan("text", "as_written")


def ids_plan(name: str, found: ColumnPlan, values: pl.Series) -> ColumnPlan:
    """Return the plan for a column that tells customers apart, by its name: no value of it may be changed.

    What reads as plain whole numbers stays so while each is written as it would be again; see ``reads_back``.
    """
    grave = tuple(note for note in found.notes if note.severity == "block")
    if values.dtype != pl.String:
        return replace(as_written_plan(values), notes=grave)
    if values.null_count() < len(values) and reads_back(values):
        # Also where each is a day of the calendar.
        return ColumnPlan("numeric", "whole")
    return kept_plan(name, found)


def kept_plan(name: str, found: ColumnPlan) -> ColumnPlan:
    """Return the plan that keeps ids as they are written, which are words or would be read as something else."""
    if found.type in ("categorical", "text"):
        return replace(found, way="as_written", is_clean=True)
    grave = tuple(note for note in found.notes if note.severity == "block")
    return ColumnPlan("text", "as_written", notes=(*grave, note_on(KEPT_AS_WRITTEN, name)))


def reads_back(texts: pl.Series) -> bool:
    """Tell whether all texts are whole numbers that a float holds, written exactly as they would be again."""
    whole = texts.cast(pl.Int64, strict=False)
    is_exact = (whole.cast(pl.String) == texts) & (whole.abs() < LARGEST_EXACT)
    return not total(~is_exact.fill_null(False) & texts.is_not_null())
