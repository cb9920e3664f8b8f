"""Finds out what a file really is by its first bytes, and unpacks gzip and zip without trusting declared sizes."""

import gzip
import mmap
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal, Protocol

from experiments.errors import BadInput, gettext_noop

__all__ = ["ReadingLimits"]

FileFormat = Literal["csv", "xlsx", "xls", "parquet"]
FORMATS: tuple[FileFormat, ...] = ("csv", "xlsx", "xls", "parquet")
CHUNK = 1 << 20
LARGEST_WORKBOOK = 2 << 30
DEEPEST_LAYER = 2
RATIO_COUNTS_FROM = 64 << 20

EMPTY = gettext_noop("The file %(file)s is empty. Export it again and upload the new file.")
CUT_OFF = gettext_noop(
    "The file %(file)s is incomplete: it breaks off before its end, as after an interrupted upload. Upload it again."
)
DAMAGED = gettext_noop("The file %(file)s is damaged and cannot be unpacked. Export it again and upload the new file.")
BOMB = gettext_noop(
    "The file %(file)s unpacks to more than %(ratio)s times its size, which no table does. It was refused for "
    "safety: upload the table itself, uncompressed."
)
TOO_LARGE = gettext_noop(
    "The file %(file)s is larger than the %(limit)s GB allowed. Split it, or upload it as Parquet."
)
TOO_MANY_COLUMNS = gettext_noop(
    "The file %(file)s has %(count)s columns, more than the %(limit)s allowed. Leave out those that no model "
    "needs, or check the delimiter, and upload it again."
)
WORKBOOK_TOO_LARGE = gettext_noop(
    "The workbook %(file)s unpacks to more than %(limit)s GB. Save the sheet as CSV and upload that."
)
TOO_MANY_INSIDE = gettext_noop(
    "The archive %(file)s holds %(count)s files, more than the %(limit)s allowed. Combine them into fewer files."
)
UNSAFE_NAME = gettext_noop(
    "The archive %(file)s holds a file named %(member)s, which points outside the archive. It was refused for safety: "
    "pack the tables themselves and upload the new archive."
)
NOTHING_INSIDE = gettext_noop("The archive %(file)s holds no file. Pack the table again and upload the new archive.")
LOCKED = gettext_noop("The file %(file)s is protected by a password. Save it without one and upload it again.")
NOT_A_TABLE = gettext_noop(
    "The file %(file)s is %(what)s, not a table. Upload CSV, Excel (.xlsx) or Parquet, or a zip or gzip of one of them."
)
PDF = gettext_noop("a PDF document")
PICTURE = gettext_noop("a picture")
OTHER_ARCHIVE = gettext_noop("another kind of archive")
WEB_PAGE = gettext_noop("a web page")
WORD = gettext_noop("a document from another program")
NESTED_TEXT = gettext_noop("nested records (JSON or XML)")

