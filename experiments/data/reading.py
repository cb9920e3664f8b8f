"""Reads any file a bank sends into one typed Parquet: streaming, all or nothing, with a sentence where it cannot."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from experiments.data.container import LARGEST_UNPACKED, FileFormat, open_container
from experiments.data.decoding import decode_text
from experiments.data.delimited import DATA_IN_HEADER, NO_ROWS, Note, find_layout, tidy_names
from experiments.data.ingestion import Ingestion, OnIngest
from experiments.data.schema import ColumnSchema, ColumnTypeName
from experiments.data.sources import CsvSource, ParquetSource, Source
from experiments.data.workbook import workbook_to_csv
from experiments.errors import BadInput, gettext_noop

FORMAT_OF_ENDING = {"csv": "csv", "txt": "csv", "tsv": "csv", "xlsx": "xlsx", "xls": "xlsx", "parquet": "parquet"}

DISK_FULL = gettext_noop(
    "The disk of the server is full, so %(file)s could not be stored. Nothing was kept of it. Free some space, or ask "
    "the administrator to, and upload the file again."
)
NOT_FOUND = gettext_noop("The file %(file)s cannot be opened. Check its path and that it may be read.")
REALLY_ANOTHER = gettext_noop("The file is called %(file)s but is really %(format)s; it was read as that.")
NOT_UTF8 = gettext_noop("The file is not UTF-8; it was read as %(encoding)s.")


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
        opened = _open_source(path, file_format, name, work, encoding, delimiter)
        report = _ingest(opened, file_format, work / "table.parquet", name, on_progress, types or {})
        _move_into_place(work / "table.parquet", destination)
    on_progress(1.0, report.row_count)
    return report


@contextlib.contextmanager
def _plain_failures(name: str) -> Iterator[None]:
    """Say in plain words what the file system complained about."""
    try:
        yield
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise BadInput(NOT_FOUND, file=name) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BadInput(DISK_FULL, file=name) from error
        raise


@dataclass(frozen=True)
class _Opened:
    """A source with what was found out on the way to it."""

    source: Source
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[Note, ...] = ()


def _open_source(
    path: Path, file_format: FileFormat, name: str, work: Path, encoding: str | None, delimiter: str | None
) -> _Opened:
    notes = _note_on_name(name, file_format)
    if file_format == "parquet":
        return _Opened(ParquetSource(path, name), notes=notes)
    if file_format == "xlsx":
        as_csv = work / "sheet.csv"
        sheet_notes = workbook_to_csv(path, as_csv, name=name)
        opened = _open_csv(as_csv, name, work, "utf-8", ",")
        return _Opened(opened.source, notes=(*notes, *sheet_notes, *opened.notes))
    opened = _open_csv(path, name, work, encoding, delimiter)
    return replace(opened, notes=(*notes, *opened.notes))


def _note_on_name(name: str, file_format: FileFormat) -> tuple[Note, ...]:
    ending = name.lower().removesuffix(".gz").removesuffix(".zip").rpartition(".")[2]
    claimed = FORMAT_OF_ENDING.get(ending)
    if claimed is None or claimed == file_format:
        return ()
    words = {"csv": "CSV", "xlsx": "Excel (.xlsx)", "parquet": "Parquet"}
    return (Note(REALLY_ANOTHER, {"file": name, "format": words[file_format]}),)


def _open_csv(path: Path, name: str, work: Path, encoding: str | None, delimiter: str | None) -> _Opened:
    text = decode_text(path, name=name, work=work, encoding=encoding)
    layout = find_layout(text.path, name=name, delimiter=delimiter)
    notes = [Note(DATA_IN_HEADER, {})] if layout.looks_like_data else []
    if text.encoding not in ("utf-8", "utf-8-sig"):
        notes.append(Note(NOT_UTF8, {"encoding": text.encoding.upper()}))
    source = CsvSource(text.path, layout, name, text.has_odd_quotes)
    return _Opened(source, text.encoding, layout.delimiter, tuple(notes))


def _ingest(
    opened: _Opened,
    file_format: FileFormat,
    target: Path,
    name: str,
    on_progress: OnIngest,
    types: Mapping[str, ColumnTypeName],
) -> IngestReport:
    names, naming_notes = tidy_names(opened.source.labels)
    ingestion = Ingestion(opened.source, names, types, on_progress)
    rows = ingestion.write(target)
    if rows == 0:
        raise BadInput(NO_ROWS, file=name)
    notes = (*opened.notes, *naming_notes, *ingestion.notes())
    return IngestReport(file_format, opened.encoding, opened.delimiter, rows, ingestion.schema(), notes)


def _move_into_place(written: Path, destination: Path) -> None:
    with written.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(written, destination)
