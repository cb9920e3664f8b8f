"""Decides each column's type from all of its rows and turns its text into that type."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from experiments.data.delimited import Note
from experiments.data.schema import ColumnTypeName
from experiments.data.values import (
    ALL_DATE_FORMATS,
    DAY_FIRST,
    EIGHT_DIGITS,
    LARGEST_NUMBER,
    MISSING_AMONG_NUMBERS,
    MONTH_FIRST,
    amount_of,
    has_digit,
    is_yes_no,
    parse_amounts,
    parse_dates,
    parse_numbers,
)
from experiments.errors import gettext_noop

MOSTLY = 0.95
FEW_WORDS = 20
KEPT_WORDS = 2_000
LARGEST_EXACT = 10**15
LONG_TEXT = 60
MANY_LEVELS = 100
LEADING_ZERO_SHAPE = r"^[-+]?0[0-9]"
LONG_SHAPE = r"^[-+]?[0-9]{16,}$"
RUINED_SHAPE = r"^[0-9]\.[0-9]+E\+1[5-9]$"

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
LONG_NUMBERS = gettext_noop(
    "%(column)s has numbers of more than 15 digits and is kept as text, so that no digit is lost."
)
RUINED_BY_EXCEL = gettext_noop(
    "%(column)s holds long numbers written like 6.22E+18: their last digits were lost before the upload. Export the "
    "column as text if it is an account or card number."
)
UNREADABLE_DATES = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are not dates (%(words)s); they count as missing."
)
DAY_OR_MONTH = gettext_noop("%(column)s: dates such as 01/02/2024 were read as %(order)s.")
DAY_FIRST_WORDS = gettext_noop("day/month/year")
MONTH_FIRST_WORDS = gettext_noop("month/day/year")
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
    long: int = 0
    ruined: int = 0
    huge: int = 0
    eight_digits: int = 0
    odd: int = 0
    amounts: int = 0
    dates: int = 0
    day_first: int = 0
    month_first: int = 0
    codes: int = 0
    characters: int = 0
    levels: int = 0
    many_words: bool = False
    words: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        """Add the counts of another part of the same column."""
        for name, value in vars(other).items():
            if name == "words":
                self.words.update(value)
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
    counts.huge = _total(_is_huge(numbers))
    if counts.whole < counts.numbers or _total(whole.abs() >= LARGEST_EXACT):
        counts.long = _total(present.str.contains(LONG_SHAPE))
        counts.ruined = _total(present.str.contains(RUINED_SHAPE))
    if _total(whole.is_between(19000101, 21001231)) + len(MISSING_AMONG_NUMBERS) >= counts.whole:
        dates = parse_dates(present, [EIGHT_DIGITS])
        counts.eight_digits = len(dates) - dates.null_count()


def _count_words(counts: Counts, words: pl.Series) -> None:
    """Look at each different word once; a column has few of them, or is free text."""
    tally = words.value_counts(name="n")
    different, times = tally.to_series(0), tally["n"]
    spelled = dict(zip(different.to_list(), times.to_list(), strict=True))
    counts.words = Counter(spelled)
    counts.characters = sum(len(word) * n for word, n in spelled.items())
    counts.odd = sum(n for word, n in spelled.items() if word in MISSING_AMONG_NUMBERS)
    digits = {word: n for word, n in spelled.items() if has_digit(word)}
    if not digits:
        return
    counts.amounts = sum(n for word, n in digits.items() if amount_of(word) is not None)
    counts.codes = sum(n for word, n in digits.items() if word not in MISSING_AMONG_NUMBERS)
    for name, formats in (("dates", ALL_DATE_FORMATS), ("day_first", [DAY_FIRST]), ("month_first", [MONTH_FIRST])):
        found = parse_dates(different, formats).is_not_null()
        setattr(counts, name, int(times.filter(found).sum()))


def _is_huge(numbers: pl.Series) -> pl.Series:
    return (numbers.abs() > LARGEST_NUMBER) | numbers.is_nan()


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
    """

    type: ColumnTypeName
    way: str
    formats: tuple[str, ...] = ()
    is_clean: bool = True
    notes: tuple[Note, ...] = ()


