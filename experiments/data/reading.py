"""Reads any file a bank sends into one typed Parquet: streaming, all or nothing, with a sentence where it cannot."""

import contextlib
import errno
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from experiments.data.container import CUT_OFF, LARGEST_UNPACKED, FileFormat, open_container
from experiments.data.decoding import decode_text
from experiments.data.delimited import DATA_IN_HEADER, LONGEST_LINE, NO_ROWS, Note, find_layout, line_error, tidy_names
from experiments.data.schema import SCHEMA_KEY, ColumnSchema, ColumnTypeName, schema_json
from experiments.data.type_inference import ColumnPlan, infer_types
from experiments.data.workbook import workbook_to_csv
from experiments.errors import BadInput, gettext_noop

MEMORY_LIMIT = "4GB"
POLL_SECONDS = 0.2
OnIngest = Callable[[float, int], None]

DISK_FULL = gettext_noop(
    "The disk of the server is full, so %(file)s could not be stored. Nothing was kept of it. Free some space, or ask "
    "the administrator to, and upload the file again."
)
NOT_FOUND = gettext_noop("The file %(file)s cannot be opened. Check its path and that it may be read.")
REALLY_ANOTHER = gettext_noop("The file is called %(file)s but is really %(format)s; it was read as that.")
SURE_ENCODING = gettext_noop("The file is not UTF-8; it was read as %(encoding)s.")


