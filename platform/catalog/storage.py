"""Where files of datasets lie: each version has a folder of its own below MEDIA_ROOT."""

import errno
import hashlib
import re
import shutil
import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import File

from catalog.errors import DISK_FULL, EMPTY_FILE, UploadRefused

FOLDER = "datasets"
LONGEST_NAME = 180
SUFFIXES = (".csv.gz", ".csv.zip", ".tar.gz")


@dataclass(frozen=True)
class KeptFile:
    """A file in its place: the path is below MEDIA_ROOT."""

    path: str
    name: str
    size: int
    sha256: str


def keep(file: File) -> KeptFile:
    """Move an upload into a folder of its own; on failure nothing is left."""
    name = tidy_file_name(file.name or "file")
    if not file.size:
        raise UploadRefused(EMPTY_FILE, file=name)
    folder = Path(settings.MEDIA_ROOT) / FOLDER / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        target = folder / f"source{suffix_of(name)}"
        digest = _place(file, target)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UploadRefused(DISK_FULL) from error
        raise
    return KeptFile(str(target.relative_to(settings.MEDIA_ROOT)), name, target.stat().st_size, digest)


def forget(kept: KeptFile) -> None:
    """Remove a kept file with its folder."""
    shutil.rmtree(absolute(kept.path).parent, ignore_errors=True)


def absolute(path: str) -> Path:
    """Return where a path below MEDIA_ROOT really is."""
    return Path(settings.MEDIA_ROOT) / path


def parquet_beside(source_path: str) -> str:
    """Return where the Parquet made of a source goes."""
    return str(Path(source_path).parent / "table.parquet")


def tidy_file_name(name: str) -> str:
    """Keep a name's last part, printable and short; Chinese stays."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(letter for letter in last if letter.isprintable()).strip() or "file"
    if len(printable) <= LONGEST_NAME:
        return printable
    suffix = suffix_of(printable)
    return printable[: LONGEST_NAME - len(suffix)] + suffix


def suffix_of(name: str) -> str:
    """Return a file's ending, both parts of a packed one, or nothing where it is not an ordinary one."""
    lower = name.lower()
    both = next((suffix for suffix in SUFFIXES if lower.endswith(suffix)), None)
    last = both or Path(lower).suffix
    return last if re.fullmatch(r"(\.[a-z0-9]{1,8}){1,2}", last) else ""


def _place(file: File, target: Path) -> str:
    """Rename what was streamed to disk already; copy what was not."""
    if hasattr(file, "temporary_file_path") and hasattr(file, "sha256"):
        file.seek(0)
        shutil.move(file.temporary_file_path(), target)
        target.chmod(0o600)
        return str(file.sha256)
    digest = hashlib.sha256()
    with target.open("wb") as written:
        for chunk in file.chunks():
            written.write(chunk)
            digest.update(chunk)
    return digest.hexdigest()
