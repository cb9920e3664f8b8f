"""The two sides of a comparison, read part by part: rows of a table, and one column's values counted."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from experiments.data.parts import parts_of
from experiments.data.schema import ColumnSchema, read_schema
from experiments.data.tally import NumberTally, WordTally, quantile

ROWS_AT_ONCE = 500_000
CELLS_AT_ONCE = 8_000_000
COLUMNS_AT_ONCE = 200
LEVELS_COMPARED = 1_000


class TableSide:
    """A Parquet file, from some row on."""

    def __init__(self, parquet: Path, first_row: int = 0) -> None:
        self.parquet = parquet
        self.first_row = first_row
        self.schema = {column.name: column for column in read_schema(parquet)}
        self.rows = pq.read_metadata(parquet).num_rows - first_row

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield the rows in parts of a bounded number of cells."""
        size = max(1_000, min(ROWS_AT_ONCE, CELLS_AT_ONCE // max(1, len(columns))))
        with pq.ParquetFile(self.parquet) as table:
            start, groups = 0, []
            for number in range(table.num_row_groups):
                rows = table.metadata.row_group(number).num_rows
                if start + rows > self.first_row:
                    groups.append(number)
                elif not groups:
                    start += rows
            skip = self.first_row - start
            for part in parts_of(table, columns, rows=size, groups=groups):
                frame = pl.DataFrame(part).slice(min(skip, part.num_rows))
                skip = max(0, skip - part.num_rows)
                if frame.height:
                    yield frame


class ColumnTally:
    """Counts of one column on one side."""

    def __init__(self, column: ColumnSchema, specials: Sequence[float | str]) -> None:
        self.column = column
        self.is_date = column.type == "date"
        self.is_number = column.type in ("numeric", "date")
        self.specials = [value for value in specials if isinstance(value, int | float)] if self.is_number else []
        self.rows = self.missing = 0
        self.special_rows = [0] * len(self.specials)
        self.numbers, self.words = NumberTally(), WordTally()

    def add(self, values: pl.Series) -> None:
        """Count a part of the column."""
        self.rows += len(values)
        self.missing += values.null_count()
        present = values.drop_nulls()
        if not self.is_number:
            self.words.add(present.cast(pl.String))
            return
        numbers = present.cast(pl.Int64) if self.is_date else present
        for place, code in enumerate(self.specials):
            self.special_rows[place] += int((numbers == code).sum())
        if self.specials:
            numbers = numbers.filter(~numbers.is_in(self.specials))
        self.numbers.add(numbers.sort().to_numpy())

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def missing_share(self) -> float:
        """Share of the rows without a value."""
        return self.missing / self.rows if self.rows else 0.0

    @property
    def distinct(self) -> int:
        """Number of different values."""
        return self.numbers.distinct if self.is_number else self.words.distinct

    def levels(self, limit: int) -> dict[str, int]:
        """Return the most frequent words and their rows."""
        return dict(self.words.most_frequent(limit)) if self.words.rows else {}

    def at(self, share: float) -> float | None:
        """Return a quantile of the ordinary values."""
        return float(quantile(self.numbers.points, share)) if self.numbers.rows else None

    def rows_with(self, value: str) -> int:
        """Return the rows whose value reads like this."""
        if not self.is_number:
            return self.levels(LEVELS_COMPARED).get(value, 0)
        try:
            number = float(value)
        except ValueError:
            return 0
        values, counts = self.numbers.counted
        specials = sum(rows for code, rows in zip(self.specials, self.special_rows, strict=True) if code == number)
        return int(counts[values == number].sum()) + specials


def blocks_of(names: Sequence[str], *, rows: int) -> Iterator[Sequence[str]]:
    """Yield columns in blocks of which a part of so many rows is a bounded number of cells."""
    size = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // min(max(rows, 1), ROWS_AT_ONCE)))
    for start in range(0, len(names), size):
        yield names[start : start + size]
