"""Which code does which kind of work; each app adds its own line in ``AppConfig.ready``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

if TYPE_CHECKING:  # imported by every AppConfig, before there are models
    from jobs.context import JobContext
    from jobs.models import Job

Hook = Callable[["Job"], None]


@dataclass(frozen=True)
class Work:
    """Where a kind's functions are; imported only by whoever runs them, so that web servers stay light."""

    run_path: str
    on_end_path: str | Hook | None

    def run(self, job: "Job", context: "JobContext") -> None:
        import_string(self.run_path)(job, context)

    def on_end(self, job: "Job") -> None:
        """Let the subject know that its job has ended, well or badly."""
        if self.on_end_path is None:
            return
        hook = import_string(self.on_end_path) if isinstance(self.on_end_path, str) else self.on_end_path
        hook(job)


_works: dict[str, Work] = {}


def register(kind: str, run: str, on_end: str | Hook | None = None) -> None:
    """Say which function does a kind of work, and which one is told of its end."""
    _works[str(kind)] = Work(run, on_end)


def work_for(kind: str) -> Work:
    """Return what was registered for a kind."""
    return _works[str(kind)]
