"""Reads a column's cells as they were written where the model learnt, and counts what contradicts that.

Each cell is read by itself, so it means the same alone, in any file and in any order of rows. The ``ColumnReading``
learnt settles what could mean two things. What can only be meant in another way is read as that, and told; what cannot
be read is told with its words.
"""

import re
from collections.abc import Mapping

import polars as pl

from experiments.data.parsing import parse_amounts, parse_dates, parse_numbers, within_reason, without_missing
from experiments.data.schema import ColumnReading, DayOrder
from experiments.data.values import (
    ALL_DATE_FORMATS,
    AMOUNT_CHARACTERS,
    DAY_FIRST,
    EIGHT_DIGITS,
    EXCEL_SERIAL,
    FOURTEEN_DIGITS,
    MISSING_AMONG_NUMBERS,
    MONTH_FIRST,
    NO_DATE,
    SIX_DIGITS,
    SLASHED_SHAPE,
    UNIT_SIGNS,
    amount_of,
    is_decimal_comma,
    is_decimal_point,
    plain_width,
)
from experiments.features.contradictions import Contradictions, Otherwise

# One mark with up to three digits before it and three after: 1,234 or 1.234, depending on the reader.
EITHER_WAY = r"^[^0-9０-９]*[1-9１-９][0-9０-９]{0,2}[.,．，][0-9０-９]{3}[^0-9０-９.,．，]*$"
FORMATS_OF_ORDER: Mapping[DayOrder, tuple[str, ...]] = {"": (), "day_first": DAY_FIRST, "month_first": MONTH_FIRST}
DIGIT_FORMATS = (EIGHT_DIGITS, FOURTEEN_DIGITS, SIX_DIGITS, EXCEL_SERIAL)
NO_DATE_WORDS = frozenset((*MISSING_AMONG_NUMBERS, *NO_DATE))


def read_texts(texts: pl.Series, kind: str, reading: ColumnReading) -> tuple[pl.Series, Contradictions]:
    """Return the values of a column's texts, as they come from a file, and what contradicts the reading learnt.

    Parameters
    ----------
    texts : strings, null for nothing. kind : the column's type. reading : how the column was written in training.

    Returns
    -------
    tuple
        Floats for ``numeric``, datetimes for ``date``, trimmed texts for the other types; null where a cell is empty,
        means nothing or cannot be read.

    Examples
    --------
    >>> comma = ColumnReading(is_written=True, decimal=",", has_fractions=True)
    >>> values, met = read_texts(pl.Series(["12,5", "2,012", "2.012", "many", "-"]), "numeric", comma)
    >>> values.to_list(), met.unreadable, dict(met.otherwise)
    ([12.5, 2.012, 2.012, None, None], 1, {'decimal_point': 1})
    >>> read_texts(pl.Series(["01/02/2024"]), "date", ColumnReading(True, day_order="month_first"))[0].to_list()
    [datetime.datetime(2024, 1, 2, 0, 0)]
    """
    texts, _ = without_missing(texts)
    met = Contradictions(kind, reading.units, len(texts) - texts.null_count())
    if kind == "numeric":
        return _read_numbers(texts, reading, met), met
    if kind == "date":
        return _read_dates(texts, reading, met), met
    return texts, met


def _read_numbers(texts: pl.Series, reading: ColumnReading, met: Contradictions) -> pl.Series:
    plain = parse_numbers(texts)
    is_spelled = plain.is_null() & texts.is_not_null()
    has_spelled = bool(is_spelled.any())
    is_usual = reading.decimal == "." and not has_spelled
    numbers = plain if is_usual else _settled_numbers(texts, reading, met)
    _count_units(texts, plain, is_spelled, reading, met)
    lost = numbers.is_null() & texts.is_not_null()
    if has_spelled and lost.any():
        known = [*MISSING_AMONG_NUMBERS, *reading.nothing]
        unread = texts.filter(lost)
        met.count_words(unread.filter(~unread.is_in(known)))
    return within_reason(numbers)


