"""Finds out what a file really is by its first bytes, and unpacks gzip and zip without trusting their promises."""

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal

from experiments.errors import BadInput, gettext_noop

FileFormat = Literal["csv", "xlsx", "parquet"]
CHUNK = 1 << 20
LARGEST_UNPACKED = 64 << 30
LARGEST_WORKBOOK = 2 << 30
# Real tables shrink 5 to 50 times; a bomb shrinks about 1,000 times.
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 64 << 20

EMPTY = gettext_noop("The file %(file)s is empty. Export it again and upload the new file.")
CUT_OFF = gettext_noop(
    "The file %(file)s is incomplete: it breaks off before its end, as after an interrupted upload. Upload it again."
)
DAMAGED = gettext_noop("The file %(file)s is damaged and cannot be unpacked. Export it again and upload the new file.")
BOMB = gettext_noop(
    "The file %(file)s unpacks to more than %(ratio)s times its size, which no table does. It was refused for safety: "
    "upload the table itself, not packed."
)
TOO_LARGE = gettext_noop(
    "The file %(file)s holds more than %(limit)s GB, the largest size accepted here. Split it, or send it as Parquet."
)
WORKBOOK_TOO_LARGE = gettext_noop(
    "The workbook %(file)s unpacks to more than %(limit)s GB. Save the sheet as CSV and upload that."
)
SEVERAL_INSIDE = gettext_noop(
    "The archive %(file)s holds %(count)s files (%(names)s). Pack one table only, or upload it not packed."
)
NOTHING_INSIDE = gettext_noop("The archive %(file)s holds no file. Pack the table again and upload the new archive.")
LOCKED = gettext_noop("The file %(file)s is protected by a password. Save it without one and upload it again.")
NOT_A_TABLE = gettext_noop(
    "The file %(file)s is %(what)s, not a table. Upload CSV, Excel (.xlsx) or Parquet, or a zip or gzip of one of them."
)
OLD_EXCEL = gettext_noop(
    "The file %(file)s is an old Excel workbook (.xls) or is protected by a password. Open it, save it as .xlsx "
    "without a password, and upload that."
)
PDF = gettext_noop("a PDF document")
PICTURE = gettext_noop("a picture")
OTHER_ARCHIVE = gettext_noop("an archive of another kind")
WEB_PAGE = gettext_noop("a web page")
WORD = gettext_noop("a document of another program")

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
    (b"<!DOCTYPE html", WEB_PAGE),
    (b"<html", WEB_PAGE),
)


def open_container(source: Path, *, name: str, work: Path, max_bytes: int) -> tuple[Path, FileFormat]:
    """Return a plain CSV, xlsx or Parquet file and its format; unpack what is packed into ``work``, twice at most."""
    path = source
    for layer in range(3):
        packing = _sniff(path, name)
        if packing in ("csv", "xlsx", "parquet"):
            if path.stat().st_size > max_bytes:
                raise BadInput(TOO_LARGE, file=name, limit=_gigabytes(max_bytes))
            return path, packing  # type: ignore[return-value]
        inner = work / f"unpacked-{layer}"
        unpack = _unpack_gzip if packing == "gzip" else _unpack_zip
        unpack(path, inner, name, max_bytes)
        path = inner
    raise BadInput(DAMAGED, file=name)


def check_workbook(path: Path, name: str) -> None:
    """Read every part of a workbook once, in pieces: refuse what is cut off, damaged, locked or a bomb."""
    with _open_zip(path, name) as archive:
        pieces = (piece for member in archive.infolist() for piece in _member_pieces(archive, member, name))
        total = 0
        for piece in pieces:
            total += len(piece)
            if total > RATIO_COUNTS_FROM and total > LARGEST_RATIO * path.stat().st_size:
                raise BadInput(BOMB, file=name, ratio=LARGEST_RATIO)
            if total > LARGEST_WORKBOOK:
                raise BadInput(WORKBOOK_TOO_LARGE, file=name, limit=_gigabytes(LARGEST_WORKBOOK))


def _sniff(path: Path, name: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head:
        raise BadInput(EMPTY, file=name)
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] == b"\xd0\xcf\x11\xe0":
        raise BadInput(OLD_EXCEL, file=name)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _sniff_zip(path, name)
    for magic, what in FOREIGN:
        if head.startswith(magic):
            raise BadInput(NOT_A_TABLE, file=name, what=what)
    return "csv"


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


def _unpack_gzip(path: Path, inner: Path, name: str, max_bytes: int) -> None:
    with gzip.open(path, "rb") as packed:
        _copy(_pieces(packed, name), inner, path.stat().st_size, name, max_bytes)


def _unpack_zip(path: Path, inner: Path, name: str, max_bytes: int) -> None:
    with _open_zip(path, name) as archive:
        tables = [member for member in archive.infolist() if _is_table(member)]
        if not tables:
            raise BadInput(NOTHING_INSIDE, file=name)
        if len(tables) > 1:
            names = ", ".join(member.filename for member in tables[:4])
            raise BadInput(SEVERAL_INSIDE, file=name, count=len(tables), names=names)
        _copy(_member_pieces(archive, tables[0], name), inner, path.stat().st_size, name, max_bytes)


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


def _copy(pieces: Iterator[bytes], target: Path, packed_size: int, name: str, max_bytes: int) -> None:
    total = 0
    with target.open("wb") as out:
        for piece in pieces:
            total += len(piece)
            if total > RATIO_COUNTS_FROM and total > LARGEST_RATIO * packed_size:
                raise BadInput(BOMB, file=name, ratio=LARGEST_RATIO)
            if total > max_bytes:
                raise BadInput(TOO_LARGE, file=name, limit=_gigabytes(max_bytes))
            out.write(piece)


def _gigabytes(size: int) -> str:
    return f"{size / (1 << 30):.3g}"