def decide(name: str, counts: Counts) -> ColumnPlan:
    """Take the first type that all values fit, else the first that nearly all fit, else words."""
    present, odd = counts.present, counts.odd
    if present == odd:
        # Nothing but words for nothing is a category if it has any.
        return ColumnPlan("categorical", "words") if present else ColumnPlan("numeric", "empty")
    if counts.eight_digits and counts.eight_digits + odd == present:
        return _date_plan(name, counts, counts.eight_digits, (EIGHT_DIGITS,))
    if counts.numbers and (counts.leading_zero or counts.long) and counts.numbers + odd == present:
        note = Note(LEADING_ZERO if counts.leading_zero else LONG_NUMBERS, {"column": name})
        return _words_plan(counts, note)
    if counts.numbers + counts.amounts + odd == present:
        return _number_plan(name, counts)
    if is_yes_no(counts.words) and not counts.many_words and not counts.numbers:
        return ColumnPlan("boolean", "words")
    for found, formats in _date_ways(counts):
        if found and found + odd >= MOSTLY * present:
            return _date_plan(name, counts, found, formats)
    return _mixed_plan(name, counts)


def _mixed_plan(name: str, counts: Counts) -> ColumnPlan:
    numbers = counts.numbers + counts.amounts
    is_code = counts.codes > counts.amounts or counts.leading_zero or counts.long
    if numbers < counts.present / 2 or is_code:
        return _words_plan(counts)
    few = len(_words_only(counts)) <= FEW_WORDS and not counts.many_words
    if few and numbers + counts.odd >= MOSTLY * counts.present:
        return _number_plan(name, counts)
    return _words_plan(counts, Note(WORDS_KEPT, _word_params(name, counts, counts.present - numbers)))


def _number_plan(name: str, counts: Counts) -> ColumnPlan:
    notes = []
    lost = counts.present - counts.numbers - counts.amounts
    if lost:
        notes.append(Note(WORDS_DROPPED, _word_params(name, counts, lost)))
    if counts.amounts:
        notes.append(Note(FORMATTED, {"column": name, "count": counts.amounts}))
    if counts.huge:
        notes.append(Note(HUGE, {"column": name, "count": counts.huge}))
    if counts.ruined:
        notes.append(Note(RUINED_BY_EXCEL, {"column": name}))
    is_clean = counts.present == counts.numbers and not counts.huge and not counts.ruined
    whole = counts.whole == counts.numbers and not counts.amounts
    way = "whole" if whole else "amounts" if counts.amounts else "numbers"
    return ColumnPlan("numeric", way, is_clean=is_clean, notes=tuple(notes))


def _date_plan(name: str, counts: Counts, found: int, formats: tuple[str, ...]) -> ColumnPlan:
    notes = []
    lost = counts.present - found
    if lost:
        words = [word for word, _ in counts.words.most_common() if parse_dates(pl.Series([word]), formats)[0] is None]
        params = {"column": name, "count": lost, "rows": counts.present, "words": _shown(words)}
        notes.append(Note(UNREADABLE_DATES, params))
    if counts.day_first and counts.day_first == counts.month_first and formats in ((DAY_FIRST,), (MONTH_FIRST,)):
        order = DAY_FIRST_WORDS if formats == (DAY_FIRST,) else MONTH_FIRST_WORDS
        notes.append(Note(DAY_OR_MONTH, {"column": name, "order": order}))
    if formats == ALL_DATE_FORMATS:
        formats = _used_formats(counts) or formats
    return ColumnPlan("date", "dates", formats, is_clean=not lost, notes=tuple(notes))


def _used_formats(counts: Counts) -> tuple[str, ...]:
    words = pl.Series(list(counts.words), dtype=pl.String)
    return tuple(format_ for format_ in ALL_DATE_FORMATS if parse_dates(words, [format_]).null_count() < len(words))


def _words_plan(counts: Counts, *notes: Note) -> ColumnPlan:
    nearly_unique = counts.levels > MANY_LEVELS and counts.levels > counts.present / 2
    long = counts.levels > MANY_LEVELS and counts.characters > LONG_TEXT * counts.present
    is_clean = counts.numbers + counts.dates + counts.day_first == 0
    return ColumnPlan("text" if nearly_unique or long else "categorical", "words", is_clean=is_clean, notes=notes)


def _date_ways(counts: Counts) -> list[tuple[int, tuple[str, ...]]]:
    slashes = [(counts.day_first, (DAY_FIRST,)), (counts.month_first, (MONTH_FIRST,))]
    # The order that fits more rows; day first where both fit all.
    if counts.month_first > counts.day_first:
        slashes.reverse()
    return [(counts.dates, ALL_DATE_FORMATS), *slashes]


