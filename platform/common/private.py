"""What lies in ``var`` and among the files is for its owner alone, however the process that makes it was started."""

import contextlib
import os
import stat
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def create_privately() -> None:
    """Have everything that this process makes, and every process it starts, readable by its owner only."""
    os.umask(0o077)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner gets into, or close one that is there: what lies below is closed with it."""
    folder.mkdir(parents=True, exist_ok=True)
    _close(folder)


def close_throughout(folder: Path) -> int:
    """Close a folder and all that lies in it, as where an earlier release or a copy left it open; return how much.

    Links are not followed, and what belongs to somebody else stays as it is.
    """
    closed = int(_close(folder))
    for place, folders, files in os.walk(folder):
        closed += sum(_close(Path(place, name)) for name in (*folders, *files))
    return closed


def _close(path: Path) -> bool:
    with contextlib.suppress(OSError):
        found = path.lstat()
        wanted = FOLDER if stat.S_ISDIR(found.st_mode) else FILE
        is_ours = found.st_uid == os.geteuid()
        # A folder that everybody may put files into, such as /tmp, is not ours to close.
        is_shared = bool(found.st_mode & stat.S_ISVTX)
        is_closable = stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
        if is_ours and is_closable and not is_shared and stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(wanted)
            return True
    return False
