"""What the steps of a run share: its clock, decisions, listener, time policy and worker pool, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.progress import OnProgress
from experiments.search.clock import Clock
from experiments.search.decisions import Decisions
from experiments.search.listener import Listener
from experiments.search.time_policy import TimePolicy
from experiments.search.workers import ThisProcess, WorkerPool
from experiments.spec import SearchBudget


@dataclass(frozen=True)
class Run:
    """The five parts of a run; each step is given only those it needs."""

    clock: Clock
    decisions: Decisions
    listener: Listener
    time: TimePolicy
    workers: WorkerPool

    @classmethod
    def begun(
        cls,
        budget: SearchBudget,
        on_progress: OnProgress,
        *,
        used: float = 0.0,
        replayed: Mapping[str, Any] | None = None,
        workers: WorkerPool | None = None,
    ) -> "Run":
        """Start the clock.

        Parameters
        ----------
        used : seconds already spent before this call, for example by an earlier part of the same run.
        replayed : decisions of an earlier run that is repeated; then the clock decides nothing.
        workers : the processes in which its fits happen; without them they happen in this one.
        """
        clock = Clock(budget, used=used, is_repeated=replayed is not None)
        decisions, listener = Decisions(replayed), Listener(on_progress, clock)
        return cls(clock, decisions, listener, TimePolicy(clock, decisions, listener), workers or ThisProcess())
