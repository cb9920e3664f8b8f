"""A version's whole table as a CSV that streams: nothing that a spreadsheet runs, nothing that tells of a person."""

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from accounts.permissions import can_unmask
from audit import services as audit
from catalog.models import ColumnRole, DatasetVersion
from common.storage import local_path
from dictionary.queries import sensitive_columns
from experiments.privacy.masking import masked
from experiments.writing.formula_guard import guarded

ROWS_A_PART = 20_000
HIDDEN = "***"
CONTENT_TYPE = "text/csv; charset=utf-8"


def download(version: DatasetVersion, user: User) -> Iterator[bytes]:
    """Put the download on record and return the table part by part, headings first.

    Columns of persons are in the table as they are protected. Those that the dictionary calls sensitive are hidden
    from whoever may not see personal data; in other texts, but for ids, what looks like a person's number is masked.
    """
    hidden = set() if can_unmask(user, version) else sensitive_columns(version.dataset)
    details = {"rows": version.row_count, "columns": version.column_count, "hidden": sorted(hidden)}
    audit.record(user, "dataset.downloaded", workspace=version.dataset.workspace, obj=version, details=details)
    return _parts(version, hidden, _ids_of(version))


def _parts(version: DatasetVersion, hidden: set[str], ids: set[str]) -> Iterator[bytes]:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    def written(frame: Any, *, with_headings: bool) -> bytes:
        safe = frame.with_columns(
            *(pl.lit(HIDDEN).alias(name) for name in frame.columns if name in hidden),
            *(_safe(frame[name], is_id=name in ids) for name in _texts(frame) if name not in hidden),
        ).rename({name: guarded(name) for name in frame.columns})
        return str(safe.write_csv(include_header=with_headings)).encode()

    with pq.ParquetFile(local_path(version.parquet_path)) as table:
        # Excel reads Chinese only behind a byte order mark.
        yield b"\xef\xbb\xbf"
        yield written(pl.DataFrame(table.schema_arrow.empty_table()), with_headings=True)
        for batch in table.iter_batches(batch_size=ROWS_A_PART):
            yield written(pl.DataFrame(pa.Table.from_batches([batch])), with_headings=False)


def _texts(frame: Any) -> list[str]:
    return [name for name, dtype in frame.schema.items() if str(dtype) in ("String", "Categorical")]


def _safe(values: Any, *, is_id: bool) -> Any:
    """Mask and guard each different text once."""
    import polars as pl

    texts = values.cast(pl.String)
    different = texts.drop_nulls().unique().to_list()
    safe = {text: guarded(text if is_id else masked(text)) for text in different}
    changed = {text: told for text, told in safe.items() if told != text}
    return texts.replace(changed).alias(values.name) if changed else texts


def _ids_of(version: DatasetVersion) -> set[str]:
    """Return the columns that tell customers apart: what they are joined by leaves as it is."""
    keys = (ColumnRole.ID, ColumnRole.GROUP)
    proposed = set(version.columns.filter(proposed_role__in=keys).values_list("name", flat=True))
    decided = dict(version.dataset.column_settings.exclude(role="").values_list("name", "role"))
    chosen = {name for name, role in decided.items() if role in keys}
    return chosen | {name for name in proposed if decided.get(name, ColumnRole.ID) in keys}
