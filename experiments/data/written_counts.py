"""Counts everything in a column's texts that speaks for or against a type, each different word once."""

import re
from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from experiments.data.column_reading import unit_sign
from experiments.data.parsing import is_huge, is_serial, parse_dates, parse_numbers
from experiments.data.values import (
    ALL_DATE_FORMATS,
    AMOUNT_CHARACTERS,
    DATE_SHAPE,
    DAY_FIRST,
    EIGHT_DIGITS,
    EITHER_SHAPE,
    FOURTEEN_DIGITS,
    MISSING_AMONG_NUMBERS,
    MONTH_FIRST,
    NO_DATE,
    NO_END,
    SIX_DIGITS,
    SLASHED_SHAPE,
    YEAR_SHAPE,
    amount_of,
    is_decimal_comma,
    is_decimal_point,
)

KEPT_WORDS = 2_000
# As many as a sample of the first rows may hold, so that nothing of it is forgotten.
MOST_WORDS = 20_000
LARGEST_EXACT = 10**15
LEADING_ZERO_SHAPE = r"^[-+]?0[0-9]"
LONG_SHAPE = r"^[-+]?[0-9]{16,}$"
CUT_SHAPE = r"^[0-9]{15}0+$"
# Spreadsheets show numbers of 12 digits and more like this; those of up to 15 may still be amounts.
RUINED_SHAPE = r"^[0-9](\.[0-9]+)?(E\+1[5-9]|e\+1[5-9])$"
SHORTENED_SHAPE = r"^[0-9](\.[0-9]+)?E\+1[0-4]$"
LONGEST_AMOUNT = 40
# Codes such as 12E5 or 10e3. A number with an exponent begins with one digit, has a point, or signs the exponent: 1e20,
# 1.2E5, 1E+05.
POWER_CODE_SHAPE = r"^(?:[0-9]+E|(?:[0-9]{2,}|0)e)[0-9]+$"
MEASURED_SHAPE = r"^[-+]|\.|[eE][-+]"
# As whole numbers.
ENDS = tuple(int(day) for day in NO_END)
NOTHING = tuple(int(day) for day in NO_DATE)


@dataclass
class Counts:
    """What was counted in a column's texts; counts of two parts of a column add up.

    ``levels`` are different values within each part: their share of ``present`` tells names from categories.
    """

    present: int = 0
    numbers: int = 0
    whole: int = 0
    leading_zero: int = 0
    power_codes: int = 0
    measured: int = 0
    long: int = 0
    ruined: int = 0
    shortened: int = 0
    cut: int = 0
    cut_by_chance: float = 0.0
    spare_digits: int = 0
    huge: int = 0
    eight_digits: int = 0
    fourteen_digits: int = 0
    six_digits: int = 0
    no_dates: int = 0
    serials: int = 0
    points: int = 0
    odd: int = 0
    amounts: int = 0
    percents: int = 0
    commas: int = 0
    comma_amounts: int = 0
    either_amounts: int = 0
    either_points: int = 0
    grouped_by_comma: int = 0
    grouped_by_point: int = 0
    dates: int = 0
    day_first: int = 0
    month_first: int = 0
    codes: int = 0
    characters: int = 0
    levels: int = 0
    many_words: bool = False
    words: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Counts") -> None:
        """Add the counts of another part of the same column."""
        for name, value in vars(other).items():
            if name in ("words", "units"):
                getattr(self, name).update(value)
            elif name == "examples":
                self.examples = {**value, **self.examples}
            elif name == "many_words":
                self.many_words = self.many_words or value
            else:
                setattr(self, name, getattr(self, name) + value)
        if len(self.words) > 2 * KEPT_WORDS:
            self.many_words = True
            self.words = Counter(dict(self.words.most_common(KEPT_WORDS)))


def count_column(texts: pl.Series) -> Counts:
    """Count everything that speaks for or against a type, in trimmed texts with nulls for missing."""
    present = texts.drop_nulls()
    counts = Counts(present=len(present), levels=present.n_unique())
    if not counts.present:
        return counts
    numbers = parse_numbers(present)
    counts.numbers = len(numbers) - numbers.null_count()
    if counts.numbers:
        _count_numbers(counts, present, numbers)
    if counts.numbers < counts.present:
        _count_words(counts, present.filter(numbers.is_null()))
    return counts


def _count_numbers(counts: Counts, present: pl.Series, numbers: pl.Series) -> None:
    whole = present.cast(pl.Int64, strict=False)
    counts.whole = len(whole) - whole.null_count()
    counts.leading_zero = total(present.str.contains(LEADING_ZERO_SHAPE) & numbers.is_not_null())
    counts.huge = total(is_huge(numbers))
    if counts.whole < counts.numbers or total(whole.abs() >= LARGEST_EXACT):
        _count_long(counts, present)
    if counts.whole < counts.numbers:
        _count_points(counts, present)
        _count_power_codes(counts, present, numbers)
    serials = is_serial(numbers)
    counts.serials = total(serials)
    if counts.serials:
        counts.examples["serial"] = str(present.filter(serials.fill_null(False))[0])
    _count_dates_in_digits(counts, present, whole)


def _count_dates_in_digits(counts: Counts, present: pl.Series, whole: pl.Series) -> None:
    """Count days, moments and months among whole numbers, and what stands there for none."""
    nothing = whole.is_in(NOTHING)
    counts.no_dates = total(nothing)
    for name, format_, likely in (
        ("eight_digits", EIGHT_DIGITS, whole.is_between(19000101, 21001231) | whole.is_in(ENDS)),
        ("fourteen_digits", FOURTEEN_DIGITS, whole.is_between(19000101000000, 21001231235959)),
        ("six_digits", SIX_DIGITS, whole.is_between(190001, 210012)),
    ):
        if total(likely):
            dates = parse_dates(present.filter(likely.fill_null(False)), [format_])
            setattr(counts, name, len(dates) - dates.null_count())
    if counts.no_dates:
        counts.examples["no_date"] = str(present.filter(nothing.fill_null(False))[0])


