"""Performance windows: which months of observation are closed, and what each month holds."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.parts import parts_of
from experiments.data.sample.definition import SampleDefinition, refuse_faults
from experiments.data.sample.rules import day_of
from experiments.data.schema import read_schema
from experiments.data.stray_dates import believable_span
from experiments.paths import AnyPath

__all__ = ["newest_month_end"]

CELLS_AT_ONCE = 8_000_000
MOST_ROWS_AT_ONCE = 500_000


@dataclass
class MonthCounts:
    """Rows and events by month of observation, and which months are closed."""

    closed: frozenset[str]
    rows: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)

    def add(self, months: pl.Series, events: pl.Series) -> None:
        """Count a part of the rows."""
        counted = pl.DataFrame({"month": months, "event": events}).drop_nulls("month").group_by("month")
        for month, rows, happened in counted.agg(pl.len(), pl.col("event").sum().alias("events")).iter_rows():
            self.rows[month] = self.rows.get(month, 0) + rows
            self.events[month] = self.events.get(month, 0) + int(happened)

    def listed(self) -> list[dict[str, Any]]:
        """Return the months in order, as JSON-ready plain data."""
        return [
            {"period": month, "rows": self.rows[month], "events": self.events[month],
             "is_mature": month in self.closed}
            for month in sorted(self.rows)
        ]  # fmt: skip


def parts_in_bounds(table: pq.ParquetFile) -> Iterator[pa.Table]:
    """Yield the rows in parts of a bounded number of cells."""
    at_once = min(MOST_ROWS_AT_ONCE, max(1_000, CELLS_AT_ONCE // max(1, table.metadata.num_columns)))
    return parts_of(table, rows=at_once)


def count_months(
    frame: pl.DataFrame, kept: pl.Series, is_event: pl.Series, months: MonthCounts, definition: SampleDefinition
) -> None:
    """Count the rows that are kept by their month of observation, where one is known."""
    if definition.observed_at:
        months.add(months_of(frame[definition.observed_at]).filter(kept), is_event.filter(kept))


def closed_months(source: Path, definition: SampleDefinition) -> tuple[str | None, frozenset[str]]:
    """Return the date the outcome is known until and the months whose last observation has its whole window before it.

    A month is left out as a whole, so that no month's rate mixes mature customers with immature ones.
    """
    if not definition.observed_at:
        return definition.known_until, frozenset()
    days = pl.col(definition.observed_at)
    last_days = (
        pl.scan_parquet(source)
        .select(days.dt.strftime("%Y-%m").alias("month"), days.dt.date().alias("day"))
        .drop_nulls()
        .group_by("month")
        .agg(pl.col("day").max(), pl.len().alias("rows"))
        .sort("month")
        .collect(engine="streaming")
    )
    newest = _newest_believable(last_days)
    until = day_of(definition.known_until) if definition.known_until else newest
    if not isinstance(until, date):
        return None, frozenset()
    window = f"{definition.performance_months or 0}mo"
    closed = last_days.filter(pl.col("day").dt.offset_by(window) <= until)["month"]
    return until.isoformat(), frozenset(closed.to_list())


def newest_month_end(source: AnyPath, observed_at: str) -> str | None:
    r"""Return the last day of the newest month that has observations; ``None`` without any.

    Parameters
    ----------
    source : path of the table. observed_at : its column of observation dates.

    Returns
    -------
    str or None
        An ISO date.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("day,bad\n2025-01-03,1\n2025-02-07,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> newest_month_end(folder / "a.parquet", "day")
    '2025-02-28'
    """
    source = Path(source)
    schema = read_schema(source)
    refuse_faults(SampleDefinition(observed_at=observed_at), schema)
    until, _ = closed_months(source, SampleDefinition(observed_at=observed_at))
    if until is None:
        return None
    newest = date.fromisoformat(until)
    return newest.replace(day=monthrange(newest.year, newest.month)[1]).isoformat()


def _newest_believable(last_days: pl.DataFrame) -> date | None:
    """Return the last day of the newest month, leaving out typing errors and placeholder dates such as 9999-12-31."""
    months = last_days["day"].to_numpy().astype("datetime64[M]")
    span = believable_span(months, last_days["rows"].to_numpy())
    if span is None:
        return None
    newest = last_days.filter(pl.Series(months <= span[1]))["day"].max()
    return newest if isinstance(newest, date) else None


def months_of(days: pl.Series) -> pl.Series:
    """Return the month of each day as ``YYYY-MM``."""
    return days.dt.strftime("%Y-%m")
