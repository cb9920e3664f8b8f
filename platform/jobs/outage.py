"""A database that is away for a moment: what must be written waits for it, and nothing is lost or begun anew."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)
# What says that the database does not answer, or has no room; a wrong statement says something else.
OUTAGE = (OperationalError, InterfaceError)
PATIENCE_SECONDS = 3600.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
Result = TypeVar("Result")


def outlast(act: Callable[[], Result], *, patience: float = PATIENCE_SECONDS) -> Result:
    """Do what needs the database, again and again until it answers.

    ``act`` must be one that may be done twice. Within a transaction nothing is repeated: it is for whoever began it.
    """
    deadline, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        try:
            return act()
        except OUTAGE as error:
            if not let_go_of_connection() or time.monotonic() > deadline:
                raise
            log.warning("the database does not answer (%s); next try in %s s", type(error).__name__, pause)
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def let_go_of_connection() -> bool:
    """Close a connection that may be broken, so that the next use opens another; not within a transaction."""
    if connection.in_atomic_block:
        return False
    connection.close()
    return True
