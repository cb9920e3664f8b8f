"""Decides what a column of texts holds by what was counted in it: numbers, dates, flags or words."""

from dataclasses import replace
from typing import Any

import polars as pl

from experiments.data.conversion import ColumnPlan
from experiments.data.date_ways import date_plan, date_ways, digit_ways
from experiments.data.parsing import parse_dates
from experiments.data.reading_notes import (
    CHOSEN_COMMA,
    COMMA_OR_POINT,
    CUT_BY_EXCEL,
    DECIMAL_COMMA,
    FORMATTED,
    HUGE,
    LEADING_ZERO,
    LONG_NUMBERS,
    MIXED_PERCENT,
    POWER_CODES,
    RUINED_BY_EXCEL,
    WORDS_DROPPED,
    WORDS_KEPT,
    Note,
    note_on,
    some_words,
)
from experiments.data.schema import ColumnReading, DayOrder, DecimalMark
from experiments.data.values import (
    DAY_FIRST,
    MISSING_AMONG_NUMBERS,
    MONTH_FIRST,
    amount_of,
    is_yes_no,
)
from experiments.data.written_counts import Counts

MOSTLY = 0.95
FEW_WORDS = 20
LONG_TEXT = 60
MANY_LEVELS = 100
FEWEST_DATES = 3
# Words that stood for nothing among numbers or dates, as far as they are remembered.
MOST_NOTHING = 20


def decide(name: str, counts: Counts, decimal: DecimalMark | None = None) -> ColumnPlan:
    """Take the first type that all values fit, else the first that nearly all fit, else words.

    ``decimal`` says which mark stands before a fraction where the values leave it open.
    """
    return with_reading(_decided(name, counts, decimal), counts)


def with_reading(plan: ColumnPlan, counts: Counts) -> ColumnPlan:
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
    """Return the plan by what was counted, the first that fits."""
    present, odd = counts.present, counts.odd
    if present == odd:
        # Nothing but words for nothing is a category if it has any.
        return ColumnPlan("categorical", "words") if present else ColumnPlan("numeric", "empty")
    for found, formats in digit_ways(name, counts):
        # Figures of which each is a day of the calendar, or nought, are days.
        if found + odd == present or (found >= FEWEST_DATES and found + odd + counts.no_dates == present):
            return date_plan(name, counts, found, formats)
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
    for found, formats in date_ways(name, counts):
        if found and found + odd >= MOSTLY * present:
            return date_plan(name, counts, found, formats)
    return _mixed_plan(name, counts)


def _holds_codes(counts: Counts) -> bool:
    """Return whether some numbers are codes, which would lose something as numbers."""
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
    """Return whether more long numbers end in zeros than chance would have it."""
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


def _words_plan(counts: Counts, *notes: Note) -> ColumnPlan:
    nearly_unique = counts.levels > MANY_LEVELS and counts.levels > counts.present / 2
    long = counts.levels > MANY_LEVELS and counts.characters > LONG_TEXT * counts.present
    is_clean = counts.numbers + counts.dates + counts.day_first == 0
    return ColumnPlan("text" if nearly_unique or long else "categorical", "words", is_clean=is_clean, notes=notes)


def _words_only(counts: Counts, *, decimal_comma: bool = False) -> list[str]:
    common = [word for word, _ in counts.words.most_common() if amount_of(word, decimal_comma=decimal_comma) is None]
    return [word for word in common if word not in MISSING_AMONG_NUMBERS]


def _word_params(counts: Counts, count: int, *, decimal_comma: bool = False) -> dict[str, Any]:
    common = (word for word, _ in counts.words.most_common())
    words = [word for word in common if amount_of(word, decimal_comma=decimal_comma) is None]
    return {"count": count, "rows": counts.present, "words": some_words(words)}
