"""Decides each column's type from all of its rows and turns its text into that type."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from experiments.data.column_reading import read_texts, unit_sign
from experiments.data.contradictions import Contradictions
from experiments.data.delimited import Note, Severity
from experiments.data.parsing import bared, is_huge, is_serial, parse_amounts, parse_dates, parse_numbers, within_reason
from experiments.data.schema import NOT_WRITTEN, ColumnReading, ColumnTypeName, DayOrder, DecimalMark
from experiments.data.values import (
    ALL_DATE_FORMATS,
    AMOUNT_CHARACTERS,
    DATE_SHAPE,
    DAY_FIRST,
    EIGHT_DIGITS,
    EITHER_SHAPE,
    EXCEL_SERIAL,
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
    is_yes_no,
)
from experiments.errors import gettext_noop

MOSTLY = 0.95
FEW_WORDS = 20
KEPT_WORDS = 2_000
# As many as a sample of the first rows may hold, so that nothing of it is forgotten.
MOST_WORDS = 20_000
LARGEST_EXACT = 10**15
# Beyond it floats skip whole numbers.
LARGEST_FLOAT = 2**53
LONG_TEXT = 60
LONGEST_SHOWN = 24
MANY_LEVELS = 100
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
DATE_NAME = re.compile(
    r"(^|[_\s.-])(date|datetime|time|day|dt|dob)$|date$|^date|birthday|日期|时间|年月日|日$|生日", re.IGNORECASE
)

MONTH_NAME = re.compile(
    r"(^|[_\s.-])(month|yyyymm|yearmonth|year_month|ym|period|mth)$|^month|账期|月份|年月|统计月|月$", re.I
)
# As whole numbers.
ENDS = tuple(int(day) for day in NO_END)
NOTHING = tuple(int(day) for day in NO_DATE)
FEWEST_DATES = 3
# Words that stood for nothing among numbers or dates, as far as they are remembered.
MOST_NOTHING = 20

WORDS_DROPPED = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are words (%(words)s) among numbers; they count as missing."
)
WORDS_KEPT = gettext_noop(
    "%(column)s mixes numbers and words (%(count)s of %(rows)s values are words, such as %(words)s); it is read as a "
    "category."
)
HUGE = gettext_noop(
    "%(column)s: %(count)s values are infinite or larger than any amount (beyond 10 to the power of 30); they count "
    "as missing."
)
FORMATTED = gettext_noop(
    "%(column)s: %(count)s numbers were written with signs such as %%, 万, ￥ or thousands commas and were converted."
)
LEADING_ZERO = gettext_noop("%(column)s has codes that begin with 0 and is kept as text, so that no zero is lost.")
POWER_CODES = gettext_noop(
    "%(column)s: %(count)s values such as %(example)s look like codes and not like numbers with an exponent; the "
    "column is kept as text."
)
KEPT_AS_WRITTEN = gettext_noop(
    "%(column)s tells customers apart and is kept as it is written, so that no id is changed."
)
LONG_NUMBERS = gettext_noop(
    "%(column)s has numbers of more than 15 digits and is kept as text, so that no digit is lost."
)
RUINED_BY_EXCEL = gettext_noop(
    "%(column)s holds long numbers written like 6.22E+18: their last digits were lost before the upload. Export the "
    "column as text if it is an account or card number."
)
CUT_BY_EXCEL = gettext_noop(
    "%(column)s: %(count)s of %(rows)s long numbers end in zeros after the 15th digit, such as %(example)s. A "
    "spreadsheet has overwritten their last digits, so different customers look alike. Export the column as text from "
    "where it was made."
)
DECIMAL_COMMA = gettext_noop(
    "%(column)s: numbers were read with a decimal comma, for %(count)s of %(rows)s values allow nothing else, such as "
    "%(example)s."
)
CHOSEN_COMMA = gettext_noop("%(column)s: numbers were read with a decimal comma, as chosen.")
COMMA_OR_POINT = gettext_noop(
    "%(column)s writes some numbers with a decimal comma (%(comma)s values, such as %(comma_example)s) and some with a "
    "decimal point (%(point)s values, such as %(point_example)s). Nobody can tell them apart, so it is kept as text: "
    "export it in one way."
)
MIXED_PERCENT = gettext_noop(
    "%(column)s: %(count)s of %(rows)s numbers carry %%, the others none. 12%% was read as 0.12 and 12 as 12: check "
    "whether that is meant."
)
SERIAL_DATES = gettext_noop(
    "%(column)s holds days as a spreadsheet counts them (such as %(example)s); they were read as dates (%(date)s)."
)
MONTHS_READ = gettext_noop("%(column)s holds months such as 202401; each was read as its first day.")
UNREADABLE_DATES = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are not dates (%(words)s); they count as missing."
)
DAY_OR_MONTH = gettext_noop("%(column)s: dates such as 01/02/2024 were read as %(order)s.")
DAY_FIRST_WORDS = gettext_noop("day/month/year")
MONTH_FIRST_WORDS = gettext_noop("month/day/year")
WRITTEN_OTHERWISE = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are written otherwise than those before, such as %(example)s. Each was "
    "read as what it can only mean."
)
OTHER_DAY_ORDER = gettext_noop(
    "%(column)s: %(count)s of %(rows)s dates, such as %(example)s, have day and month in another order than those "
    "before; they count as missing."
)
NOT_AS_EXPECTED = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are not of the expected type (%(words)s); they count as missing."
)


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
    counts.leading_zero = _total(present.str.contains(LEADING_ZERO_SHAPE) & numbers.is_not_null())
    counts.huge = _total(is_huge(numbers))
    if counts.whole < counts.numbers or _total(whole.abs() >= LARGEST_EXACT):
        _count_long(counts, present)
    if counts.whole < counts.numbers:
        _count_points(counts, present)
        _count_power_codes(counts, present, numbers)
    serials = is_serial(numbers)
    counts.serials = _total(serials)
    if counts.serials:
        counts.examples["serial"] = str(present.filter(serials.fill_null(False))[0])
    _count_dates_in_digits(counts, present, whole)


def _count_dates_in_digits(counts: Counts, present: pl.Series, whole: pl.Series) -> None:
    """Count days, moments and months among whole numbers, and what stands there for none."""
    nothing = whole.is_in(NOTHING)
    counts.no_dates = _total(nothing)
    for name, format_, likely in (
        ("eight_digits", EIGHT_DIGITS, whole.is_between(19000101, 21001231) | whole.is_in(ENDS)),
        ("fourteen_digits", FOURTEEN_DIGITS, whole.is_between(19000101000000, 21001231235959)),
        ("six_digits", SIX_DIGITS, whole.is_between(190001, 210012)),
    ):
        if _total(likely):
            dates = parse_dates(present.filter(likely.fill_null(False)), [format_])
            setattr(counts, name, len(dates) - dates.null_count())
    if counts.no_dates:
        counts.examples["no_date"] = str(present.filter(nothing.fill_null(False))[0])


def _count_long(counts: Counts, present: pl.Series) -> None:
    """Count numbers beyond 15 digits, and those whose further digits a spreadsheet has overwritten with zeros."""
    long = present.filter(present.str.contains(LONG_SHAPE))
    counts.long = len(long)
    counts.ruined = _total(present.str.contains(RUINED_SHAPE))
    counts.shortened = _total(present.str.contains(SHORTENED_SHAPE))
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
    counts.measured = _total(present.str.contains(MEASURED_SHAPE) & numbers.is_not_null())
    if counts.power_codes:
        counts.examples["power"] = str(codes[0])


def _count_points(counts: Counts, present: pl.Series) -> None:
    """Count numbers with a point that can only begin a fraction."""
    pointed = present.str.contains(".", literal=True) & ~present.str.contains(EITHER_SHAPE)
    sure = present.filter(pointed & parse_numbers(present).is_not_null())
    counts.points = len(sure)
    counts.either_points = _total(present.str.contains(EITHER_SHAPE) & present.str.contains(".", literal=True))
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


def _total(flags: pl.Series) -> int:
    return int(flags.sum() or 0)


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
        (counts.six_digits if MONTH_NAME.search(name) else 0, (SIX_DIGITS,)),
        (counts.serials if DATE_NAME.search(name) and not counts.leading_zero else 0, (EXCEL_SERIAL,)),
    ]
    return [(found, formats) for found, formats in ways if found]


def _holds_codes(counts: Counts) -> bool:
    """Tell whether some numbers are codes, which would lose something as numbers."""
    return bool(counts.leading_zero or counts.long) or counts.power_codes > counts.measured


def _code_note(name: str, counts: Counts) -> Note:
    if counts.ruined:
        return _note(RUINED_BY_EXCEL, name, "block")
    if _is_cut(counts):
        params = {"column": name, "count": counts.cut, "rows": counts.long, "example": counts.examples["cut"]}
        return Note(CUT_BY_EXCEL, params, "block", name)
    if not (counts.leading_zero or counts.long):
        return _note(POWER_CODES, name, count=counts.power_codes, example=counts.examples["power"])
    return _note(LEADING_ZERO if counts.leading_zero else LONG_NUMBERS, name)


def _is_cut(counts: Counts) -> bool:
    """Tell whether more long numbers end in zeros than chance would have it."""
    all_cut = counts.cut == counts.long and counts.spare_digits >= 6
    many = counts.cut >= 2 and counts.cut > 10 * counts.cut_by_chance and counts.cut >= 0.02 * counts.long
    return counts.cut > 0 and (all_cut or many)


def _note(message: str, name: str, severity: Severity = "info", **params: object) -> Note:
    return Note(message, {"column": name, **params}, severity, name)


def _chosen_comma_plan(name: str, counts: Counts) -> ColumnPlan:
    """Read amounts as a person said, also where they could mean a thousand times as much."""
    lost = counts.present - counts.numbers - counts.comma_amounts
    notes = [_note(CHOSEN_COMMA, name)]
    if lost > 0:
        notes.append(_note(WORDS_DROPPED, name, **_word_params(counts, lost, decimal_comma=True)))
    return ColumnPlan("numeric", "comma_amounts", is_clean=False, notes=tuple(notes))


def _comma_plan(name: str, counts: Counts) -> ColumnPlan:
    if counts.points:
        params: dict[str, Any] = {
            "comma": counts.commas,
            "comma_example": counts.examples["comma"],
            "point": counts.points,
            "point_example": counts.examples["point"],
        }
        return _words_plan(counts, _note(COMMA_OR_POINT, name, "warning", **params))
    found = counts.numbers + counts.comma_amounts
    example = counts.examples["comma"]
    notes = [_note(DECIMAL_COMMA, name, count=counts.commas, rows=counts.present, example=example)]
    lost = counts.present - found
    if lost:
        notes.append(_note(WORDS_DROPPED, name, **_word_params(counts, lost, decimal_comma=True)))
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
    return _note(WORDS_KEPT, name, **_word_params(counts, counts.present - numbers))


def _number_plan(name: str, counts: Counts) -> ColumnPlan:
    notes = []
    lost = counts.present - counts.numbers - counts.amounts
    if lost:
        notes.append(_note(WORDS_DROPPED, name, **_word_params(counts, lost)))
    if counts.amounts:
        notes.append(_note(FORMATTED, name, count=counts.amounts))
    if 0 < counts.percents < counts.numbers + counts.amounts:
        total = counts.numbers + counts.amounts
        notes.append(_note(MIXED_PERCENT, name, "warning", count=counts.percents, rows=total))
    if counts.huge:
        notes.append(_note(HUGE, name, count=counts.huge))
    is_ruined = bool(counts.ruined) or counts.shortened > counts.present / 2
    if is_ruined:
        notes.append(_note(RUINED_BY_EXCEL, name, "block"))
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
        notes.append(_note(UNREADABLE_DATES, name, count=lost, rows=counts.present, words=_shown(words)))
    is_day_first = set(DAY_FIRST) <= set(formats)
    if (
        counts.day_first
        and counts.day_first == counts.month_first
        and (is_day_first or set(MONTH_FIRST) <= set(formats))
    ):
        order = DAY_FIRST_WORDS if is_day_first else MONTH_FIRST_WORDS
        notes.append(_note(DAY_OR_MONTH, name, order=order))
    if formats == (SIX_DIGITS,):
        notes.append(_note(MONTHS_READ, name))
    if EXCEL_SERIAL in formats:
        serial = counts.examples["serial"]
        date = parse_dates(pl.Series([serial]), [EXCEL_SERIAL])[0]
        notes.append(_note(SERIAL_DATES, name, example=serial, date=str(date)[:10]))
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
    return {"count": count, "rows": counts.present, "words": _shown(words)}


def _shown(words: list[str]) -> str:
    shown = ", ".join(map(_shortened, words[:4]))
    return shown if len(words) <= 4 else shown + ", …"


def _shortened(word: str) -> str:
    """Return the beginning of a word, without half a number or address, which nobody could recognise and mask."""
    if len(word) <= LONGEST_SHOWN:
        return word
    return re.sub(r"[0-9A-Za-z@.+_-]+$", "", word[: LONGEST_SHOWN - 1]) + "…"


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
        notes = [_note(RUINED_BY_EXCEL, name, "block")] if dtype.is_float() and _are_ruined_codes(values) else []
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
    if _total(whole.abs() >= LARGEST_EXACT):
        return True
    dated = whole.filter(~whole.is_in(NOTHING))
    if dated.is_empty():
        return False
    return (
        bool((dated.is_between(19000101, 21001231) | dated.is_in(ENDS)).all())
        or bool(dated.is_between(19000101000000, 21001231235959).all())
        or bool(MONTH_NAME.search(name) and dated.is_between(190001, 210012).all())
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
    return ColumnPlan("text", "as_written", notes=(*grave, _note(KEPT_AS_WRITTEN, name)))


def reads_back(texts: pl.Series) -> bool:
    """Tell whether all texts are whole numbers that a float holds, written exactly as they would be again."""
    whole = texts.cast(pl.Int64, strict=False)
    is_exact = (whole.cast(pl.String) == texts) & (whole.abs() < LARGEST_EXACT)
    return not _total(~is_exact.fill_null(False) & texts.is_not_null())


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
    """Tell whether a part of a column does not fit a plan made from another part of it."""
    if plan.way.startswith("native"):
        return plan.way == "native_whole" and _total(values.abs() >= LARGEST_EXACT) > 0
    if plan.way == "words":
        numbers = parse_numbers(texts)
        return 2 * (len(numbers) - numbers.null_count()) > len(texts) - texts.null_count() > 0
    if plan.way == "yes_no":
        return not is_yes_no(texts.drop_nulls().unique())
    if values.null_count() > texts.null_count():
        return True
    if plan.way in ("whole", "numbers"):
        too_long = plan.way == "whole" and _total(values.abs() >= LARGEST_EXACT) > 0
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
    """Tell whether a condition holds anywhere; asked at once, for on short parts of many columns each call counts."""
    return bool(frame.select_seq(condition.any()).item())


def learnt_notes(name: str, met: Contradictions) -> list[Note]:
    """Say what contradicts the way in which a column was written before."""
    notes = []
    if met.unreadable:
        words = _shown([word for word, _ in met.words.most_common(5)])
        notes.append(_note(NOT_AS_EXPECTED, name, "warning", count=met.unreadable, rows=met.cells, words=words))
    for way, count in met.otherwise.items():
        message = OTHER_DAY_ORDER if way.endswith("day_order") else WRITTEN_OTHERWISE
        notes.append(_note(message, name, "warning", count=count, rows=met.cells, example=met.examples[way]))
    return notes


def huge_note(name: str, count: int) -> Note:
    """Say how many values were beyond all reason."""
    return _note(HUGE, name, count=count)
