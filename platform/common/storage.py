"""The one door to the platform's files: a row keeps a key, a path below the place for files; only here it is joined.

Behind it stands an fsspec file system, today that of this machine. What reads Parquet, seals a model or renames a
folder needs a path of its own: ``local_path`` gives it. For a store elsewhere it would fetch there what lies under the
key, and ``key_of``, which is asked when something has been put in its place, would send it.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from django.conf import settings
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem


class OutsideStore(FileNotFoundError):
    """A key that names nothing below the place for files; whoever can do without a file can do without this one."""


def store() -> DirFileSystem:
    """Return the file system in which every key is a path."""
    return DirFileSystem(path=str(root()), fs=LocalFileSystem())


def root() -> Path:
    """Return the folder on this machine below which all keys lie."""
    return Path(settings.MEDIA_ROOT)


def local_path(key: str) -> Path:
    """Return where on this machine the file or folder of a key lies, or is to be made.

    Raises OutsideStore where the key is empty or leads out of the store.
    """
    return root() / _guarded(key)


def new_folder(key: str, *, may_exist: bool = False) -> Path:
    """Make the folder of a key and return where it is."""
    folder = local_path(key)
    folder.mkdir(parents=True, exist_ok=may_exist)
    return folder


def key_of(path: Path) -> str:
    """Return the key under which a row keeps what was put at a path.

    Raises OutsideStore where the path does not lie in the store.
    """
    # The store may be reached over a link, and then some paths name the link and others what it leads to.
    for inner, outer in ((path, root()), (path.resolve(), root().resolve())):
        if inner.is_relative_to(outer):
            return _guarded(inner.relative_to(outer).as_posix())
    raise OutsideStore(str(path))


def open_file(key: str) -> BinaryIO:
    """Open the bytes of a key for reading."""
    return cast(BinaryIO, store().open(_guarded(key), "rb"))


def exists(key: str) -> bool:
    """Tell whether anything lies under a key; under none, or one that leads out, nothing does."""
    try:
        return bool(store().exists(_guarded(key)))
    except OutsideStore:
        return False


def keys_below(key: str) -> Iterator[str]:
    """Yield the keys of what lies directly in a folder, none where it is not there."""
    guarded = _guarded(key)
    if exists(guarded):
        yield from sorted(store().ls(guarded, detail=False))


def _guarded(key: str) -> str:
    parts = PurePosixPath(key).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in key or "\\" in key:
        raise OutsideStore(key)
    return str(PurePosixPath(*parts))
