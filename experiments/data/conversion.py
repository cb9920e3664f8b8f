"""What a column becomes, and how its texts are turned into values of that type."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from experiments.data.column_reading import read_texts
from experiments.data.parsing import bared, parse_amounts, parse_dates, parse_numbers, within_reason
from experiments.data.reading_notes import Note
from experiments.data.schema import NOT_WRITTEN, ColumnReading, ColumnTypeName
from experiments.data.values import (
    is_yes_no,
)
from experiments.data.written_counts import LARGEST_EXACT, POWER_CODE_SHAPE, total


@dataclass(frozen=True)
class ColumnPlan:
    """What a column becomes.

    Attributes
    ----------
    type : the column's type. way : a key of ``WAYS``, how its texts are turned into values.
    formats : the date formats, for dates.
    is_clean : every value fits so far; a part that does not fit calls for another look at the whole column.
    reading : how the values are written, by which those of later files are read.
    """

    type: ColumnTypeName
    way: str
    formats: tuple[str, ...] = ()
    is_clean: bool = True
    notes: tuple[Note, ...] = ()
    reading: ColumnReading = NOT_WRITTEN


def _to_as_written(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return bared(texts)


def _to_words(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return texts


def _to_empty(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return texts.cast(pl.Float64, strict=False)


def _to_whole(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return texts.cast(pl.Int64, strict=False)


def _to_numbers(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return within_reason(parse_numbers(texts))


def _to_amounts(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return within_reason(parse_amounts(texts))


def _to_comma_amounts(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return within_reason(parse_amounts(texts, decimal_comma=True))


def _to_learnt(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return read_texts(texts, plan.type, plan.reading)[0]


def _to_dates(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return parse_dates(texts, plan.formats)


def _to_native_numbers(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    return within_reason(values.cast(pl.Float64))


def _to_native_dates(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
        values = values.dt.replace_time_zone(None)
    return values.cast(pl.Datetime("us"))


def _to_native_words(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    return values.cast(pl.String)


WAYS: dict[str, Callable[[pl.Series, ColumnPlan], pl.Series]] = {
    "words": _to_words,
    "as_written": _to_as_written,
    "yes_no": _to_words,
    "empty": _to_empty,
    "whole": _to_whole,
    "numbers": _to_numbers,
    "amounts": _to_amounts,
    "comma_amounts": _to_comma_amounts,
    "dates": _to_dates,
    "learnt": _to_learnt,
    "native_whole": lambda values, plan: values.cast(pl.Int64),
    "native_numbers": _to_native_numbers,
    "native_dates": _to_native_dates,
    "native_words": _to_native_words,
}


def convert(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    """Turn trimmed texts into the values of the plan's type."""
    return WAYS[plan.way](texts, plan)


def is_surprise(texts: pl.Series, values: pl.Series, plan: ColumnPlan) -> bool:
    """Return whether a part of a column does not fit a plan made from another part of it."""
    if plan.way.startswith("native"):
        return plan.way == "native_whole" and total(values.abs() >= LARGEST_EXACT) > 0
    if plan.way == "words":
        numbers = parse_numbers(texts)
        return 2 * (len(numbers) - numbers.null_count()) > len(texts) - texts.null_count() > 0
    if plan.way == "yes_no":
        return not is_yes_no(texts.drop_nulls().unique())
    if values.null_count() > texts.null_count():
        return True
    if plan.way in ("whole", "numbers"):
        too_long = plan.way == "whole" and total(values.abs() >= LARGEST_EXACT) > 0
        return too_long or _may_lead_with_zero(texts) or _may_be_power_codes(texts)
    return plan.way == "empty" and texts.null_count() < len(texts)


def _may_lead_with_zero(texts: pl.Series) -> bool:
    # A pattern would be three times slower, and this runs over every number of every file.
    text = pl.col("text")
    leads = text.str.starts_with("0") & (text.str.len_bytes() > 1) & ~text.str.starts_with("0.")
    return _any(texts.to_frame("text"), leads)


def _may_be_power_codes(texts: pl.Series) -> bool:
    text = pl.col("text")
    if not _any(texts.to_frame("text"), text.str.contains("E", literal=True) | text.str.contains("e", literal=True)):
        return False
    return _any(texts.to_frame("text"), text.str.contains(POWER_CODE_SHAPE))


def _any(frame: pl.DataFrame, condition: pl.Expr) -> bool:
    """Return whether a condition holds anywhere; in one call, as calls add up on short parts of many columns."""
    return bool(frame.select_seq(condition.any()).item())
