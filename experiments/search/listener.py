"""The listener of a run: what is reported to it, and whether it has asked to finish."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from experiments.errors import FinishNow
from experiments.progress import (
    BudgetOutlook,
    Event,
    OnProgress,
    ResultStands,
    Said,
    Skipped,
    StageStarted,
    Tick,
    TrialFinished,
)
from experiments.search.clock import Clock

SECONDS_BETWEEN_TICKS = 0.25


class Listener:
    """Reports the events of one run, and remembers a request to finish.

    Attributes
    ----------
    is_asked_to_finish : whether the listener has asked to finish.
    stage : the one last announced. outlook : what was last said of whether more time is worth it.
    """

    def __init__(self, on_progress: OnProgress, clock: Clock) -> None:
        self.is_asked_to_finish = False
        self.stage = ""
        self.outlook: BudgetOutlook | None = None
        self._on_progress = on_progress
        self._clock = clock
        self._is_searching = False
        self._last_tick = 0.0
        self._asked_at: float | None = None

    @property
    def seconds_since_wish(self) -> float:
        """Seconds since the listener asked to finish; 0 while it has not."""
        return 0.0 if self._asked_at is None else self._clock.elapsed - self._asked_at

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Let a request to finish interrupt, once: only a search can be cut short; elsewhere it is remembered."""
        self._is_searching = not self.is_asked_to_finish
        try:
            yield
        finally:
            self._is_searching = False

    def tick(self) -> None:
        """Report that the run is alive, at most a few times a second."""
        now = time.monotonic()
        if now - self._last_tick >= SECONDS_BETWEEN_TICKS:
            self._last_tick = now
            left = self._clock.left(is_cut_short=self.is_asked_to_finish)
            self._tell(Tick(self._clock.elapsed, min(1.0, self._clock.fraction_done), left))

    def begin(self, stage: str) -> None:
        """Announce a stage, unless it goes on."""
        if stage != self.stage:
            self.stage = stage
            self._tell(StageStarted(stage))

    def say(self, message: str, **params: Any) -> None:
        """Put a sentence into the log."""
        self._tell(Said(message, params))

    def skip(self, learner: str, message: str, **params: Any) -> None:
        """Report that something was left out, and why."""
        self._tell(Skipped(learner, message, params))

    def finished(self, trial: Any) -> None:
        """Report that a trial has ended."""
        self._tell(TrialFinished(trial))

    def stands(self, result: Any) -> None:
        """Report that a usable result exists."""
        self._tell(ResultStands(result))

    def look_ahead(self, outlook: BudgetOutlook) -> None:
        """Report whether more time is worth it, when the answer has changed."""
        if outlook != self.outlook:
            self.outlook = outlook
            self._tell(outlook)

    def _tell(self, event: Event) -> None:
        try:
            self._on_progress(event)
        except FinishNow:
            is_news, self.is_asked_to_finish = not self.is_asked_to_finish, True
            if is_news:
                self._asked_at = self._clock.elapsed
            if is_news and self._is_searching:
                raise
