"""The table a check looks at and a run learns from: the version's, or one made of it with rows and types decided."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from catalog import storage
from catalog.models import DataCheck
from experiments.data.sample import SampleDefinition, build_sample, definition_hash
from experiments.data.table import read_parquet

# Leaks are looked for in the whole table, or in rows from all over one that memory could not hold.
MOST_CELLS = 40_000_000
ROWS_AT_ONCE = 100_000


def path_of(check: DataCheck) -> Path:
    """Return where the rows of a check's question are."""
    return storage.absolute(check.table.get("path") or check.version.parquet_path)


def definition_of(check: DataCheck) -> SampleDefinition:
    return SampleDefinition.from_dict(check.sample)


def types_of(check: DataCheck) -> dict[str, Any]:
    """Return the types people decided on, by column."""
    return dict(check.columns.exclude(type="").values_list("column__name", "type"))


def make_table(
    check: DataCheck, event: str | None, on_progress: Callable[[float], None]
) -> list[dict[str, Any]] | None:
    """Make the check's own table where its rows or types are not the file's, and keep how it was made.

    Returns the months of observation with their maturity, ``None`` where no date says so. The check is not saved.

    Raises
    ------
    BadInput : the definition does not fit the table, or leaves no row.
    """
    definition, types = definition_of(check), types_of(check)
    before = check.table.get("path")
    if definition.leaves_all_rows and not types:
        check.table, check.waterfall = {}, []
        _forget(check, before)
        return None
    made_of = definition_hash(definition, types, check.version.parquet_sha256 or check.version.sha256)
    path = str(Path(check.version.parquet_path).parent / f"check-{check.pk}-{made_of[:12]}.parquet")
    report = build_sample(
        storage.absolute(check.version.parquet_path),
        storage.absolute(path),
        definition,
        target=check.target,
        event=event,
        types=types,
        on_progress=on_progress,
    )
    check.waterfall = [] if definition.leaves_all_rows else report.waterfall
    check.table = {
        "path": path,
        "sha256": report.sha256,
        "rows": report.rows,
        "known_until": report.known_until,
        "indeterminate_share": report.indeterminate_share,
        "lineage": {
            "version": check.version_id,
            "source_sha256": check.version.sha256,
            "steps": [{"step": "sample", **definition.to_dict()}, {"step": "types", "columns": types}],
        },
    }
    if before != path:
        _forget(check, before)
    return report.months if definition.performance_months else None


def _forget(check: DataCheck, path: str | None) -> None:
    """Remove a table nobody needs any more; a copy of the check may still rest on it."""
    if path and not DataCheck.objects.exclude(pk=check.pk).filter(table__path=path).exists():
        storage.absolute(path).unlink(missing_ok=True)


def read_rows(parquet: Path) -> pd.DataFrame:
    """Return the whole table, or rows at even distances over one that is too large to hold."""
    metadata = pq.read_metadata(parquet)
    most = max(10_000, MOST_CELLS // max(1, metadata.num_columns))
    if metadata.num_rows <= most:
        return read_parquet(parquet)
    step = -(-metadata.num_rows // most)
    return pd.concat(list(_thinned(parquet, step)), ignore_index=True)


def _thinned(parquet: Path, step: int) -> Iterator[pd.DataFrame]:
    start = 0
    with pq.ParquetFile(parquet) as table:
        at_once = max(1_000, min(ROWS_AT_ONCE, MOST_CELLS // 4 // max(1, table.metadata.num_columns)))
        for batch in table.iter_batches(batch_size=at_once):
            places = np.arange(-start % step, batch.num_rows, step)
            start += batch.num_rows
            frame = pa.Table.from_batches([batch]).take(places).to_pandas()
            texts = [name for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype)]
            for name in texts:
                frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
            yield frame
