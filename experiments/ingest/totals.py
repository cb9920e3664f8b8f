"""Finds rows that hold totals instead of customers, and leaves them out."""

import csv
import io
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from experiments.data.reading_notes import Note
from experiments.errors import gettext_noop
from experiments.ingest.column_names import some_names
from experiments.ingest.delimited import Layout
from experiments.ingest.sources import CsvSource

Totals = Literal["leave_out", "keep"]
# A label such as 合计, 北京分行小计, Grand Total or "Total (1,200):", with all spaces taken out.
LABEL = (
    r"^.{0,20}(合计|总计|小计|共计|总和|汇总|累计|平均值?|均值)([(（:：\d].*)?$|^共\d.*$"
    r"|^(.{1,20})?(grand|sub|overall)?-?totals?(amount)?([(:\d].*)?$|^(sum|average|avg|mean)([(:].*)?$"
)
LABEL_PATTERN = re.compile(LABEL, re.IGNORECASE)
SPACES = r"[\s\u3000]+"
# Totals stand in one of the first columns with anything in them, and are looked for at both ends of a file.
FIRST_CELLS, HEAD_ROWS, TAIL_BYTES, TAIL_ROWS = 3, 200, 256 << 10, 200
LEAST_ROWS, MOST_SHARE, FILLED_SHARE = 3, 0.2, 0.9

TOTALS_LEFT_OUT = gettext_noop(
    "Rows that hold totals, not customers, were left out: %(count)s (%(words)s). If they belong to the data, "
    "choose to keep them and read the file again."
)


@dataclass(frozen=True)
class TotalsRule:
    """What tells a row of totals: a label in one of these columns, and nothing in a column that is filled elsewhere.

    Attributes
    ----------
    labels : columns with labels. filled : columns that are filled in ordinary rows. unique : those of ``labels`` whose
        other values name each row, so that a label there is enough.
    """

    labels: frozenset[int]
    filled: frozenset[int]
    unique: frozenset[int]


@dataclass
class WithoutTotals:
    """A text table without its rows of totals.

    Attributes
    ----------
    left_out : labels of the rows left out when the table was last read through.
    """

    source: CsvSource
    rule: TotalsRule
    left_out: Counter[str] = field(default_factory=Counter)
    native_types: None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The names in the header."""
        return self.source.labels

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.source.size

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        """Yield as the source does, without the rows of totals."""
        self.left_out = Counter()
        own = [f"f{number}" for number in sorted(self.rule.labels | self.rule.filled)]
        wanted = None if columns is None else list(dict.fromkeys([*columns, *own]))
        for share, frame in self.source.batches(wanted):
            is_total = frame.select(self._is_total().alias("total"))["total"]
            if is_total.any():
                self._count(frame.filter(is_total))
                frame = frame.filter(~is_total)
            yield share, frame if columns is None else frame.select(columns)

    def notes(self) -> list[Note]:
        """Return what to tell of the rows that were left out."""
        if not self.left_out:
            return []
        words = {"count": self.left_out.total(), "words": some_names(list(self.left_out))}
        return [Note(TOTALS_LEFT_OUT, words, "warning")]

    def _is_total(self) -> pl.Expr:
        lacks = pl.any_horizontal([pl.lit(False), *(pl.col(f"f{number}").is_null() for number in self.rule.filled)])
        told = [
            _is_label(f"f{number}") if number in self.rule.unique else _is_label(f"f{number}") & lacks
            for number in sorted(self.rule.labels)
        ]
        return pl.any_horizontal(told).fill_null(False)

    def _count(self, rows: pl.DataFrame) -> None:
        for number in sorted(self.rule.labels):
            column = f"f{number}"
            self.left_out.update(rows.filter(_is_label(column).fill_null(False))[column].str.strip_chars().to_list())
            rows = rows.filter(~_is_label(column).fill_null(False))


def without_totals(source: CsvSource) -> CsvSource | WithoutTotals:
    """Return the table without its rows of totals; itself where there are none at either end."""
    rows = [*_head(source.path, source.layout), *_tail(source.path, source.layout)]
    rule = _find_totals([row[: len(source.labels)] for row in rows])
    return source if rule is None else WithoutTotals(source, rule)


def _find_totals(rows: Sequence[Sequence[str]]) -> TotalsRule | None:
    """Return what tells rows of totals among these, which are from both ends of a table; ``None`` without any.

    A label alone is a value like others: ``Total`` may be a kind of loss. A row of totals lacks what other rows have,
    or stands where they have names of their own.

    >>> _find_totals([["a1", "5"], ["a2", "6"], ["a3", "7"], ["合计", "18"]]).labels
    frozenset({0})
    """
    marked = [(row, place) for row in rows if (place := _label_place(row)) is not None]
    ordinary = [row for row in rows if _label_place(row) is None]
    if not marked or len(ordinary) < LEAST_ROWS or len(marked) > MOST_SHARE * len(rows) + 1:
        return None
    filled = frozenset(
        place for place in range(len(ordinary[0])) if _filled_share(ordinary, place) >= FILLED_SHARE
    )  # fmt: skip
    unique = frozenset(place for _, place in marked if _names_rows(ordinary, place))
    found = {place for row, place in marked if place in unique or any(not row[other].strip() for other in filled)}
    return TotalsRule(frozenset(found), filled, unique & found) if found else None


def is_label(text: str) -> bool:
    """Return whether a cell says that its row holds totals."""
    return bool(LABEL_PATTERN.match(re.sub(SPACES, "", unicodedata.normalize("NFKC", text))))


def _is_label(column: str) -> pl.Expr:
    plain = pl.col(column).str.normalize("NFKC").str.replace_all(SPACES, "")
    return plain.str.contains(f"(?i){LABEL}")


def _label_place(row: Sequence[str]) -> int | None:
    filled = [place for place, cell in enumerate(row) if cell.strip()]
    return next((place for place in filled[:FIRST_CELLS] if is_label(row[place])), None)


def _filled_share(rows: Sequence[Sequence[str]], place: int) -> float:
    return sum(bool(row[place].strip()) for row in rows) / len(rows)


def _names_rows(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Return whether the values of a column name each row, none twice but where both ends of a table overlap."""
    values = [row[place].strip() for row in rows if row[place].strip()]
    return len(values) >= LEAST_ROWS and len(set(values)) >= FILLED_SHARE * len({tuple(row) for row in rows})


def _head(path: Path, layout: Layout) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(layout.header_lines):
            stream.readline()
        yield from _whole(itertools.islice(csv.reader(stream, delimiter=layout.delimiter), HEAD_ROWS), layout)


def _tail(path: Path, layout: Layout) -> list[list[str]]:
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - TAIL_BYTES))
        text = stream.read().decode("utf-8", "replace")
    # The first line is cut, or one of those above the data.
    below = text.partition("\n")[2] if size > TAIL_BYTES else "".join(text.splitlines(True)[layout.header_lines :])
    rows = list(_whole(csv.reader(io.StringIO(below, newline=""), delimiter=layout.delimiter), layout))
    return rows[-TAIL_ROWS:]


def _whole(rows: Iterator[list[str]], layout: Layout) -> Iterator[list[str]]:
    try:
        yield from (row for row in rows if len(row) == layout.width)
    except csv.Error:
        return