def _words_only(counts: Counts) -> list[str]:
    common = [word for word, _ in counts.words.most_common() if amount_of(word) is None]
    return [word for word in common if word not in MISSING_AMONG_NUMBERS]


def _word_params(name: str, counts: Counts, count: int) -> dict[str, object]:
    words = [word for word, _ in counts.words.most_common() if amount_of(word) is None]
    return {"column": name, "count": count, "rows": counts.present, "words": _shown(words)}


def _shown(words: list[str]) -> str:
    shown = ", ".join(word if len(word) <= 24 else word[:23] + "…" for word in words[:4])
    return shown if len(words) <= 4 else shown + ", …"


def native_plan(values: pl.Series) -> ColumnPlan | None:
    """Return the plan for a column that has a type already (from Parquet), or ``None`` where its texts must tell."""
    dtype = values.dtype
    if dtype == pl.Boolean:
        return ColumnPlan("boolean", "native_words")
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128):
        # Whole numbers may be dates (20240131) or codes too long for a float: their texts must tell.
        return None if _may_be_dates_or_codes(values) else ColumnPlan("numeric", "native_whole")
    if dtype.is_numeric():
        return ColumnPlan("numeric", "native_numbers")
    return ColumnPlan("date", "native_dates") if dtype in (pl.Date, pl.Datetime) else None


def _may_be_dates_or_codes(values: pl.Series) -> bool:
    whole = values.cast(pl.Int64).drop_nulls()
    if whole.is_empty():
        return False
    return _total(whole.abs() >= LARGEST_EXACT) > 0 or bool(whole.is_between(19000101, 21001231).all())


def expected_plan(type_: ColumnTypeName) -> ColumnPlan:
    """Return the plan for a column whose type is known already; what does not fit counts as missing."""
    if type_ == "numeric":
        return ColumnPlan("numeric", "amounts", is_clean=False)
    if type_ == "date":
        return ColumnPlan("date", "dates", (*ALL_DATE_FORMATS, EIGHT_DIGITS), is_clean=False)
    return ColumnPlan(type_, "words", is_clean=False)


def _to_words(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return texts


def _to_empty(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return texts.cast(pl.Float64, strict=False)


def _to_whole(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return texts.cast(pl.Int64, strict=False)


def _to_numbers(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return _within_reason(parse_numbers(texts))


def _to_amounts(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return _within_reason(parse_amounts(texts))


def _to_dates(texts: pl.Series, plan: ColumnPlan) -> pl.Series:
    return parse_dates(texts, plan.formats)


def _within_reason(numbers: pl.Series) -> pl.Series:
    huge = _is_huge(numbers).fill_null(False)
    if not huge.any():
        return numbers
    return numbers.zip_with(~huge, pl.Series([None], dtype=pl.Float64).new_from_index(0, len(numbers)))


def _to_native_numbers(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    return _within_reason(values.cast(pl.Float64))


def _to_native_dates(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone:
        values = values.dt.replace_time_zone(None)
    return values.cast(pl.Datetime("us"))


def _to_native_words(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    return values.cast(pl.String)


WAYS: dict[str, Callable[[pl.Series, ColumnPlan], pl.Series]] = {
    "words": _to_words,
    "empty": _to_empty,
    "whole": _to_whole,
    "numbers": _to_numbers,
    "amounts": _to_amounts,
    "dates": _to_dates,
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
    if values.null_count() > texts.null_count():
        return True
    if plan.way in ("whole", "numbers"):
        too_long = plan.way == "whole" and _total(values.abs() >= LARGEST_EXACT) > 0
        return too_long or bool(texts.str.contains(LEADING_ZERO_SHAPE).any())
    return plan.way == "empty" and texts.null_count() < len(texts)


def lost_note(name: str, lost: Counter[str], present: int) -> Note:
    """Say what an expected type could not take in."""
    words = _shown([word for word, _ in lost.most_common(5)])
    return Note(NOT_AS_EXPECTED, {"column": name, "count": lost.total(), "rows": present, "words": words})


def huge_note(name: str, count: int) -> Note:
    """Say how many values were beyond all reason."""
    return Note(HUGE, {"column": name, "count": count})