FOREIGN = (
    (b"%PDF", PDF),
    (b"\x89PNG", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF8", PICTURE),
    (b"7z\xbc\xaf", OTHER_ARCHIVE),
    (b"Rar!", OTHER_ARCHIVE),
    (b"BZh", OTHER_ARCHIVE),
    (b"\xfd7zXZ", OTHER_ARCHIVE),
    (b"\x28\xb5\x2f\xfd", OTHER_ARCHIVE),
)
# After spaces, a byte order mark and in any letters.
FOREIGN_TEXT = (
    (b"<!doctype html", WEB_PAGE),
    (b"<html", WEB_PAGE),
    (b"<?xml", NESTED_TEXT),
    (b"{", NESTED_TEXT),
    (b"[{", NESTED_TEXT),
)
TAR_PLACE, TAR = 257, b"ustar"


@dataclass(frozen=True)
class ReadingLimits:
    """How much of a file is accepted.

    Attributes
    ----------
    unpacked_bytes : of all files of one upload together. files : most files in one archive, all layers counted.
    ratio : largest size unpacked to packed; real tables shrink 5 to 50 times, a bomb about 1,000 times.
    columns : most columns of a table; each costs time at every step, however few its rows.

    Examples
    --------
    >>> ReadingLimits(columns=500).files
    1000
    """

    unpacked_bytes: int = 64 << 30
    files: int = 1_000
    ratio: int = 200
    columns: int = 10_000


@dataclass(frozen=True)
class PlainFile:
    """A file that is not packed, and the name people know it by."""

    path: Path
    file_format: FileFormat
    name: str


@dataclass
class _Budget:
    """What may still be unpacked."""

    limits: ReadingLimits
    used_bytes: int = 0
    used_files: int = 0

    def take_bytes(self, count: int, name: str) -> None:
        self.used_bytes += count
        if self.used_bytes > self.limits.unpacked_bytes:
            raise BadInput(TOO_LARGE, file=name, limit=gigabytes(self.limits.unpacked_bytes))

    def take_files(self, count: int, name: str) -> None:
        self.used_files += count
        if self.used_files > self.limits.files:
            raise BadInput(TOO_MANY_INSIDE, file=name, count=self.used_files, limit=self.limits.files)


def open_container(source: Path, *, name: str, work: Path, limits: ReadingLimits) -> list[PlainFile]:
    """Return the plain tables of a file: itself, or what is packed in it, unpacked into ``work``, in its order."""
    return _open(source, name, work, _Budget(limits), layer=0)


def _open(path: Path, name: str, work: Path, budget: _Budget, layer: int) -> list[PlainFile]:
    packing = _sniff(path, name)
    for file_format in FORMATS:
        if packing == file_format:
            if layer == 0:
                budget.take_bytes(path.stat().st_size, name)
            return [PlainFile(path, file_format, name)]
    if layer > DEEPEST_LAYER:
        raise BadInput(DAMAGED, file=name)
    unpack = _unpack_gzip if packing == "gzip" else _unpack_zip
    inner = unpack(path, work, name, budget)
    if layer > 0:
        path.unlink()
    return [plain for member, called in inner for plain in _open(member, called, work, budget, layer + 1)]


class WorkbookParts(Protocol):
    """Called with the parts of a workbook while they are read."""

    def see(self, part: str, pieces: Iterator[bytes]) -> None:
        """Take every piece of a part."""


def check_workbook(path: Path, name: str, limits: ReadingLimits, parts: WorkbookParts) -> None:
    """Read every part of a workbook once, in pieces: refuse what is cut off, damaged, locked or a bomb."""
    most = min(LARGEST_WORKBOOK, limits.unpacked_bytes)
    packed, total = path.stat().st_size, 0

    def counted(pieces: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal total
        for piece in pieces:
            total += len(piece)
            _check_ratio(total, packed, name, limits)
            if total > most:
                raise BadInput(WORKBOOK_TOO_LARGE, file=name, limit=gigabytes(most))
            yield piece

    with _open_zip(path, name) as archive:
        for member in archive.infolist():
            parts.see(member.filename, counted(_member_pieces(archive, member, name)))


def _check_ratio(total: int, packed: int, name: str, limits: ReadingLimits) -> None:
    if total > RATIO_COUNTS_FROM and total > limits.ratio * packed:
        raise BadInput(BOMB, file=name, ratio=limits.ratio)


def _sniff(path: Path, name: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(TAR_PLACE + len(TAR))
    if not head:
        raise BadInput(EMPTY, file=name)
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] == b"\xd0\xcf\x11\xe0":
        return _sniff_compound(path, name)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _sniff_zip(path, name)
    for magic, what in FOREIGN:
        if head.startswith(magic):
            raise BadInput(NOT_A_TABLE, file=name, what=what)
    if head[TAR_PLACE:] == TAR:
        raise BadInput(NOT_A_TABLE, file=name, what=OTHER_ARCHIVE)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, what in FOREIGN_TEXT:
        if start.startswith(magic):
            raise BadInput(NOT_A_TABLE, file=name, what=what)
    return "csv"


def _sniff_compound(path: Path, name: str) -> str:
    """Tell an old workbook from an encrypted new one and from other OLE documents."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise BadInput(LOCKED, file=name)
        if any(content.find(f"{part}\0".encode("utf-16-le")) >= 0 for part in ("Workbook", "Book", "WORKBOOK")):
            return "xls"
    raise BadInput(NOT_A_TABLE, file=name, what=WORD)


def _sniff_zip(path: Path, name: str) -> str:
    with _open_zip(path, name) as archive:
        members = set(archive.namelist())
    if "xl/workbook.xml" in members:
        return "xlsx"
    if "[Content_Types].xml" in members or "mimetype" in members:
        raise BadInput(NOT_A_TABLE, file=name, what=WORD)
    return "zip"


def _open_zip(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        # The table of contents stands at the end of a zip: without it, the end is missing.
        raise BadInput(CUT_OFF, file=name) from error


def _unpack_gzip(path: Path, work: Path, name: str, budget: _Budget) -> list[tuple[Path, str]]:
    budget.take_files(1, name)
    inner = work / f"unpacked-{budget.used_files}"
    with gzip.open(path, "rb") as packed:
        _copy(_pieces(packed, name), inner, path.stat().st_size, name, budget)
    return [(inner, name)]


def _unpack_zip(path: Path, work: Path, name: str, budget: _Budget) -> list[tuple[Path, str]]:
    with _open_zip(path, name) as archive:
        for member in archive.infolist():
            _check_member_name(member, name)
        tables = [member for member in archive.infolist() if _is_table(member)]
        if not tables:
            raise BadInput(NOTHING_INSIDE, file=name)
        budget.take_files(len(tables), name)
        packed, unpacked = path.stat().st_size, []
        for number, member in enumerate(tables):
            # Members are never written under their own names.
            inner = work / f"unpacked-{budget.used_files}-{number}"
            called = name if len(tables) == 1 else member.filename
            _copy(_member_pieces(archive, member, name), inner, packed, name, budget)
            unpacked.append((inner, called))
        return unpacked


def _check_member_name(member: zipfile.ZipInfo, name: str) -> None:
    parts = PurePosixPath(member.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if is_link or parts.is_absolute() or ".." in parts.parts or member.filename[1:2] == ":":
        raise BadInput(UNSAFE_NAME, file=name, member=member.filename)


def _is_table(member: zipfile.ZipInfo) -> bool:
    # macOS adds such folders and files to every archive it makes.
    hidden = member.filename.startswith("__MACOSX/") or member.filename.rsplit("/", 1)[-1].startswith(".")
    return not member.is_dir() and not hidden


def _member_pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    if member.flag_bits & 1:
        raise BadInput(LOCKED, file=name)
    try:
        stream = archive.open(member)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise BadInput(DAMAGED, file=name) from error
    with stream:
        yield from _pieces(stream, name)


def _pieces(stream: IO[bytes] | gzip.GzipFile, name: str) -> Iterator[bytes]:
    read: Callable[[int], bytes] = stream.read
    while True:
        try:
            piece = read(CHUNK)
        except EOFError as error:
            raise BadInput(CUT_OFF, file=name) from error
        except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise BadInput(DAMAGED, file=name) from error
        if not piece:
            return
        yield piece


def _copy(pieces: Iterator[bytes], target: Path, packed_size: int, name: str, budget: _Budget) -> None:
    total = 0
    with target.open("wb") as out:
        for piece in pieces:
            total += len(piece)
            _check_ratio(total, packed_size, name, budget.limits)
            budget.take_bytes(len(piece), name)
            out.write(piece)


def gigabytes(size: int) -> str:
    """Write a size in GB."""
    return f"{size / (1 << 30):.3g}"
