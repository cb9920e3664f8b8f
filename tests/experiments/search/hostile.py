"""Learners that misbehave in every way a library may; they live in a module, so that a worker can import them."""

import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Any

from experiments.learners.lightgbm import LightGBM
from experiments.learners.linear import Linear


class Hostile(Linear):
    """As a straight line, but for the fit."""

    name = "lightgbm"
    about = LightGBM.about

    def __init__(self, begun: Path | None = None) -> None:
        self.begun = begun

    def tell(self) -> None:
        """Leave word that a fit has begun, for whoever waits for it."""
        if self.begun is not None:
            self.begun.touch()

    def fit(self, request: Any) -> Any:
        """Misbehave."""
        raise NotImplementedError


class Raising(Hostile):
    """Raises what a library may raise."""

    def fit(self, request: Any) -> Any:
        raise ValueError("these numbers are not to my taste")


class Quoting(Hostile):
    """Quotes a cell, as libraries do, and the name of a column."""

    def fit(self, request: Any) -> Any:
        raise ValueError("could not convert 'Wang Xiaoming' of 'age'")


class Leaving(Hostile):
    """Ends the process from within."""

    def fit(self, request: Any) -> Any:
        os._exit(3)


class Crashing(Hostile):
    """Reads memory that is not its own."""

    def fit(self, request: Any) -> Any:
        return ctypes.string_at(0)


class Killed(Hostile):
    """Ends as the system ends what takes too much memory."""

    def fit(self, request: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


class Eating(Hostile):
    """Takes memory until there is none."""

    def fit(self, request: Any) -> Any:
        eaten = []
        while True:
            eaten.append(bytearray(b"x" * 10_000_000))


class Sleeping(Hostile):
    """Waits for something that never comes."""

    def fit(self, request: Any) -> Any:
        time.sleep(3600)


class Looping(Hostile):
    """Works on and on and says nothing."""

    def fit(self, request: Any) -> Any:
        while True:
            pass


class Deaf(Hostile):
    """Hangs in native code with the interpreter in its hand and every signal blocked."""

    def fit(self, request: Any) -> Any:
        self.tell()
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        ctypes.PyDLL(None).sleep(3600)


class Endless(Hostile):
    """Works on and on, and says so."""

    def fit(self, request: Any) -> Any:
        self.tell()
        while True:
            request.pulse()
            time.sleep(0.01)


class Nonsense(Hostile):
    """Predicts what is not a number."""

    def fit(self, request: Any) -> Any:
        model = super(Hostile, self).fit(request)
        model.intercept = float("nan")
        return model
