"""Scans the cells of an .xlsx sheet, piece by piece, before any memory is allocated for them.

Readers of workbooks make room for all cells between the first and the last: one cell in the last corner of a sheet
asks for half a terabyte. So the places of the filled cells are counted first; what lies far from the table is known
then, and left aside.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

LAST_ROW = 1_048_576
# A cell with its place, where it holds something; one that only has a format is closed at once.
FILLED = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br\s*=\s*["\']([A-Z]{1,3})(\d{1,7})["\'][^>]*(?<!/)>(?!</)')
# The same, as nearly all programs write it: nothing but the place before the kind.
FILLED_AS_USUAL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>(?!</)')
CELL = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br\s*=\s*["\']([A-Z]{1,3})(\d{1,7})["\'](?:[^>]*/>|[^>]*>.*?</(?:\w+:)?c>)', re.DOTALL
)
UNCALCULATED = re.compile(
    rb'\br\s*=\s*["\']([A-Z]{1,3})\d{1,7}["\']([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
CELL_STARTS = (b"<c ", b":c ")
# A piece of a sheet ends before a cell; no cell is as long as this.
PIECE, LONGEST_CELL = 1 << 20, 16 << 20
# What lies this far from the table is no part of it, whatever stands above it.
FAR = 100
FEW_CELLS, FEW_SHARE, MOST_SHARE, MOST_ROWS_BELOW = 3, 0.01, 0.05, 3


@dataclass
class _Run:
    """Neighbouring columns or rows, with the filled cells in them."""

    first: int
    last: int
    cells: int
    widest: int


@dataclass
class SheetExtent:
    """Where the filled cells of a sheet are.

    Attributes
    ----------
    in_column : filled cells by column, counted from 1. top : the row of the first one in each.
    rows : runs of filled rows. uncalculated : formulas without a value, by column.
    unplaced_cells, unplaced_rows : those that do not say where they are, which no reader puts far away.
    """

    in_column: Counter[int] = field(default_factory=Counter)
    top: dict[int, int] = field(default_factory=dict)
    rows: list[_Run] = field(default_factory=list)
    uncalculated: Counter[int] = field(default_factory=Counter)
    unplaced_cells: int = 0
    unplaced_rows: int = 0

    @property
    def cells(self) -> int:
        """Filled cells."""
        return self.in_column.total()

    @property
    def box(self) -> int:
        """Cells between the first and the last, for which a reader makes room."""
        if not self.rows:
            return 0
        return (max(self.in_column) - min(self.in_column) + 1) * (self.rows[-1].last - self.rows[0].first + 1)

    def add(self, piece: bytes) -> None:
        """Count the cells of a piece, which begins and ends between two cells."""
        is_usual = piece.count(b"<c ") == piece.count(b'<c r="') and b":c " not in piece
        found = (FILLED_AS_USUAL if is_usual else FILLED).findall(piece)
        if b"<f" in piece or b":f" in piece:
            for letters, kind in UNCALCULATED.findall(piece):
                # A formula whose value is a text may have calculated an empty one.
                if b't="str"' not in kind:
                    self.uncalculated[column_number(letters)] += 1
        if not found:
            self.unplaced_cells += piece.count(b"<v>") + piece.count(b"<is>")
            self.unplaced_rows += piece.count(b"<row")
            return
        for letters, count in Counter(letters for letters, _ in found).items():
            self.in_column[column_number(letters)] += count
        for letters, row in dict(reversed(found)).items():
            self.top.setdefault(column_number(letters), int(row))
        for digits, count in Counter(digits for _, digits in found).items():
            self._add_row(int(digits), count)

    def _add_row(self, row: int, cells: int) -> None:
        last = self.rows[-1] if self.rows else None
        if last is not None and row in (last.last, last.last + 1):
            # A row may come in two pieces; then its width is that of the larger one.
            last.last, last.cells, last.widest = row, last.cells + cells, max(last.widest, cells)
        else:
            self.rows.append(_Run(row, row, cells, cells))


@dataclass(frozen=True)
class Table:
    """The part of a sheet that is its table; rows and columns counted from 1, both ends within.

    Attributes
    ----------
    columns : those that are read; some between the first and the last may be empty.
    stray : names of cells that lie elsewhere.
    """

    first_row: int
    last_row: int
    columns: frozenset[int]
    stray: tuple[str, ...] = ()

    @property
    def box(self) -> int:
        """Cells for which a reader makes room."""
        return (max(self.columns) - min(self.columns) + 1) * (self.last_row - self.first_row + 1)


def column_number(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 1.

    >>> column_number(b"XFD")
    16384
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column: 28 is AB."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def between_cells(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Re-chunk a stream so that no cell is split between two pieces."""
    rest = b""
    for piece in pieces:
        rest += piece
        cut = max(rest.rfind(start) for start in CELL_STARTS)
        cut = rest.rfind(b"<", 0, cut + 1)
        if cut <= 0 and len(rest) > LONGEST_CELL:
            cut = len(rest)
        if cut > 0 and len(rest) > PIECE:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def table_of(extent: SheetExtent) -> Table | None:
    """Return which part of a sheet is its table; ``None`` for an empty one.

    Few cells that an empty column parts from the table are no part of it where nothing stands above them in its first
    row, or where they lie far away; nor are few cells far below it, or a remark of single cells right below.
    """
    if not extent.rows or not extent.in_column:
        return None
    columns = _runs(sorted(extent.in_column), extent.in_column)
    main = max(columns, key=lambda run: run.cells)
    gone = _stray_columns(columns, main, extent)
    kept, below = _without_stray_rows(extent, is_wide=main.last > main.first)
    cells = [f"{column_letters(column)}{extent.top[column]}" for column in sorted(gone)]
    named = {extent.top[column] for column in gone}
    cells += [f"A{run.first}" for run in below if run.first not in named]
    return Table(kept[0].first, kept[-1].last, frozenset(extent.in_column.keys() - gone), tuple(cells))


