"""A full disk, whichever library says it: each has words of its own for the same errno."""

import errno

from experiments.errors import gettext_noop

DISK_FULL = gettext_noop("The server's disk is full. Ask the administrator to free some space, then try again.")
ERRNOS = (errno.ENOSPC, errno.EDQUOT)
WORDS = ("no space left on device", "disk is full", "disk full", "disk quota exceeded")


def is_disk_full(error: BaseException | None) -> bool:
    """Return whether an error, or one that it came from, says that the disk is full.

    Parameters
    ----------
    error : BaseException or None
        What was raised by a library, a database, or the operating system.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_disk_full(OSError(28, "No space left on device"))
    True
    >>> is_disk_full(RuntimeError("IO Error: Could not write file: No space left on device"))
    True
    >>> is_disk_full(ValueError("disk"))
    False
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in ERRNOS:
            return True
        if any(words in str(error).lower() for words in WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
