"""How whole columns of written values become numbers, dates and texts, each cell as ``values`` understands it."""

from collections import Counter
from collections.abc import Iterable

import polars as pl

from experiments.data.values import (
    EIGHT_DIGITS,
    EXCEL_SERIAL,
    FIRST_MONTH,
    FIRST_SERIAL,
    FIRST_YEAR,
    FULL_WIDTH,
    FULL_WIDTH_SHAPE,
    LARGEST_NUMBER,
    LAST_MONTH,
    LAST_SERIAL,
    LENGTH_OF_DIGITS,
    MISSING,
    MONTH_FORMATS,
    NO_END,
    POWERS,
    SIX_DIGITS,
    USUAL_AMOUNTS,
    ZONE_SHAPE,
    amount_of,
    needs_tidying,
)

FEW_DIFFERENT = 1_000
SERIAL_ORIGIN = pl.datetime(1899, 12, 30, time_unit="us")


def without_missing(texts: pl.Series) -> tuple[pl.Series, Counter[str]]:
    """Trim texts and null those that mean missing; return also how often each such word stood there."""
    if _are_few_and_tidy(texts):
        return texts, Counter()
    trimmed = bared(texts.str.strip_chars())
    is_word = trimmed.is_in(list(MISSING))
    if not is_word.any():
        return trimmed, Counter()
    tally = trimmed.filter(is_word).value_counts(name="n")
    words = dict(zip(tally.to_series(0).to_list(), tally["n"].to_list(), strict=True))
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    return trimmed.zip_with(~is_word.fill_null(False), nothing), Counter({word: n for word, n in words.items() if word})


def bared(texts: pl.Series) -> pl.Series:
    """Take off the ="…" by which exports keep a spreadsheet from making a number of a code."""
    return texts.str.replace(r'^="(.*)"$', "$1") if texts.str.starts_with('="').any() else texts


def _are_few_and_tidy(texts: pl.Series) -> bool:
    """Look at each different text once, for most columns of words have few of them; that is much faster."""
    if texts.head(2 * FEW_DIFFERENT).n_unique() > FEW_DIFFERENT:
        return False
    different = texts.unique()
    return len(different) <= FEW_DIFFERENT and not any(needs_tidying(text) for text in different.to_list())


def parse_numbers(texts: pl.Series) -> pl.Series:
    """Plain decimal numbers as floats; everything else is null."""
    return texts.cast(pl.Float64, strict=False)


def within_reason(numbers: pl.Series) -> pl.Series:
    """Null what is infinite, no number, or beyond any amount."""
    number = pl.col("number")
    # Asked at once, for on short parts of many columns each call counts.
    beyond = (number.abs() > LARGEST_NUMBER) | number.is_nan()
    if not numbers.to_frame("number").select_seq(beyond.any()).item():
        return numbers
    is_beyond = is_huge(numbers).fill_null(False)
    return numbers.zip_with(~is_beyond, pl.Series([None], dtype=pl.Float64).new_from_index(0, len(numbers)))


def is_huge(numbers: pl.Series) -> pl.Series:
    """Return which numbers are infinite, no number, or beyond any amount."""
    return (numbers.abs() > LARGEST_NUMBER) | numbers.is_nan()