def _runs(columns: Sequence[int], cells: Counter[int]) -> list[_Run]:
    runs: list[_Run] = []
    for column in columns:
        if runs and column == runs[-1].last + 1:
            runs[-1] = _Run(runs[-1].first, column, runs[-1].cells + cells[column], max(runs[-1].widest, cells[column]))
        else:
            runs.append(_Run(column, column, cells[column], cells[column]))
    return runs


def _stray_columns(runs: Sequence[_Run], main: _Run, extent: SheetExtent) -> frozenset[int]:
    rows = sum(run.last - run.first + 1 for run in extent.rows)
    head = max(extent.rows, key=lambda run: run.cells).first
    stray = [run for run in runs if run is not main and _is_stray_beside(run, main, extent, rows=rows, head=head)]
    if sum(run.cells for run in stray) > max(FEW_CELLS, MOST_SHARE * extent.cells):
        return frozenset()
    return frozenset(column for run in stray for column in range(run.first, run.last + 1))


def _is_stray_beside(run: _Run, main: _Run, extent: SheetExtent, *, rows: int, head: int) -> bool:
    if run.widest > max(FEW_CELLS, FEW_SHARE * rows):
        return False
    gap = max(run.first - main.last, main.first - run.last) - 1
    has_name = any(extent.top[column] == head for column in range(run.first, run.last + 1))
    return gap >= FAR or not has_name


def _without_stray_rows(extent: SheetExtent, *, is_wide: bool) -> tuple[list[_Run], list[_Run]]:
    """Return the runs of rows of the table, and those at the end of the sheet that are no part of it."""
    kept, left_out = list(extent.rows), 0
    below: list[_Run] = []
    while len(kept) > 1:
        last, before = kept[-1], kept[-2]
        left_out += last.cells
        is_remark = is_wide and last.widest == 1 and last.last - last.first < MOST_ROWS_BELOW
        is_far = last.first - before.last > FAR
        if not (is_remark or is_far) or left_out > max(FEW_CELLS, FEW_SHARE * extent.cells):
            break
        below.insert(0, kept.pop())
    return kept, below
