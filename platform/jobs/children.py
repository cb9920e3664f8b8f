"""Child processes that never outlive their parent, not even one that was killed."""

import contextlib
import os
from pathlib import Path

from experiments.processes.forked_child import die_with

PARENT_VARIABLE = "XIAOYU_PARENT_PID"
NICENESS = 10


def die_with_parent() -> None:
    """Bind this process to the one that started it, if it was started as a child."""
    parent = int(os.environ.get(PARENT_VARIABLE) or 0)
    if parent:
        die_with(parent)


def bind_grandchild() -> None:
    """Bind a process forked by a child to that child."""
    os.environ[PARENT_VARIABLE] = str(os.getppid())
    die_with_parent()


def let_others_first() -> None:
    """Take the processor only as far as others leave it, so that people at the pages do not wait for long work."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS - os.nice(0))
    # Linux weighs whole sessions against each other before it looks at the niceness within one; ours is one.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")
