"""Kinds of long work: each is a class that says what it is and does it. Defining the class makes it known."""

import logging
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from jobs.context import JobContext
from jobs.limits import JobLimits, limits_in
from jobs.models import Job

log = logging.getLogger(__name__)


class JobRunner(ABC):
    """One kind of long work; an instance does one job of it.

    A kind stands in its app's ``jobs.py``, which is imported when all apps are there. What takes time to load is
    imported by ``run``, so that web servers stay light.

    Attributes
    ----------
    name : what rows of jobs are known by; it stays for as long as there are such rows.
    label : what it is, as people read it.
    queue : the queue it waits in; empty for work on files, which waits by its size.
    limits : what a job may take of memory and time; where left out, what its queue allows.
    needs : modules that a worker loads before it takes such jobs, so that none waits for them in its own process.
    can_pause : whether it goes on from where it was; by hearing of pauses a kind says that it does.
    """

    name: ClassVar[str]
    label: ClassVar[Any]
    queue: ClassVar[str] = ""
    limits: ClassVar[JobLimits | None] = None
    needs: ClassVar[tuple[str, ...]] = ()
    can_pause: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.can_pause = cls.on_pause is not JobRunner.on_pause
        known = _kinds.setdefault(str(cls.name), cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ImproperlyConfigured(
                f"{cls.__module__}.{cls.__qualname__} and {known.__module__}.{known.__qualname__} are both the kind of "
                f"job “{cls.name}”. Give one of them another name."
            )
        # Of a class that was loaded again, the newer one works.
        _kinds[str(cls.name)] = cls

    def __init__(self, job: Job) -> None:
        self.job = job

    @abstractmethod
    def run(self, context: JobContext) -> None:
        """Do the work. Called again after a crash, it begins where it finds things."""

    def on_end(self) -> None:  # noqa: B027  most have nobody to tell
        """Let the subject know that its job has ended, well or badly; within the transaction that says so."""

    def on_pause(self) -> None:  # noqa: B027
        """Let the subject know that its job has been paused or goes on."""


_kinds: dict[str, type[JobRunner]] = {}


def kinds() -> list[type[JobRunner]]:
    """Return every kind of work that an app does."""
    return list(_kinds.values())


def runner_of(job: Job) -> JobRunner:
    """Return what does a job."""
    return _kinds[job.kind](job)


def kind_named(name: str) -> type[JobRunner]:
    """Return the kind of work by its name."""
    return _kinds[str(name)]


def label_of(name: str) -> str:
    """Return what a kind of work is called; one that no app does any more is shown by its name."""
    kind = _kinds.get(str(name))
    return str(kind.label) if kind else str(name)


def limits_of(job: Job) -> JobLimits:
    """Return what a job may take: as its kind says, else what its queue allows."""
    kind = _kinds.get(job.kind)
    return (kind.limits if kind else None) or limits_in(job.queue)


_tidyings: list[str] = []


def register_tidying(path: str) -> None:
    """Name a function without arguments that the scheduler calls every few hours to clear what has expired."""
    if path not in _tidyings:
        _tidyings.append(path)


def tidy() -> None:
    """Call every function that was registered for it; one that fails does not keep the others from theirs."""
    for path in _tidyings:
        try:
            import_string(path)()
        except Exception:
            log.exception("%s could not tidy; next try in a few hours", path)
