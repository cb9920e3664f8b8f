"""Child processes that never outlive their parent, not even one that was killed."""

import os

from experiments.forking import die_with

PARENT_VARIABLE = "XIAOYU_PARENT_PID"


def die_with_parent() -> None:
    """Bind this process to the one that started it, if it was started as a child."""
    parent = int(os.environ.get(PARENT_VARIABLE) or 0)
    if parent:
        die_with(parent)


def bind_grandchild() -> None:
    """Bind a process forked by a child to that child."""
    os.environ[PARENT_VARIABLE] = str(os.getppid())
    die_with_parent()
