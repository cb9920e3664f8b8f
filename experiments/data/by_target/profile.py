"""Sets every column against the target over all rows, part by part."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from experiments.data.by_target.counters import ColumnCounter, NumberCounter, WordCounter
from experiments.data.by_target.rows import UNLABELLED, TargetRows, blocks_of, parts_with_start, read_rows
from experiments.data.schema import ColumnSchema, read_schema
from experiments.meant import refuse_column
from experiments.paths import AnyPath

__all__ = ["profile_by_target"]

WORKERS = 2
GROUPS_LOOKED_AT = 8
ROWS_LOOKED_AT = 200_000
BASELINE_SHARE = 0.2


def profile_by_target(
    parquet: AnyPath,
    target: str,
    *,
    event: str,
    time_column: str | None = None,
    columns: Sequence[str] | None = None,
    special_values: Mapping[str, Sequence[float | str]] | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> dict[str, Any]:
    r"""Set each column of an ingested table against the target.

    All counts are over all rows. Where a column is cut is read from up to 200,000 rows spread over the file: up to
    ten bins of about equal size, a level each for up to nine words, and bins of their own for missing and for each
    special value. Memory holds a few bytes a row and a few columns of half a million rows, whatever the size.

    Parameters
    ----------
    target, event : the column and its value, as text, that counts as the event; other values count as none, a missing
        one leaves the row out of the rates (not out of the PSI).
    time_column : a date column; the PSI compares each month (quarter or year where there are more than 36) with the
        first ones, which hold a fifth of the rows at least.
    columns : those to look at; all but target and time column when ``None``.
    special_values : values that get a bin of their own, by column.

    Returns
    -------
    dict
        JSON-ready: ``rows``, ``labelled``, ``events``, ``rate``, ``periods`` (name, rows, events, is_baseline), and
        ``columns``, each with ``bins`` (rows, events, rate and its 95 % Jeffreys interval), ``iv`` above its noise
        floor ``iv_floor``, ``auc`` alone (0.5 to 1, direction does not count), ``rises`` (whether high values have
        more events, ``None`` for words), ``histogram`` (events and others), ``psi`` and ``psi_limit`` a period.

    Raises
    ------
    BadInput : a column that is not there, a target with more than two values or without the event.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> found = profile_by_target(folder / "a.parquet", "bad", event="1")
    >>> found["rows"], found["events"], [column["name"] for column in found["columns"]]
    (3, 1, ['age', 'city'])
    """
    parquet = Path(parquet)
    schema = {column.name: column for column in read_schema(parquet)}
    for name in (target, *(columns or ()), *([time_column] if time_column else [])):
        if name not in schema:
            refuse_column(name, list(schema))
    wanted = [schema[name] for name in columns or schema if columns or name not in (target, time_column)]
    with pq.ParquetFile(parquet) as table, ThreadPoolExecutor(WORKERS) as pool:
        rows = read_rows(table, target, event, time_column)
        baseline = _baseline(rows)
        found: list[dict[str, Any]] = []
        for block in blocks_of(wanted, len(rows.answers)):
            counters = _counters(table, block, special_values or {}, rows)
            for start, frame in parts_with_start(table, [column.name for column in block]):
                list(pool.map(lambda counter, frame=frame, start=start: counter.add(frame, start), counters))
            found += [counter.finish(baseline) for counter in counters]
            on_progress(len(found) / max(1, len(wanted)))
    return {**_totals(rows, baseline), "target": target, "event": event, "columns": found}


def _baseline(rows: TargetRows) -> np.ndarray:
    """Return which periods, from the first on, hold a fifth of the dated rows."""
    sizes = np.bincount(rows.periods[rows.periods >= 0], minlength=len(rows.period_names))
    before = np.cumsum(sizes) - sizes
    return before < BASELINE_SHARE * sizes.sum()


def _totals(rows: TargetRows, baseline: np.ndarray) -> dict[str, Any]:
    labelled, events = int((rows.answers != UNLABELLED).sum()), int((rows.answers == 1).sum())
    count = len(rows.period_names)
    sizes = np.bincount(rows.periods + 1, minlength=count + 1)[1:]
    happened = np.bincount(rows.periods[rows.answers == 1] + 1, minlength=count + 1)[1:]
    periods = [
        {"name": name, "rows": int(size), "events": int(number), "is_baseline": bool(first)}
        for name, size, number, first in zip(rows.period_names, sizes, happened, baseline, strict=True)
    ]
    return {
        "rows": len(rows.answers),
        "labelled": labelled,
        "events": events,
        "rate": events / labelled if labelled else None,
        "periods": periods,
    }


def _counters(
    table: pq.ParquetFile,
    block: Sequence[ColumnSchema],
    special_values: Mapping[str, Sequence[float | str]],
    rows: TargetRows,
) -> list[ColumnCounter]:
    groups = np.unique(np.linspace(0, table.num_row_groups - 1, GROUPS_LOOKED_AT).astype(int)).tolist()
    looked_at = pl.DataFrame(table.read_row_groups(groups, columns=[column.name for column in block]))
    sample = looked_at.gather_every(max(1, looked_at.height // ROWS_LOOKED_AT))
    return [
        (NumberCounter if column.type in ("numeric", "date") else WordCounter)(
            column, sample[column.name], special_values.get(column.name, ()), rows
        )
        for column in block
    ]
