"""Whether this worker process has been asked to stop."""

import threading

_asked = threading.Event()


def ask_to_stop() -> None:
    _asked.set()


def is_stopping() -> bool:
    return _asked.is_set()
