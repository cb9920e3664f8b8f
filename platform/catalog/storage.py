"""How files of datasets are kept: each version has a folder of its own."""

import errno
import hashlib
import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from catalog.errors import DISK_FULL, DISK_FULL_MEANWHILE, EMPTY_FILE, UploadRefused
from common.storage import key_of, local_path, new_folder
from experiments.disk import is_disk_full

FOLDER = "datasets"
LONGEST_NAME = 180
SUFFIXES = (".csv.gz", ".csv.zip", ".tar.gz")


@dataclass(frozen=True)
class KeptFile:
    """A file in its place: the path is a key of the store; the hash is empty where the worker is to take it."""

    path: str
    name: str
    size: int
    sha256: str
    parts: tuple["KeptFile", ...] = ()


def keep(*files: File) -> KeptFile:
    """Put an upload, or several that are one table, into a folder of their own; on failure nothing is left."""
    for file in files:
        if not file.size:
            raise UploadRefused(EMPTY_FILE, file=tidy_file_name(file.name or "file"))
    folder = new_folder(f"{FOLDER}/{uuid.uuid4().hex}")
    try:
        parts = tuple(_keep_one(file, folder, number) for number, file in enumerate(files))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if is_disk_full(error):
            # What came piece by piece is still whole under its first name.
            stays = all(not isinstance(file, UploadedFile) for file in files)
            raise UploadRefused(DISK_FULL_MEANWHILE if stays else DISK_FULL) from error
        raise
    return parts[0] if len(parts) == 1 else _together(parts)


def _keep_one(file: File, folder: Path, number: int) -> KeptFile:
    name = tidy_file_name(file.name or "file")
    target = folder / f"source{f'-{number}' if number else ''}{suffix_of(name)}"
    digest = _place(file, target)
    return KeptFile(key_of(target), name, target.stat().st_size, digest)


def _together(parts: tuple[KeptFile, ...]) -> KeptFile:
    """Several files under the first one's path; the hash of all is taken by the worker that reads them."""
    names = ", ".join(part.name for part in parts)
    shown = names if len(names) <= LONGEST_NAME else f"{names[: LONGEST_NAME - 2]} …"
    return KeptFile(parts[0].path, shown, sum(part.size for part in parts), "", parts)


def keep_again(path: str, name: str, files: Sequence[Mapping[str, Any]]) -> KeptFile:
    """Give files that are kept already a second folder, without copying them, to be read in another way."""
    known = [(file["path"], file["name"]) for file in files] or [(path, name)]
    folder = new_folder(f"{FOLDER}/{uuid.uuid4().hex}")
    parts = []
    for old, called in known:
        target = folder / Path(old).name
        _link(local_path(old), target)
        parts.append(KeptFile(key_of(target), called, target.stat().st_size, ""))
    return parts[0] if len(parts) == 1 else _together(tuple(parts))


def forget(kept: KeptFile) -> None:
    """Remove a kept file with its folder."""
    shutil.rmtree(local_path(kept.path).parent, ignore_errors=True)


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
        if isinstance(file, TemporaryUploadedFile):
            file.seek(0)
            shutil.move(file.temporary_file_path(), target)
        else:
            _link(Path(file.temporary_file_path()), target)
        target.chmod(0o600)
        return str(file.sha256)
    digest = hashlib.sha256()
    with target.open("wb") as written:
        for chunk in file.chunks():
            written.write(chunk)
            digest.update(chunk)
    return digest.hexdigest()


def _link(source: Path, target: Path) -> None:
    """Give the bytes a second name: if what follows fails, the upload is still whole under its first."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP):
            raise
        shutil.copyfile(source, target)
