"""What was chosen for reading a version's files, as the version keeps it and as the engine takes it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog import hooks, storage
from catalog.models import DatasetVersion
from common.storage import local_path
from experiments.ingest.container import ReadingLimits
from experiments.ingest.reading import IngestReport, ReadingOptions
from experiments.privacy.personal_patterns import is_a_value, is_label

READ_ANYTHING = ("windows-1252", "latin-1", "iso-8859-15")
FOUND = ("files", "read", "choices", "sheets")
FEW_BROKEN = 0.01
CELL = re.compile(r"[^,;|^\t\x01]+")
# Letters with marks and what stands for broken bytes; a Chinese character would tell the half of a name.
TELLING = re.compile("[\u00a1-\u024f\ufffd]")


@dataclass(frozen=True)
class Reading:
    """Choices of a person, and what reading found to choose from; what is empty is found out.

    Attributes
    ----------
    header_line : the line that holds the column names, 0 where there is none.
    decimal : "." or "," where the file does not say.
    source_column : a further column that says which of several files a row came from.
    sheet : of a workbook, the one that holds the table. totals : "keep" where rows of totals are to stay.
    files : the files of one table, [{path, name, size}], where there are several.
    read : [{name, row_count}], the files as they were read. sheets : those of a workbook that was read.
    choices : what may be chosen for broken bytes.
    """

    encoding: str = ""
    delimiter: str = ""
    on_broken_bytes: str = ""
    header_line: int | None = None
    decimal: str = ""
    source_column: str = ""
    sheet: str = ""
    totals: str = ""
    files: tuple[dict[str, Any], ...] = ()
    read: tuple[dict[str, Any], ...] = ()
    choices: tuple[dict[str, Any], ...] = ()
    sheets: tuple[str, ...] = ()

    @classmethod
    def of(cls, version: DatasetVersion) -> "Reading":
        """Return what a version keeps."""
        return cls.from_json(version.reading)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Reading":
        """Build from what ``to_json`` gave; a word it does not know is left aside."""
        known: dict[str, Any] = {name: plain[name] for name in cls.__dataclass_fields__ if name in plain}
        for name in FOUND:
            known[name] = tuple(known.get(name, ()))
        return cls(**known)

    def to_json(self) -> dict[str, Any]:
        """Return as JSON-ready plain data, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None, ())}

    def told(self) -> dict[str, Any]:
        """Return what a person chose, for the record."""
        return {name: value for name, value in self.to_json().items() if name not in FOUND}

    def of_parts(self, parts: Iterable[storage.KeptFile]) -> "Reading":
        """Return the same choices for these files."""
        files = tuple({"path": part.path, "name": part.name, "size": part.size} for part in parts)
        return replace(self, files=files)

    def for_files_of(self, version: DatasetVersion) -> "Reading":
        """Return these choices for the files that a version was made of; what was found before is forgotten."""
        known = Reading.of(version)
        return replace(self, files=known.files, read=(), choices=(), sheets=known.sheets)

    def after(self, report: IngestReport) -> "Reading":
        """Return with what the report says of the files."""
        read = tuple(asdict(file) for file in report.files) if len(report.files) > 1 else ()
        return replace(self, read=read, choices=(), sheets=report.sheets)

    def sources(self, version: DatasetVersion) -> list[tuple[Path, str]]:
        """Return the files to read with the names people know them by."""
        if self.files:
            return [(local_path(file["path"]), file["name"]) for file in self.files]
        return [(local_path(version.source_path), version.file_name)]

    def options(self) -> ReadingOptions:
        """Return what the engine is to be told."""
        return ReadingOptions(
            encoding=self.encoding or None,
            delimiter=self.delimiter or None,
            on_broken_bytes="replace" if self.on_broken_bytes == "replace" else "refuse",
            header_line=self.header_line,
            decimal="," if self.decimal == "," else "." if self.decimal == "." else None,
            source_column=self.source_column or None,
            sheet=self.sheet or None,
            totals="keep" if self.totals == "keep" else "leave_out",
            limits=reading_limits(),
        )


def offered_choices(choices: Iterable[Mapping[str, Any]], size: int) -> list[dict[str, Any]]:
    """Return what a person may choose for broken bytes, the most sensible first, with samples that tell of nobody.

    An encoding that reads any bytes at all is no evidence: one with a few broken characters comes before it.
    """
    shown = [{**choice, "sample": [_without_values(line) for line in choice["sample"]]} for choice in choices]
    return sorted(shown, key=lambda choice: (_doubt(choice, size), choice["broken"]))


def _doubt(choice: Mapping[str, Any], size: int) -> int:
    if choice["encoding"] in READ_ANYTHING:
        return 1
    return 0 if choice["broken"] <= FEW_BROKEN * size else 2


def _without_values(line: str) -> str:
    """Leave of each cell enough to see whether the encoding is right; only a line of headings stays whole."""
    cells = CELL.findall(line)
    has_digits = any(character.isdigit() for character in line)
    if not has_digits and any(map(is_label, cells)) and not any(is_a_value(cell, "name") for cell in cells):
        return line
    return CELL.sub(lambda cell: cell[0] if len(cell[0]) < 2 else _hint_of(cell[0]), line)


def _hint_of(cell: str) -> str:
    """Return a cell's first character and one of those by which encodings differ: é reads right, � does not."""
    telling = TELLING.search(cell, 1)
    return f"{cell[:1]}…{telling[0] if telling else ''}"


def is_built_on(version: DatasetVersion) -> bool:
    """Tell whether a later version, a data check or a join looks at the table as it was read."""
    return version.dataset.versions.filter(number__gt=version.number).exists() or hooks.is_rested_on(version)


def reading_limits() -> ReadingLimits:
    """Return how much this installation unpacks."""
    return ReadingLimits(
        unpacked_bytes=settings.UPLOAD_MAX_UNPACKED_BYTES, files=settings.UPLOAD_MAX_FILES, ratio=ReadingLimits().ratio
    )