def _count_long(counts: Counts, present: pl.Series) -> None:
    """Count numbers beyond 15 digits, and those whose further digits a spreadsheet has overwritten with zeros."""
    long = present.filter(present.str.contains(LONG_SHAPE))
    counts.long = len(long)
    counts.ruined = total(present.str.contains(RUINED_SHAPE))
    counts.shortened = total(present.str.contains(SHORTENED_SHAPE))
    cut = long.filter(long.str.contains(CUT_SHAPE))
    counts.cut = len(cut)
    if counts.cut:
        spare = long.str.len_bytes().cast(pl.Int64) - 15
        counts.cut_by_chance = float((10.0 ** -spare.cast(pl.Float64)).sum())
        counts.spare_digits = int(cut.str.len_bytes().cast(pl.Int64).sum()) - 15 * counts.cut
        counts.examples["cut"] = str(cut[0])


def _count_power_codes(counts: Counts, present: pl.Series, numbers: pl.Series) -> None:
    """Count codes such as 12E5, which could be read as numbers, and what can only be a number."""
    codes = present.filter(present.str.contains(POWER_CODE_SHAPE))
    counts.power_codes = len(codes)
    counts.measured = total(present.str.contains(MEASURED_SHAPE) & numbers.is_not_null())
    if counts.power_codes:
        counts.examples["power"] = str(codes[0])


def _count_points(counts: Counts, present: pl.Series) -> None:
    """Count numbers with a point that can only begin a fraction."""
    pointed = present.str.contains(".", literal=True) & ~present.str.contains(EITHER_SHAPE)
    sure = present.filter(pointed & parse_numbers(present).is_not_null())
    counts.points = len(sure)
    counts.either_points = total(present.str.contains(EITHER_SHAPE) & present.str.contains(".", literal=True))
    if counts.points:
        counts.examples["point"] = str(sure[0])


def _count_words(counts: Counts, words: pl.Series) -> None:
    """Look at each different word once; a column has few of them, or is free text."""
    # In order of appearance, so that the same file always gives the same sentences.
    different = words.unique(maintain_order=True)
    table = pl.DataFrame({"word": different, "n": words.unique_counts().cast(pl.Int64)})
    _keep_words(counts, table)
    is_odd = different.is_in(list(MISSING_AMONG_NUMBERS))
    counts.characters = int((different.str.len_chars() * table["n"]).sum())
    counts.odd = int(table.filter(is_odd)["n"].sum())
    has_digit = different.str.contains(r"\d")
    if not has_digit.any():
        return
    counts.codes = int(table.filter(has_digit & ~is_odd)["n"].sum())
    for word, n in _amounts_alike(table.filter(has_digit)).iter_rows():
        _count_amount(counts, word, n)
    _count_dates(counts, table.filter(different.str.contains(YEAR_SHAPE)))


def _count_dates(counts: Counts, table: pl.DataFrame) -> None:
    for name, shape, formats in (
        ("dates", DATE_SHAPE, ALL_DATE_FORMATS),
        ("day_first", SLASHED_SHAPE, DAY_FIRST),
        ("month_first", SLASHED_SHAPE, MONTH_FIRST),
    ):
        likely = table.filter(pl.col("word").str.contains(shape))
        found = parse_dates(likely["word"], formats).is_not_null()
        setattr(counts, name, int(likely.filter(found)["n"].sum()))


def _keep_words(counts: Counts, table: pl.DataFrame) -> None:
    """Keep the words with their numbers, of very many the most frequent."""
    if len(table) > MOST_WORDS:
        counts.many_words = True
        table = table.sort("n", descending=True, maintain_order=True).head(MOST_WORDS)
    counts.words = Counter(dict(table.iter_rows()))


def _amounts_alike(table: pl.DataFrame) -> pl.DataFrame:
    """Return one word for all that differ only in digits, but for zeros that lead: such are amounts or not alike."""
    likely = pl.col("word").str.contains(AMOUNT_CHARACTERS) & (pl.col("word").str.len_chars() <= LONGEST_AMOUNT)
    shape = pl.col("word").str.replace_all("(^|[^0-9])0", "${1}z").str.replace_all("[0-9]", "1").alias("shape")
    alike = table.filter(likely).group_by(shape, maintain_order=True)
    return alike.agg(pl.col("word").first(), pl.col("n").sum()).select("word", "n")


def _count_amount(counts: Counts, word: str, n: int) -> None:
    with_point = amount_of(word) is not None
    with_comma = amount_of(word, decimal_comma=True) is not None
    if not (with_point or with_comma):
        return
    counts.either_amounts += n
    counts.amounts += n * with_point
    counts.comma_amounts += n * with_comma
    counts.percents += n * word.endswith(("%", "％"))
    counts.grouped_by_comma += n * (with_point and bool(re.search("[,，]", word)))
    counts.grouped_by_point += n * (with_comma and bool(re.search("[.．]", word)))
    if unit := unit_sign(word):
        counts.units[unit] += n
    if is_decimal_comma(word):
        counts.commas += n
        counts.examples.setdefault("comma", word)
    elif is_decimal_point(word):
        counts.points += n
        counts.examples.setdefault("point", word)


def total(flags: pl.Series) -> int:
    return int(flags.sum() or 0)