def _settled_numbers(texts: pl.Series, reading: ColumnReading, met: Contradictions) -> pl.Series:
    """Read numbers by the learnt mark, those that can only mean the other by that, and settle those of both kinds."""
    has_comma = reading.decimal == ","
    numbers = parse_amounts(texts, decimal_comma=has_comma)
    mark, other_way = (".．", "decimal_point") if has_comma else (",，", "decimal_comma")
    # Nobody typed the decimal points of a workbook's numbers.
    is_told = reading.is_written or not has_comma
    unread = texts.filter(numbers.is_null() & texts.is_not_null()).unique()
    meant = {word: amount for word in unread if (amount := _only_otherwise(word, has_comma)) is not None}
    other = texts.replace_strict(meant, default=None, return_dtype=pl.Float64) if meant else None
    if other is not None:
        numbers = numbers.zip_with(numbers.is_not_null(), other)
        if is_told:
            met.count(other_way, texts.filter(other.is_not_null() & _holds_a_mark(texts)))  # type: ignore[arg-type]
    either = (texts.str.contains(EITHER_WAY) & texts.str.contains(f"[{mark}]") & numbers.is_not_null()).fill_null(False)
    if not either.any() or not reading.has_fractions:
        return numbers
    if reading.is_grouped or reading.has_thousands:
        if reading.is_written and not reading.is_grouped:
            met.count("thousands", texts.filter(either))
        return numbers
    if is_told:
        met.count(other_way, texts.filter(either))  # type: ignore[arg-type]
    return numbers.zip_with(~either, parse_amounts(texts, decimal_comma=not has_comma))


def _only_otherwise(word: str, has_comma: bool) -> float | None:
    """Return what a word means that can only be written with the other decimal mark than the one learnt."""
    if has_comma and (plain := parse_numbers(pl.Series([word]))[0]) is not None:
        return plain
    if not re.search(AMOUNT_CHARACTERS, word):
        return None
    if has_comma:
        return amount_of(word) if is_decimal_point(word) else None
    return amount_of(word, decimal_comma=True) if is_decimal_comma(word) else None


def _holds_a_mark(texts: pl.Series) -> pl.Series:
    return texts.str.contains("[.,．，]")


def _count_units(
    texts: pl.Series, plain: pl.Series, is_spelled: pl.Series, reading: ColumnReading, met: Contradictions
) -> None:
    """Count numbers with a sign that none carried in training, and without one where nearly all carried one."""
    if not reading.is_written:
        return
    if is_spelled.any():
        spelled = texts.filter(is_spelled)
        signed = spelled.filter(spelled.str.contains(UNIT_SIGNS))
        new = {word for word in signed.unique() if _unit_of(word) not in (*reading.units, "")}
        if new:
            met.count("new_unit", signed.filter(signed.is_in(list(new))))
    if reading.always_unit:
        met.count("no_unit", texts.filter((plain.is_not_null() & (plain != 0)).fill_null(False)))


def _unit_of(word: str) -> str:
    """Return the sign that an amount carries, nothing where the word is none."""
    if amount_of(word) is None and amount_of(word, decimal_comma=True) is None:
        return ""
    return unit_sign(word)


def unit_sign(word: str) -> str:
    """Return the sign that multiplies an amount, such as % or 万.

    Examples
    --------
    >>> unit_sign("1.2百万元"), unit_sign("12％"), unit_sign("12")
    ('百万', '%', '')
    """
    found = re.search(UNIT_SIGNS, plain_width(word))
    return found[0] if found else ""


def _read_dates(texts: pl.Series, reading: ColumnReading, met: Contradictions) -> pl.Series:
    dates = parse_dates(texts, _date_formats(reading))
    lost = dates.is_null() & texts.is_not_null()
    if not lost.any():
        return dates
    unread = texts.filter(lost)
    unread = unread.filter(~unread.is_in([*NO_DATE_WORDS, *reading.nothing]))
    is_other = _in_other_order(unread, reading)
    way: Otherwise = "other_day_order" if reading.day_order else "unknown_day_order"
    met.count(way, unread.filter(is_other))
    met.count_words(unread.filter(~is_other))
    return dates


def _date_formats(reading: ColumnReading) -> tuple[str, ...]:
    """Return the ways in which a date may be written, in the order in which they are tried."""
    return (*ALL_DATE_FORMATS, *FORMATS_OF_ORDER[reading.day_order], *DIGIT_FORMATS)


def _in_other_order(unread: pl.Series, reading: ColumnReading) -> pl.Series:
    """Return which texts are dates of an order of day and month that was not learnt."""
    likely = unread.str.contains(SLASHED_SHAPE)
    if not likely.any():
        return likely
    others = [*DAY_FIRST, *MONTH_FIRST]
    return likely & parse_dates(unread, others).is_not_null()
