"""Plans for columns whose type is known: from the file, from a person, from a model or by their name as ids."""

from dataclasses import replace

import polars as pl

from experiments.data.conversion import ColumnPlan
from experiments.data.date_ways import DATE_NAME, may_name_months
from experiments.data.parsing import is_serial
from experiments.data.reading_notes import (
    KEPT_AS_WRITTEN,
    RUINED_BY_EXCEL,
    note_on,
)
from experiments.data.schema import ColumnReading, ColumnTypeName
from experiments.data.type_inference import with_reading
from experiments.data.values import (
    ALL_DATE_FORMATS,
    DAY_FIRST,
    EIGHT_DIGITS,
    EXCEL_SERIAL,
    FOURTEEN_DIGITS,
    MONTH_FIRST,
    SIX_DIGITS,
)
from experiments.data.written_counts import ENDS, LARGEST_EXACT, NOTHING, Counts, total

# Above this, floats no longer represent every whole number.
LARGEST_FLOAT = 2**53


def native_plan(name: str, values: pl.Series) -> ColumnPlan | None:
    """Return the plan for a column that has a type already (from Parquet), or ``None`` where its texts must decide."""
    dtype = values.dtype
    if dtype == pl.Boolean:
        return ColumnPlan("boolean", "native_words")
    if dtype in (pl.UInt64, pl.Int128) and (values.max() or 0) >= LARGEST_EXACT:  # type: ignore[operator]
        return None
    if dtype.is_integer():
        # Whole numbers may be dates (20240131) or codes too long for a float: their texts decide.
        return None if _may_be_dates_or_codes(name, values) else ColumnPlan("numeric", "native_whole")
    if dtype.is_numeric():
        notes = [note_on(RUINED_BY_EXCEL, name, "block")] if dtype.is_float() and _are_ruined_codes(values) else []
        return ColumnPlan("numeric", "native_numbers", notes=tuple(notes), reading=ColumnReading(has_fractions=True))
    return ColumnPlan("date", "native_dates") if dtype in (pl.Date, pl.Datetime) else None


def _are_ruined_codes(values: pl.Series) -> bool:
    """Return whether floats are whole numbers too long for one, as card numbers are once read as amounts."""
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
        or bool(may_name_months(name) and dated.is_between(190001, 210012).all())
        or bool(DATE_NAME.search(name) and is_serial(dated).all())
    )


def expected_plan(type_: ColumnTypeName, counts: Counts) -> ColumnPlan:
    """Return the plan for a column of texts that somebody says is of this type; what does not fit counts as missing.

    What was counted in its first rows says how its dates and fractions are written.
    """
    if type_ == "numeric":
        has_comma = counts.commas > 0 and not counts.points
        plan = ColumnPlan("numeric", "comma_amounts" if has_comma else "amounts", is_clean=False)
        return with_reading(plan, counts)
    if type_ == "date":
        slashes = MONTH_FIRST if counts.month_first > counts.day_first else DAY_FIRST
        digits = (EIGHT_DIGITS, FOURTEEN_DIGITS, SIX_DIGITS, EXCEL_SERIAL)
        return with_reading(ColumnPlan("date", "dates", (*ALL_DATE_FORMATS, *slashes, *digits), is_clean=False), counts)
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
    """Return whether all texts are whole numbers that a float holds, written exactly as they would be again."""
    whole = texts.cast(pl.Int64, strict=False)
    is_exact = (whole.cast(pl.String) == texts) & (whole.abs() < LARGEST_EXACT)
    return not total(~is_exact.fill_null(False) & texts.is_not_null())
