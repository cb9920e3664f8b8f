"""Reads any file a bank sends into one typed Parquet: streaming, all or nothing, with a sentence where it cannot."""

import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.data.reading_notes import Note
from experiments.data.schema import ColumnReading, ColumnSchema, ColumnTypeName, DecimalMark
from experiments.data.workspace import open_workspace
from experiments.disk import is_disk_full
from experiments.errors import BadInput, gettext_noop
from experiments.features.contradictions import Contradictions
from experiments.ingest.column_names import keep_names, some_names, tidy_names
from experiments.ingest.container import TOO_MANY_COLUMNS, FileFormat, PlainFile, ReadingLimits, open_container
from experiments.ingest.decoding import OnBrokenBytes, decode_text
from experiments.ingest.delimited import NO_ROWS, find_layout
from experiments.ingest.ingestion import Ingestion, OnIngest
from experiments.ingest.sheet_extent import LAST_ROW
from experiments.ingest.sources import CombinedSource, CsvSource, ParquetSource, Source
from experiments.ingest.totals import Totals, WithoutTotals, without_totals
from experiments.ingest.workbook import workbook_to_csv
from experiments.paths import AnyPath

__all__ = ["IngestReport", "ReadingOptions", "SourceFile", "ingest_file", "ingest_files"]

FORMAT_OF_ENDING = {"csv": "csv", "txt": "csv", "tsv": "csv", "xlsx": "xlsx", "xls": "xls", "parquet": "parquet"}

DISK_FULL = gettext_noop(
    "The server's disk is full, so %(file)s could not be read to the end. The file itself is intact: free some "
    "space, or ask the administrator to, then read it again."
)
NOT_FOUND = gettext_noop("The file %(file)s cannot be opened. Check its path and your permission to read it.")
REALLY_ANOTHER = gettext_noop("The file is called %(file)s but is really %(format)s; it was read as %(format)s.")
NOT_UTF8 = gettext_noop("The file is not UTF-8; it was read as %(encoding)s.")
FULL_TEXT = gettext_noop(
    "The file %(file)s has exactly %(row)s lines, the most an Excel sheet can hold: rows were probably cut off "
    "when it was saved there. Export the table again without Excel."
)
SEVERAL_FILES = gettext_noop("%(count)s files with the same layout were read as one table: %(files)s.")
NAME_TAKEN = gettext_noop(
    "The files already have a column named %(column)s. Choose another name for the column that says which file a row "
    "came from."
)


@dataclass(frozen=True)
class ReadingOptions:
    """What a person may decide about how a file is read; what is ``None`` is found out.

    Attributes
    ----------
    encoding, delimiter : of a CSV.
    on_broken_bytes : "refuse" a text with bytes that are no characters, or "replace" each by � and count them.
    types : types known already, by column name, as when a file is scored; the others are inferred from all rows.
    readings : how the columns of known types were written before, by which their cells are read; see ``ColumnReading``.
    source_column : name of a further column that says which of several files a row came from.
    limits : how much is accepted.
    header_line : the line of a text or sheet that holds the column names, counted from 1; 0 where there is none.
    kept_names : of columns of persons, by how many columns there are and by position, as an earlier reading of the
        same file had them; another line of names would else show a customer.
    sheet : name of the sheet of a workbook that holds the table.
    totals : "leave_out" rows that hold totals and no customer, or "keep" them.
    decimal : what "," or "." stands before the fraction where an amount could be read in both ways.
    as_written : columns of ids, of which every character is kept: no zero, sign, space or word for nothing is lost.

    Examples
    --------
    >>> ReadingOptions(decimal=",").totals
    'leave_out'
    """

    encoding: str | None = None
    delimiter: str | None = None
    on_broken_bytes: OnBrokenBytes = "refuse"
    types: Mapping[str, ColumnTypeName] = field(default_factory=dict)
    source_column: str | None = None
    limits: ReadingLimits = field(default_factory=ReadingLimits)
    header_line: int | None = None
    decimal: DecimalMark | None = None
    readings: Mapping[str, ColumnReading] = field(default_factory=dict)
    kept_names: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    sheet: str | None = None
    totals: Totals = "leave_out"
    as_written: Collection[str] = ()


