"""What a report is made of, whatever it is written as: chapters of paragraphs, lists, tables and charts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from experiments.telling import minus

Form = Literal["text", "code", "range", "count", "percent", "percent2", "d1", "d2", "d3", "d4"]
Tone = Literal["", "few", "missing", "strong", "quiet"]
# How a number is written: decimals, and whether it is a share of 1.
_DIGITS: dict[Form, tuple[int, bool]] = {
    "count": (0, False), "percent": (1, True), "percent2": (2, True), "d1": (1, False), "d2": (2, False),
    "d3": (3, False), "d4": (4, False),
}  # fmt: skip
NOTHING = "–"
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Letters of a table that stand side by side on a page, those a column asks for at most, and the room around them.
PAGE_LETTERS, MOST_LETTERS, PADDING = 112.0, 70.0, 3.0
LONGEST_WORD, BOLDER = 16.0, 1.35


@dataclass(frozen=True)
class Cell:
    """A cell of a table: a text, or a number with the form in which it is shown; ``None`` where nothing is known."""

    value: str | float | int | None
    form: Form = "text"
    tone: Tone = ""

    @property
    def is_number(self) -> bool:
        return self.form in _DIGITS

    @property
    def text(self) -> str:
        """What is read: ``0.1234`` as a percentage is ``12.3%``."""
        if self.value is None or self.value == "":
            return NOTHING
        return shown(float(self.value), self.form) if self.is_number else str(self.value)


def shown(value: float, form: Form) -> str:
    """Return a number in its form.

    >>> shown(0.1234, "percent"), shown(12345, "count"), shown(-0.5, "d2")
    ('12.3%', '12,345', '−0.50')
    """
    digits, is_share = _DIGITS[form]
    return minus(f"{value:.{digits}%}" if is_share else f"{value:,.{digits}f}")


def speakable(text: str) -> str:
    """Return a text without the signs that no document may hold."""
    return _UNSPEAKABLE.sub("", text)


def letters(text: str) -> float:
    """Return how wide a text is in Latin letters; a Chinese one counts twice."""
    return sum(1.0 if ord(letter) < 0x2E80 else 2.0 for letter in text)


def _least_width(header: str, cells: Sequence[Cell]) -> float:
    """Return the width below which words of a column would be broken; very long ones may be, numbers never."""
    words = [min(letters(word), LONGEST_WORD) for text in _texts(cells) for word in _words(text)]
    words += [BOLDER * letters(word) for word in _words(header)]
    whole = [letters(cell.text) for cell in cells if cell.form not in ("text", "code")]
    return max([2.0, *words, *whole]) + PADDING


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [cell.text for cell in cells if cell.form in ("text", "code")]


def _words(text: str) -> list[str]:
    """Return what a line is broken between; Chinese may be broken between any two letters, but not too often."""
    return [word if word.isascii() else word[:4] for word in text.replace("_", "_ ").split()]


@dataclass(frozen=True)
class Text:
    """A paragraph; ``missing`` is the tone of one that says why something cannot be had."""

    text: str
    tone: Tone = ""
    block: str = field(default="text", init=False)


@dataclass(frozen=True)
class Heading:
    """The heading of a part of a chapter."""

    text: str
    block: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Points:
    """A numbered list."""

    texts: Sequence[str]
    block: str = field(default="points", init=False)


@dataclass(frozen=True)
class Table:
    """A table with its caption; ``chosen`` is the number of the row that stands out."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    chosen: int = -1
    block: str = field(default="table", init=False)

    @property
    def are_left(self) -> list[bool]:
        """For each column whether it holds texts, which stand left."""
        return [any(row[place].form in ("text", "code") for row in self.rows) for place in range(len(self.header))]

    @property
    def shares(self) -> list[float]:
        """Return each column's share of the width, so that words stay whole as far as a page is wide."""
        columns = [[row[place] for row in self.rows] for place in range(len(self.header))]
        least = [_least_width(word, cells) for word, cells in zip(self.header, columns, strict=True)]
        wanted = [
            max(small, min(MOST_LETTERS, max([letters(word), *(letters(cell.text) for cell in cells)]) + PADDING))
            for small, word, cells in zip(least, self.header, columns, strict=True)
        ]
        spare, more = PAGE_LETTERS - sum(least), sum(wanted) - sum(least)
        grow = min(1.0, max(0.0, spare / more)) if more else 0.0
        widths = [small + grow * (wish - small) for small, wish in zip(least, wanted, strict=True)]
        return [width / sum(widths) for width in widths]


@dataclass(frozen=True)
class Series:
    """A line or a set of bars: ``y`` over ``x``, or over the categories of its chart."""

    name: str
    y: Sequence[float | None]
    x: Sequence[float] = ()
    colour: str = "event"
    is_dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart with the numbers behind it.

    Attributes
    ----------
    kind : ``curves`` over numbers, ``lines`` over categories, ``columns`` or lying ``bars`` of categories.
    x_form, y_form : how the numbers of each axis are written.
    """

    title: str
    kind: Literal["curves", "lines", "columns", "bars"]
    series: Sequence[Series]
    categories: Sequence[str] = ()
    x_title: str = ""
    y_title: str = ""
    x_form: Form = "d2"
    y_form: Form = "d2"
    block: str = field(default="chart", init=False)


Block = Text | Heading | Points | Table | Chart


@dataclass(frozen=True)
class Chapter:
    """A chapter; ``name`` is the same in both languages."""

    name: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A whole report; ``facts`` stand on its first page, ``made_on`` is the only thing that differs between two.

    Attributes
    ----------
    words : what a format itself writes: the headings of the list of contents, of sheets and of columns of numbers.
    """

    title: str
    subtitle: str
    language: str
    made_on: str
    facts: Sequence[tuple[str, str]]
    chapters: Sequence[Chapter]
    words: dict[str, str]

    def blocks(self, kind: str) -> Iterator[tuple[Chapter, Block]]:
        """Yield the blocks of a kind, each with its chapter."""
        for chapter in self.chapters:
            for one in chapter.blocks:
                if one.block == kind:
                    yield chapter, one
