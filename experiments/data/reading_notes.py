"""What is said of a column when it is read: what was changed or assumed, and what to do where that is not right."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from experiments.errors import gettext_noop
from experiments.features.contradictions import Contradictions

__all__ = ["Note"]

Severity = Literal["info", "warning", "block"]
LONGEST_SHOWN = 24
WORDS_DROPPED = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are words (%(words)s) among numbers; they count as missing."
)
WORDS_KEPT = gettext_noop(
    "%(column)s mixes numbers and words (%(count)s of %(rows)s values are words, such as %(words)s); it is read as a "
    "category."
)
HUGE = gettext_noop(
    "%(column)s: %(count)s values are infinite or impossibly large (beyond 10 to the power of 30); they count as "
    "missing."
)
FORMATTED = gettext_noop(
    "%(column)s: %(count)s numbers were written with symbols such as %%, 万, ￥ or thousands commas and were converted."
)
LEADING_ZERO = gettext_noop("%(column)s has codes with leading zeros and is kept as text, so that none is lost.")
POWER_CODES = gettext_noop(
    "%(column)s: %(count)s values such as %(example)s look like codes rather than numbers with an exponent; the "
    "column is kept as text."
)
KEPT_AS_WRITTEN = gettext_noop(
    "%(column)s identifies customers and is kept exactly as written, so that no ID is changed."
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
    "spreadsheet has overwritten their last digits, so different customers look alike. Export the column as text "
    "from the source system."
)
DECIMAL_COMMA = gettext_noop(
    "%(column)s: numbers were read with a decimal comma, because %(count)s of %(rows)s values, such as "
    "%(example)s, can be read in no other way."
)
CHOSEN_COMMA = gettext_noop("%(column)s: numbers were read with a decimal comma, as chosen.")
COMMA_OR_POINT = gettext_noop(
    "%(column)s has some numbers with a decimal comma (%(comma)s values, such as %(comma_example)s) and some with "
    "a decimal point (%(point)s values, such as %(point_example)s). They cannot be told apart, so it is kept as "
    "text. Export it in one form."
)
MIXED_PERCENT = gettext_noop(
    "%(column)s: %(count)s of %(rows)s numbers carry %%, the others do not. 12%% was read as 0.12 and 12 as 12: "
    "check whether that is what is meant."
)
SERIAL_DATES = gettext_noop(
    "%(column)s holds spreadsheet day numbers (such as %(example)s); they were read as dates (%(date)s)."
)
MONTHS_READ = gettext_noop("%(column)s holds months such as 202401; each was read as the first day of the month.")
UNREADABLE_DATES = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are not dates (%(words)s); they count as missing."
)
DAY_OR_MONTH = gettext_noop("%(column)s: dates such as 01/02/2024 were read as %(order)s.")
DAY_FIRST_WORDS = gettext_noop("day/month/year")
MONTH_FIRST_WORDS = gettext_noop("month/day/year")
WRITTEN_OTHERWISE = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are written differently from earlier ones, such as %(example)s. Each "
    "was read in the only way it can be meant."
)
OTHER_DAY_ORDER = gettext_noop(
    "%(column)s: %(count)s of %(rows)s dates, such as %(example)s, have day and month in a different order from "
    "earlier ones; they count as missing."
)
NOT_AS_EXPECTED = gettext_noop(
    "%(column)s: %(count)s of %(rows)s values are not of the expected type (%(words)s); they count as missing."
)


@dataclass(frozen=True)
class Note:
    """A sentence on what reading changed or assumed.

    Attributes
    ----------
    severity : ``block`` where the column must not be used as it is. column : the column spoken of, if it is one.

    Examples
    --------
    >>> Note("%(count)s rows were left out.", {"count": 2}).severity
    'info'
    """

    message: str
    params: dict[str, Any]
    severity: Severity = "info"
    column: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the note as JSON-ready plain data; what is as usual is left out."""
        plain: dict[str, Any] = {"message": self.message, "params": self.params}
        if self.severity != "info":
            plain["severity"] = self.severity
        return {**plain, "column": self.column} if self.column else plain


def note_on(message: str, name: str, severity: Severity = "info", **params: object) -> Note:
    return Note(message, {"column": name, **params}, severity, name)


def some_words(words: list[str]) -> str:
    shown = ", ".join(map(_shortened, words[:4]))
    return shown if len(words) <= 4 else shown + ", …"


def _shortened(word: str) -> str:
    """Return the beginning of a word, without half a number or address, which nobody could recognise and mask."""
    if len(word) <= LONGEST_SHOWN:
        return word
    return re.sub(r"[0-9A-Za-z@.+_-]+$", "", word[: LONGEST_SHOWN - 1]) + "…"


def learnt_notes(name: str, met: Contradictions) -> list[Note]:
    """Say what contradicts the way in which a column was written before."""
    notes = []
    if met.unreadable:
        words = some_words([word for word, _ in met.words.most_common(5)])
        notes.append(note_on(NOT_AS_EXPECTED, name, "warning", count=met.unreadable, rows=met.cells, words=words))
    for way, count in met.otherwise.items():
        message = OTHER_DAY_ORDER if way.endswith("day_order") else WRITTEN_OTHERWISE
        notes.append(note_on(message, name, "warning", count=count, rows=met.cells, example=met.examples[way]))
    return notes


def huge_note(name: str, count: int) -> Note:
    """Say how many values were beyond all reason."""
    return note_on(HUGE, name, count=count)
