"""What a section of the report is put together of; ``page.html`` says how each looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    tone: Literal["", "few", "quiet", "strong"] = ""
    block: str = field(default="text", init=False)


@dataclass(frozen=True)
class Heading:
    """The heading of a part of a section."""

    text: str
    block: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Big:
    """The one number of a section; grey where it rests on too few."""

    name: str
    number: str
    is_few: bool
    block: str = field(default="big", init=False)


@dataclass(frozen=True)
class Charts:
    """Charts below each other or in pairs, as the HTML that Plotly makes of them."""

    charts: Sequence[str]
    in_pairs: bool = False
    block: str = field(default="charts", init=False)


@dataclass(frozen=True)
class Points:
    """A numbered list."""

    texts: Sequence[str]
    block: str = field(default="points", init=False)


@dataclass(frozen=True)
class Cell:
    """A cell of a table that looks otherwise: grey where there is too little to judge by, or as code."""

    text: str
    kind: Literal["", "few", "code"]


@dataclass(frozen=True)
class Table:
    """A table; ``kind`` says where texts stand left, ``chosen`` is the number of the row that stands out."""

    header: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    kind: Literal["", "text", "board"] = ""
    chosen: int = -1
    block: str = field(default="table", init=False)


Block = Text | Heading | Big | Charts | Points | Table


@dataclass(frozen=True)
class Section:
    """A question's heading and its answer."""

    title: str
    blocks: Sequence[Block]
