"""What a format of scores decides, and what all of them are told about the scores."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

__all__ = ["Format", "Layout"]

# The columns of scores that are numbers; the others, and the ids, are texts.
NUMBERS = ("probability", "score", "points")

Write = Callable[[pd.DataFrame], None]


@dataclass(frozen=True)
class Layout:
    """What is known of the scores before the first row.

    Attributes
    ----------
    headings : what columns are called where people read them; their own names where nothing is said.
    encoding : of texts, where the format leaves a choice.
    id_column, id_type : the column of ids, ``None`` where there is none, and the type it is written in.

    Examples
    --------
    >>> Layout({"probability": "Chance"}).encoding
    'utf-8-sig'
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    id_column: str | None = None
    id_type: Any = field(default_factory=pa.string)

    def called(self, frame: pd.DataFrame) -> list[str]:
        """Return what the columns are called; a heading that another column has already gives way to the name."""
        called: list[str] = []
        for name in frame.columns:
            heading = self.headings.get(name) or name
            called.append(name if heading in called else heading)
        return called


@dataclass(frozen=True)
class Format:
    """One kind of file that scores leave in.

    Attributes
    ----------
    name : the word in programs, which is also the ending of the file's name.
    open : begins a file at a path that is not there yet and yields what writes chunk after chunk of the scores into
        it, in their order; the file is whole when it is left without an exception.
    most_rows : rows that one file holds; ``None`` where there is no end. too_many : what is said of more.
    label : what people call it; the name in capitals where nothing is said. content_type : of the file on the web.
    is_for_reading : its columns are called as people read them, so it is one to be asked for.
    unasked_rows : up to so many rows it is written beside the others, larger only on request; ``None``: always.
    is_appended : what was written of a file is never changed, so that it can be sent while the rest is written.

    Examples
    --------
    >>> from experiments.scoring.formats import FORMATS
    >>> sorted(FORMATS)
    ['csv', 'parquet', 'xlsx']
    """

    name: str
    open: Callable[[Path, Layout], AbstractContextManager[Write]]
    most_rows: int | None = None
    too_many: str = ""
    label: str = ""
    content_type: str = "application/octet-stream"
    is_for_reading: bool = False
    unasked_rows: int | None = None
    is_appended: bool = False

    @property
    def called(self) -> str:
        """What people call it."""
        return self.label or self.name.upper()