@dataclass(frozen=True)
class SourceFile:
    """One of the files a table was read from.

    Examples
    --------
    >>> SourceFile("January.csv", 1_200).row_count
    1200
    """

    name: str
    row_count: int


@dataclass(frozen=True)
class IngestReport:
    r"""What was found in a file and what became of it.

    Attributes
    ----------
    file_format : ``csv``, ``xlsx``, ``xls`` or ``parquet``, by its content; of several files, of the first.
    encoding, delimiter : of a CSV; empty for the others.
    row_count : rows of data. columns : in the file's order. notes : what reading changed or assumed.
    files : what was read, in order, with the rows of each.
    contradictions : by column, what contradicts the readings that were given.
    sheet, sheets : of a workbook, the sheet that was read and all there are; of several files, of the first.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age;city\n23;A\n45;B\n")
    >>> ingest_file(folder / "a.csv", folder / "a.parquet").file_format
    'csv'
    """

    file_format: FileFormat
    encoding: str
    delimiter: str
    row_count: int
    columns: tuple[ColumnSchema, ...]
    notes: tuple[Note, ...]
    files: tuple[SourceFile, ...] = ()
    contradictions: Mapping[str, Contradictions] = field(default_factory=dict)
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready plain data."""
        return {
            "file_format": self.file_format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "row_count": self.row_count,
            "columns": [column.to_dict() for column in self.columns],
            "notes": [note.to_dict() for note in self.notes],
            "files": [asdict(file) for file in self.files],
            "sheet": self.sheet,
            "sheets": list(self.sheets),
        }


def no_progress(fraction: float, rows: int) -> None:
    """Ignore progress."""


def ingest_file(
    source: AnyPath,
    destination: AnyPath,
    *,
    file_name: str | None = None,
    on_progress: OnIngest = no_progress,
    types: Mapping[str, ColumnTypeName] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    on_broken_bytes: OnBrokenBytes = "refuse",
    source_column: str | None = None,
    limits: ReadingLimits | None = None,
    as_written: Collection[str] = (),
) -> IngestReport:
    r"""Read a CSV, Excel or Parquet file (or a zip or gzip of them) into one Parquet with typed columns.

    The rows keep their order. Memory stays bounded whatever the size. ``destination`` appears whole or not at all.
    A zip of several files of one layout becomes one table.

    Parameters
    ----------
    file_name : the name people know the file by, for the sentences; the source's own when ``None``.
    on_progress : called with the share done (0 to 1) and the rows so far; may raise to stop.
    types, encoding, delimiter, on_broken_bytes, source_column, limits, as_written : see ``ReadingOptions``.

    Returns
    -------
    IngestReport

    Raises
    ------
    BadInput : the file cannot be used; the sentence says what is wrong, where, and what to do.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age;city\n23;A\n45;B\n")
    >>> report = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> report.row_count, report.delimiter, [column.type for column in report.columns]
    (2, ';', ['numeric', 'categorical'])
    """
    source = Path(source)
    destination = Path(destination)
    options = ReadingOptions(
        encoding, delimiter, on_broken_bytes, types or {}, source_column, limits or ReadingLimits(),
        as_written=as_written,
    )  # fmt: skip
    return ingest_files(
        [(Path(source), file_name or Path(source).name)], destination, options=options, on_progress=on_progress
    )


def ingest_files(
    sources: Sequence[tuple[AnyPath, str]],
    destination: AnyPath,
    *,
    options: ReadingOptions | None = None,
    on_progress: OnIngest = no_progress,
) -> IngestReport:
    r"""Read files of one layout, one after the other, into one Parquet; see ``ingest_file``.

    Parameters
    ----------
    sources : each file with the name people know it by. The columns of the first count; the others need the same, in
        any order.

    Returns
    -------
    IngestReport

    Raises
    ------
    BadInput : as for ``ingest_file``, or the files have different columns.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age;city\n23;A\n45;B\n")
    >>> ingest_files([(folder / "a.csv", "January"), (folder / "a.csv", "February")], folder / "a.parquet").row_count
    4
    """
    destination = Path(destination)
    options = options or ReadingOptions()
    name = sources[0][1]
    with _plain_failures(name), open_workspace(destination.parent) as work:
        on_progress(0.0, 0)
        plain_files = _unpack_all([(Path(source), known) for source, known in sources], work, options.limits)
        opened = [_open_source(plain, work, options) for plain in plain_files]
        names = [plain.name for plain in plain_files]
        report = _ingest(_combined(opened, names, options), work / "table.parquet", name, on_progress, options)
        _move_into_place(work / "table.parquet", destination)
    on_progress(1.0, report.row_count)
    return report


def _unpack_all(sources: Sequence[tuple[Path, str]], work: Path, limits: ReadingLimits) -> list[PlainFile]:
    plain_files = []
    for number, (path, name) in enumerate(sources):
        own = work / f"source-{number}"
        own.mkdir()
        plain_files += open_container(path, name=name, work=own, limits=limits)
    return plain_files


@contextlib.contextmanager
def _plain_failures(name: str) -> Iterator[None]:
    """Say in plain words what the file system complained about."""
    try:
        yield
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise BadInput(NOT_FOUND, file=name) from error
    except OSError as error:
        if is_disk_full(error):
            raise BadInput(DISK_FULL, file=name) from error
        raise


@dataclass(frozen=True)
class _Opened:
    """A source with what was found out on the way to it."""

    source: Source
    file_format: FileFormat
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[Note, ...] = ()
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def _open_source(plain: PlainFile, work: Path, options: ReadingOptions) -> _Opened:
    notes = _note_on_name(plain.name, plain.file_format)
    own = Path(tempfile.mkdtemp(dir=work))
    if plain.file_format == "parquet":
        return _Opened(ParquetSource(plain.path, plain.name, options.limits), "parquet", notes=notes)
    if plain.file_format in ("xlsx", "xls"):
        as_csv = own / "sheet.csv"
        read = workbook_to_csv(
            plain.path,
            as_csv,
            name=plain.name,
            file_format=plain.file_format,
            limits=options.limits,
            sheet=options.sheet,
        )
        as_written = replace(options, encoding="utf-8", delimiter=",", on_broken_bytes="refuse")
        opened = _open_csv(as_csv, plain, own, as_written)
        told, sheets = (*notes, *read.notes, *opened.notes), tuple(sheet.name for sheet in read.sheets)
        return _Opened(opened.source, plain.file_format, notes=told, sheet=read.sheet, sheets=sheets)
    opened = _open_csv(plain.path, plain, own, options)
    return replace(opened, notes=(*notes, *opened.notes))


def _note_on_name(name: str, file_format: FileFormat) -> tuple[Note, ...]:
    ending = name.lower().removesuffix(".gz").removesuffix(".zip").rpartition(".")[2]
    claimed = FORMAT_OF_ENDING.get(ending)
    if claimed is None or claimed == file_format:
        return ()
    words = {"csv": "CSV", "xlsx": "Excel (.xlsx)", "xls": "Excel (.xls)", "parquet": "Parquet"}
    return (Note(REALLY_ANOTHER, {"file": name, "format": words[file_format]}),)


def _open_csv(path: Path, plain: PlainFile, work: Path, options: ReadingOptions) -> _Opened:
    text = decode_text(
        path, name=plain.name, work=work, encoding=options.encoding, on_broken_bytes=options.on_broken_bytes
    )
    layout = find_layout(text.path, name=plain.name, delimiter=options.delimiter, header_line=options.header_line)
    kept = options.kept_names.get(len(layout.header), {})
    layout = replace(layout, header=tuple(keep_names(layout.header, kept)))
    notes = list(layout.notes)
    if text.encoding not in ("utf-8", "utf-8-sig"):
        notes.append(Note(NOT_UTF8, {"encoding": text.encoding.upper()}))
    whole = CsvSource(text.path, layout, plain.name, text.has_odd_quotes)
    source = without_totals(whole) if options.totals == "leave_out" else whole
    return _Opened(source, plain.file_format, text.encoding, layout.delimiter, (*text.notes, *notes))


def _combined(opened: Sequence[_Opened], names: Sequence[str], options: ReadingOptions) -> _Opened:
    """Make several files one; a single one stays as it is unless its name is wanted in a column."""
    first = opened[0]
    if len(opened) == 1 and options.source_column is None:
        return first
    if options.source_column is not None and options.source_column in tidy_names(first.source.labels)[0]:
        raise BadInput(NAME_TAKEN, column=options.source_column)
    parts = [(one.source, name) for one, name in zip(opened, names, strict=True)]
    source = CombinedSource(parts, options.source_column)
    # A note that applies to every file is given once.
    told = list({(note.message, str(note.params)): note for one in opened for note in one.notes}.values())
    if len(opened) > 1:
        told.insert(0, Note(SEVERAL_FILES, {"count": len(opened), "files": some_names(names)}))
    return replace(first, source=source, notes=tuple(told))


def _ingest(opened: _Opened, target: Path, name: str, on_progress: OnIngest, options: ReadingOptions) -> IngestReport:
    count = len(opened.source.labels)
    if count > options.limits.columns:
        raise BadInput(TOO_MANY_COLUMNS, file=name, count=f"{count:,}", limit=f"{options.limits.columns:,}")
    names, naming_notes = tidy_names(opened.source.labels)
    readings = options.readings
    if opened.file_format in ("xlsx", "xls"):
        # Numbers in a workbook are not texts: their decimal mark is always a point.
        readings = {column: replace(reading, is_written=False, is_grouped=False, has_thousands=False)
                    for column, reading in readings.items()}  # fmt: skip
    ingestion = Ingestion(
        opened.source, names, options.types, on_progress, options.decimal, readings, options.as_written
    )
    rows = ingestion.write(target)
    if rows == 0:
        raise BadInput(NO_ROWS, file=name)
    full = _on_full_texts(opened.source, name, rows) if opened.file_format == "csv" else []
    notes = (*opened.notes, *full, *_on_totals(opened.source), *naming_notes, *ingestion.notes())
    return IngestReport(
        opened.file_format,
        opened.encoding,
        opened.delimiter,
        rows,
        ingestion.schema(),
        notes,
        _files_of(opened.source, name, rows),
        ingestion.contradictions(),
        opened.sheet,
        opened.sheets,
    )


def _on_full_texts(source: Source, name: str, rows: int) -> list[Note]:
    """Tell of texts that are as long as a spreadsheet can be, which were most likely saved from one."""
    parts = source.parts if isinstance(source, CombinedSource) else [(source, name)]
    counts = source.rows if isinstance(source, CombinedSource) else [rows]
    return [
        Note(FULL_TEXT, {"file": called, "row": f"{LAST_ROW:,}"}, "warning")
        for (part, called), count in zip(parts, counts, strict=True)
        if isinstance(part, CsvSource) and count + part.layout.header_lines == LAST_ROW
    ]


def _on_totals(source: Source) -> list[Note]:
    parts = [part for part, _ in source.parts] if isinstance(source, CombinedSource) else [source]
    return [note for part in parts if isinstance(part, WithoutTotals) for note in part.notes()]


def _files_of(source: Source, name: str, rows: int) -> tuple[SourceFile, ...]:
    if not isinstance(source, CombinedSource):
        return (SourceFile(name, rows),)
    return tuple(SourceFile(part, count) for (_, part), count in zip(source.parts, source.rows, strict=True))


def _move_into_place(written: Path, destination: Path) -> None:
    with written.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(written, destination)
