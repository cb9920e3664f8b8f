"""Child processes that never outlive their parent, not even one that was killed."""

import ctypes
import os
import signal
import sys
import threading
import time

PARENT_VARIABLE = "XIAOYU_PARENT_PID"
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Bind this process to the one that started it, if it was started as a child."""
    parent = int(os.environ.get(PARENT_VARIABLE) or 0)
    if not parent:
        return
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)


def bind_grandchild() -> None:
    """Bind a process forked by a child to that child."""
    os.environ[PARENT_VARIABLE] = str(os.getppid())
    die_with_parent()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