def parse_amounts(texts: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """Numbers, also those written with signs, as floats."""
    if decimal_comma:
        return _parse_comma_amounts(texts)
    return _with_spelled(texts, _parse_usual_amounts(texts), decimal_comma=False)


def _parse_usual_amounts(texts: pl.Series) -> pl.Series:
    """Read plain numbers and the usual signs; gives what ``amount_of`` gives, or null."""
    numbers = parse_numbers(texts)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    for shape, sign in USUAL_AMOUNTS:
        is_usual = texts.str.contains(shape).fill_null(False) & numbers.is_null()
        if is_usual.any():
            usual = texts.zip_with(is_usual, nothing)
            found = parse_numbers(usual.str.replace_all(r"[^0-9.]", "") + f"e{POWERS[sign]}")
            numbers = numbers.zip_with(~is_usual, found.zip_with(~usual.str.starts_with("-"), -found))
    return numbers


def _parse_comma_amounts(texts: pl.Series) -> pl.Series:
    # Gives what ``amount_of`` gives; a nought groups no thousands.
    plain = texts.str.contains(r"^[-+]?(0|[1-9]\d{0,9}|[1-9]\d{0,2}(\.\d{3}){1,4})(,\d{1,7})?$").fill_null(False)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    usual = texts.zip_with(plain, nothing).str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return _with_spelled(texts, parse_numbers(usual), decimal_comma=True)


def _with_spelled(texts: pl.Series, numbers: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """Read what is no plain number word by word; each different word once."""
    words = texts.filter(numbers.is_null() & texts.is_not_null()).unique()
    if words.is_empty():
        return numbers
    amounts = {word: amount_of(word, decimal_comma=decimal_comma) for word in words}
    spelled = texts.replace_strict(amounts, default=None, return_dtype=pl.Float64)
    return numbers.zip_with(numbers.is_not_null(), spelled)


def parse_dates(texts: pl.Series, formats: Iterable[str]) -> pl.Series:
    """Dates written in any of the formats, tried in order; plain digits only from 1900 to 2100, or as no end.

    A time zone behind a time of day is left aside: the time is kept as it was written.
    """
    formats = tuple(formats)
    dates = _no_dates(texts.name, len(texts))
    for format_ in formats:
        found = _parse_format(texts, format_)
        dates = dates.zip_with(dates.is_not_null(), found)
        if dates.null_count() == texts.null_count():
            return dates
    has_zone = texts.str.contains(ZONE_SHAPE)
    if has_zone.any():
        local = texts.str.replace(ZONE_SHAPE, "$1")
        dates = dates.zip_with(dates.is_not_null(), parse_dates(local, formats))
    is_wide = texts.str.contains(FULL_WIDTH_SHAPE)
    if not is_wide.any():
        return dates
    return dates.zip_with(dates.is_not_null(), parse_dates(_plain_dates(texts, is_wide), formats))


def _plain_dates(texts: pl.Series, is_wide: pl.Series) -> pl.Series:
    """Return the texts with full-width signs made plain, keeping the space before the time of day."""
    plain = {
        word: " ".join(part.translate(FULL_WIDTH) for part in word.replace("\u3000", " ").split())
        for word in texts.filter(is_wide).unique().to_list()
        if word is not None
    }
    return texts.replace_strict(plain, default=None, return_dtype=pl.String)


def _no_dates(name: str, length: int) -> pl.Series:
    return pl.Series(name, [None], dtype=pl.Datetime("us")).new_from_index(0, length)


def _parse_format(texts: pl.Series, format_: str) -> pl.Series:
    if format_ == EXCEL_SERIAL:
        return _parse_serials(parse_numbers(texts))
    if format_ in LENGTH_OF_DIGITS:
        plausible = (texts.str.len_bytes() == LENGTH_OF_DIGITS[format_]) & (texts >= "1900") & (texts < "2101")
        if format_ == EIGHT_DIGITS:
            plausible = plausible | texts.is_in(list(NO_END))
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
        texts = texts.zip_with(plausible.fill_null(False), nothing)
    if format_ in (*MONTH_FORMATS, SIX_DIGITS):
        # A month is its first day.
        texts, format_ = texts + "|01", format_ + "|%d"
    dates = texts.str.to_datetime(format_, strict=False, time_unit="us")
    if format_.endswith("|%d"):
        # A code such as 1001-05 is no month of the middle ages.
        is_month = dates.is_between(FIRST_MONTH, LAST_MONTH, closed="left").fill_null(False)
        return dates.zip_with(is_month, _no_dates(dates.name, len(dates)))
    early = dates < FIRST_YEAR
    if not early.any():
        return dates
    # A year of two digits is not the year 24; the year 1 is written 0001.
    kept = ~early | texts.str.contains(r"^\d{4}")
    return dates.zip_with(kept.fill_null(False), _no_dates(dates.name, len(dates)))


def is_serial(numbers: pl.Series) -> pl.Series:
    """Return which numbers may be a spreadsheet's days since 1900."""
    return numbers.is_between(FIRST_SERIAL, LAST_SERIAL)


def _parse_serials(numbers: pl.Series) -> pl.Series:
    """Dates from a spreadsheet's days since 1900, with the time of day as the fraction, to the second."""
    seconds = (numbers * 86_400).round().cast(pl.Int64, strict=False)
    frame = pl.DataFrame({"seconds": seconds, "fits": is_serial(numbers).fill_null(False)})
    found = pl.when("fits").then(SERIAL_ORIGIN + pl.duration(seconds="seconds", time_unit="us"))
    return frame.select(found.alias(numbers.name))[numbers.name]


def as_texts(values: pl.Series) -> pl.Series:
    """Return values as texts; whole floats without their ``.0``."""
    if values.dtype == pl.String:
        return values
    if values.dtype == pl.Duration:
        values = values.dt.total_microseconds() / 1e6
    if values.dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        return (values.cast(pl.String)).zip_with((whole != values).fill_null(True), whole.cast(pl.String))
    return values.cast(pl.String)