@dataclass(frozen=True)
class IngestReport:
    """What was found in a file and what became of it.

    Attributes
    ----------
    file_format : ``csv``, ``xlsx`` or ``parquet``, by its content.
    encoding, delimiter : of a CSV; empty for the others.
    row_count : rows of data. columns : in the file's order. notes : what reading changed or assumed.
    """

    file_format: FileFormat
    encoding: str
    delimiter: str
    row_count: int
    columns: tuple[ColumnSchema, ...]
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready plain data."""
        return {
            "file_format": self.file_format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "row_count": self.row_count,
            "columns": [column.to_dict() for column in self.columns],
            "notes": [note.to_dict() for note in self.notes],
        }


@dataclass(frozen=True)
class _Relation:
    """A table DuckDB can read: SQL to stand after FROM, and ``(column in SQL, label, DuckDB type)`` of each column."""

    sql: str
    columns: list[tuple[str, str, str]]
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[Note, ...] = ()


def no_progress(fraction: float, rows: int) -> None:
    """Listen to nothing."""


def ingest_file(
    source: Path,
    destination: Path,
    *,
    file_name: str | None = None,
    on_progress: OnIngest = no_progress,
    max_bytes: int = LARGEST_UNPACKED,
    types: Mapping[str, ColumnTypeName] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> IngestReport:
    """Read a CSV, xlsx or Parquet file (or a zip or gzip of one) into one Parquet with typed columns.

    The rows keep their order. Memory stays bounded whatever the size. ``destination`` appears whole or not at all.

    Parameters
    ----------
    file_name : the name people know the file by, for the sentences; the source's own when ``None``.
    on_progress : called with the share done (0 to 1) and the rows so far; may raise to stop.
    max_bytes : largest size accepted, unpacked.
    types : types known already, by column name, as when a file is scored; the others are inferred from all rows.
    encoding, delimiter : set these to overrule what is found.

    Raises
    ------
    BadInput : the file cannot be used; the sentence says what is wrong, where, and what to do.
    """
    name = file_name or Path(source).name
    with _plain_failures(name), tempfile.TemporaryDirectory(prefix=".ingest-", dir=destination.parent) as folder:
        work = Path(folder)
        on_progress(0.0, 0)
        path, file_format = open_container(Path(source), name=name, work=work, max_bytes=max_bytes)
        with _connect(work) as connection:
            relation = _open_relation(connection, path, file_format, name, work, encoding, delimiter)
            report = _ingest(connection, relation, file_format, work / "table.parquet", name, on_progress, types)
        _move_into_place(work / "table.parquet", destination)
    on_progress(1.0, report.row_count)
    return report


@contextlib.contextmanager
def _plain_failures(name: str) -> Iterator[None]:
    """Say in plain words what the disk or DuckDB complained about."""
    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.SerializationException) as error:
        raise line_error(str(error), name=name) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if "o space left" in str(error) or "disk" in str(error).lower():
            raise BadInput(DISK_FULL, file=name) from error
        raise
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise BadInput(NOT_FOUND, file=name) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BadInput(DISK_FULL, file=name) from error
        raise


def _connect(work: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(work / "spill"),
            "preserve_insertion_order": "true",
            "autoinstall_known_extensions": "false",
        }
    )


def _open_relation(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    file_format: FileFormat,
    name: str,
    work: Path,
    encoding: str | None,
    delimiter: str | None,
) -> _Relation:
    notes = _note_on_name(name, file_format)
    if file_format == "parquet":
        return _open_parquet(connection, path, name, notes)
    if file_format == "xlsx":
        as_csv = work / "sheet.csv"
        notes += workbook_to_csv(path, as_csv, name=name)
        relation = _open_csv(as_csv, name, work, "utf-8", ",")
        return _Relation(relation.sql, relation.columns, notes=(*notes, *relation.notes))
    relation = _open_csv(path, name, work, encoding, delimiter)
    return _Relation(relation.sql, relation.columns, relation.encoding, relation.delimiter, (*notes, *relation.notes))


def _note_on_name(name: str, file_format: FileFormat) -> list[Note]:
    ending = name.lower().removesuffix(".gz").removesuffix(".zip").rpartition(".")[2]
    claimed = {"csv": "csv", "txt": "csv", "tsv": "csv", "xlsx": "xlsx", "xls": "xlsx", "parquet": "parquet"}.get(ending)
    if claimed is None or claimed == file_format:
        return []
    words = {"csv": "CSV", "xlsx": "Excel (.xlsx)", "parquet": "Parquet"}
    return [Note(REALLY_ANOTHER, {"file": name, "format": words[file_format]})]


def _open_csv(path: Path, name: str, work: Path, encoding: str | None, delimiter: str | None) -> _Relation:
    text = decode_text(path, name=name, work=work, encoding=encoding)
    layout = find_layout(text.path, name=name, delimiter=delimiter)
    notes = [Note(DATA_IN_HEADER, {})] if layout.looks_like_data else []
    if text.encoding not in ("utf-8", "utf-8-sig"):
        notes.append(Note(SURE_ENCODING, {"encoding": text.encoding.upper()}))
    columns = [(f"f{number}", label, "VARCHAR") for number, label in enumerate(layout.header)]
    struct = ", ".join(f"'{column}': 'VARCHAR'" for column, _, _ in columns)
    sql = (
        f"read_csv({_literal(str(text.path))}, auto_detect=false, header=true, delim={_literal(layout.delimiter)}, "
        f"quote='\"', escape='\"', max_line_size={LONGEST_LINE}, columns={{{struct}}})"
    )
    return _Relation(sql, columns, text.encoding, layout.delimiter, tuple(notes))


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, name: str, notes: list[Note]) -> _Relation:
    table = f"read_parquet({_literal(str(path))})"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608
    except duckdb.Error as error:
        # The table of contents stands at the end of a Parquet file: without it, the end is missing.
        raise BadInput(CUT_OFF, file=name) from error
    columns = [(f"f{number}", row[0], row[1]) for number, row in enumerate(described)]
    renamed = ", ".join(f'"{label.replace(chr(34), chr(34) * 2)}" AS {column}' for column, label, _ in columns)
    return _Relation(f"(SELECT {renamed} FROM {table})", columns, notes=tuple(notes))  # noqa: S608


def _ingest(
    connection: duckdb.DuckDBPyConnection,
    relation: _Relation,
    file_format: FileFormat,
    target: Path,
    name: str,
    on_progress: OnIngest,
    types: Mapping[str, ColumnTypeName] | None,
) -> IngestReport:
    labels = [label for _, label, _ in relation.columns]
    names, naming_notes = tidy_names(labels)
    named = [(column, new, type_) for (column, _, type_), new in zip(relation.columns, names, strict=True)]
    with _watched(connection, on_progress, 0.0, 0.5):
        plans = infer_types(connection, relation.sql, named, types)
    columns = tuple(
        ColumnSchema(name=new, label=label or new, type=plan.type)
        for new, label, plan in zip(names, labels, plans, strict=True)
    )
    with _watched(connection, on_progress, 0.5, 1.0):
        rows = _write_parquet(connection, relation, names, plans, columns, target)
    if rows == 0:
        raise BadInput(NO_ROWS, file=name)
    notes = (*relation.notes, *naming_notes, *(note for plan in plans for note in plan.notes))
    return IngestReport(file_format, relation.encoding, relation.delimiter, rows, columns, notes)


def _write_parquet(
    connection: duckdb.DuckDBPyConnection,
    relation: _Relation,
    names: list[str],
    plans: list[ColumnPlan],
    columns: tuple[ColumnSchema, ...],
    target: Path,
) -> int:
    selected = ", ".join(
        f"{plan.sql.replace('{raw}', column)} AS {_identifier(name)}"
        for (column, _, _), name, plan in zip(relation.columns, names, plans, strict=True)
    )
    done = connection.execute(
        f"COPY (SELECT {selected} FROM {relation.sql}) TO {_literal(str(target))} "  # noqa: S608
        f"(FORMAT parquet, COMPRESSION snappy, KV_METADATA {{'{SCHEMA_KEY}': {_literal(schema_json(columns))}}})"
    ).fetchone()
    return int(done[0]) if done else 0


@contextlib.contextmanager
def _watched(
    connection: duckdb.DuckDBPyConnection, on_progress: OnIngest, start: float, end: float
) -> Iterator[None]:
    """Report DuckDB's progress from beside the query; what the listener raises interrupts it."""
    stop = threading.Event()
    raised: list[BaseException] = []

    def watch() -> None:
        while not stop.wait(POLL_SECONDS):
            share = max(0.0, float(connection.query_progress()) / 100)
            try:
                on_progress(start + min(1.0, share) * (end - start), 0)
            except BaseException as error:
                raised.append(error)
                connection.interrupt()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException:
        if not raised:
            raise
    finally:
        stop.set()
        watcher.join()
    if raised:
        raise raised[0]


def _move_into_place(written: Path, destination: Path) -> None:
    with written.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(written, destination)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
