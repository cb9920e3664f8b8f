"""A folder for the work on one file, which goes with the work, and with the next one where the work was killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = ".ingest-"
LOCK = "lock"
OLD_SECONDS = 3_600


@contextlib.contextmanager
def open_workspace(folder: Path) -> Iterator[Path]:
    """Sweep what killed work left in ``folder``, then make a place for new work there and remove it at the end.

    The place holds a lock that the system lets go when the process ends, however it ends.
    """
    sweep(folder)
    work = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    try:
        with (work / f"{LOCK}.new").open("w") as lock:
            with contextlib.suppress(OSError):
                # Not every network disk knows locks; there the age must tell.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever sees the lock sees it locked.
            os.rename(lock.name, work / LOCK)
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def sweep(folder: Path) -> list[Path]:
    """Remove the places of work whose process is gone, or nothing is known of and which an hour left untouched."""
    swept = []
    for work in folder.glob(f"{PREFIX}*"):
        if work.is_dir() and not work.is_symlink() and _is_left_over(work):
            shutil.rmtree(work, ignore_errors=True)
            swept.append(work)
    return swept


def _is_left_over(work: Path) -> bool:
    try:
        with (work / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        return False
    except OSError:
        # Without a lock it was made a moment ago, or by an earlier release, or on a disk without locks.
        return _seconds_untouched(work) > OLD_SECONDS


def _seconds_untouched(work: Path) -> float:
    touched = 0.0
    for path in (work, *work.rglob("*")):
        with contextlib.suppress(FileNotFoundError):
            touched = max(touched, os.stat(path).st_mtime)
    return time.time() - touched
