"""Which code does which kind of work; each app adds its own line in ``AppConfig.ready``."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

if TYPE_CHECKING:  # imported by every AppConfig, before there are models
    from jobs.context import JobContext
    from jobs.models import Job

log = logging.getLogger(__name__)
Hook = Callable[["Job"], None]


@dataclass(frozen=True)
class Work:
    """What a kind of work is called, where its functions are, and where it waits.

    Functions are imported only by whoever runs them, so that web servers stay light.

    Attributes
    ----------
    label : what it is, as people read it.
    queue : the queue it waits in; empty for work on files, which waits by its size.
    """

    run_path: str
    on_end_path: str | Hook | None
    on_pause_path: str | Hook | None = None
    label: Any = ""
    queue: str = ""

    @property
    def can_pause(self) -> bool:
        """Work that goes on from where it was may be paused; it says so by wanting to hear of it."""
        return self.on_pause_path is not None

    def run(self, job: "Job", context: "JobContext") -> None:
        import_string(self.run_path)(job, context)

    def on_end(self, job: "Job") -> None:
        """Let the subject know that its job has ended, well or badly."""
        _tell(self.on_end_path, job)

    def on_pause(self, job: "Job") -> None:
        """Let the subject know that its job has been paused or goes on."""
        _tell(self.on_pause_path, job)


def _tell(path: str | Hook | None, job: "Job") -> None:
    if path is not None:
        hook = import_string(path) if isinstance(path, str) else path
        hook(job)


_works: dict[str, Work] = {}


def register(
    kind: str,
    run: str,
    *,
    on_end: str | Hook | None = None,
    on_pause: str | Hook | None = None,
    queue: str = "",
) -> None:
    """Say which function does a kind of work, and which ones are told of its end and of its pauses.

    Parameters
    ----------
    kind : a member of the app's own ``TextChoices``, whose label is what people read.
    """
    _works[str(kind)] = Work(run, on_end, on_pause, getattr(kind, "label", kind), queue)


def label_of(kind: str) -> str:
    """Return what a kind of work is called; one that no app does any more is shown by its name."""
    work = _works.get(str(kind))
    return str(work.label) if work else str(kind)


def queue_of(kind: str) -> str:
    """Return the queue that a kind of work asked for, if any."""
    work = _works.get(str(kind))
    return work.queue if work else ""


def work_for(kind: str) -> Work:
    """Return what was registered for a kind."""
    return _works[str(kind)]


def run_paths() -> dict[str, str]:
    """Return where the function of each kind is."""
    return {kind: work.run_path for kind, work in _works.items()}


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
