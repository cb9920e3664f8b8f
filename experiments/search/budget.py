"""The time and the attention of a run: what is left, what is told, and when to stop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from experiments.errors import FinishNow
from experiments.processor import cores
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
from experiments.spec import SearchBudget

if TYPE_CHECKING:
    from experiments.search.workers import Workers

SECONDS_BETWEEN_TICKS = 0.25


class OutOfTime(Exception):
    """The part of the budget set aside for this work is used up."""


class Run:
    """One run's clock and its voice.

    Parameters
    ----------
    budget : seconds or a number of trials; with trials, no decision may depend on the clock.
    used : seconds already spent before this call, for example by an earlier part of the same run.
    replayed : decisions of an earlier run that is repeated; then the clock decides nothing.

    Attributes
    ----------
    workers : the processes in which its fits happen; without them they happen in this one.
    must_do : seconds of work, on an idle machine, that remain to be done at the end whatever is left out before.
    kept_back : further seconds for what takes no more than it finds, such as explaining rows.
    outlook : what was last said of whether more time is worth it.
    stage : the one last announced.
    decisions : by name, everything the clock or the listener decided, as JSON-ready plain data.
    begun : families of which a fit was begun, in the order of their beginning.
    is_asked_to_finish : whether the listener has asked to finish; ``is_hurried``, whether the present phase knows it.
    """

    def __init__(
        self,
        budget: SearchBudget,
        on_progress: OnProgress,
        *,
        used: float = 0.0,
        replayed: dict[str, Any] | None = None,
    ) -> None:
        self.budget = budget
        self.on_progress = on_progress
        self.is_timed = budget.trials is None and replayed is None
        self.is_asked_to_finish = False
        self.is_hurried = False
        self.is_searching = False
        self.stage = ""
        self.fraction = 0.0
        self.threads = cores()
        self.must_do = self.kept_back = 0.0
        self.workers: Workers | None = None
        self.outlook: BudgetOutlook | None = None
        self.decisions: dict[str, Any] = {}
        self.begun: dict[str, None] = {}
        self._replayed = replayed
        self._started = time.monotonic() - used
        self._fit_seconds, self._fit_cpu_seconds = 0.0, 0.0
        self._last_tick = 0.0
        self._asked_at: float | None = None
        self._expected_end: float | None = None
        self._deadline: float | None = None
        self._can_be_left = self._is_ending = False

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @property
    def seconds(self) -> float:
        """Seconds granted in all; endless when trials are counted."""
        return float(self.budget.seconds or 0.0) if self.is_timed else float("inf")

    @property
    def remaining(self) -> float:
        """Seconds left of the whole budget."""
        return self.seconds - self.elapsed

    @property
    def end_of_choice(self) -> float:
        """Seconds of the run at which only what ends it is left to do."""
        return max(0.5 * self.seconds, self.latest_end_of_choice - self.kept_back)

    @property
    def latest_end_of_choice(self) -> float:
        """Seconds of the run from which on nothing can be left out any more."""
        # On a busy machine what must be done takes longer, though never all there is.
        return max(0.5 * self.seconds, self.seconds - self.must_do * self.slowness)

    @property
    def spare(self) -> float:
        """Seconds left for work that can be left out, never below zero."""
        return max(0.0, self.end_of_choice - self.elapsed)

    @property
    def seconds_since_wish(self) -> float:
        """Seconds since the listener asked to finish; 0 while it has not."""
        return 0.0 if self._asked_at is None else self.elapsed - self._asked_at

    @property
    def left(self) -> float | None:
        """Seconds that the run is expected to take from now; None where nothing is known to tell by.

        Under the clock it is what is left of the budget, unless what is still to be done is known to take longer.
        """
        known = None if self._expected_end is None else self._expected_end - self.elapsed
        if known is not None and known <= 0:
            known = None
        if not self.is_timed or self.is_asked_to_finish:
            return known
        granted = self.remaining if self.remaining > 0 else None
        return granted if known is None else max(known, granted or 0.0)

    def expect(self, seconds: float, fraction: float | None = None) -> None:
        """Note how long all that is left is expected to take, and what share of the whole is done."""
        self._expected_end = self.elapsed + seconds
        if fraction is not None:
            self.fraction = max(self.fraction, min(fraction, 1.0))

    @property
    def slowness(self) -> float:
        """Wall seconds for each second of work: 1 on an idle machine, more when others take its cores."""
        return float(min(4.0, max(1.0, self._fit_seconds / max(self._fit_cpu_seconds, 0.1))))

    def worked(self, seconds: float, cpu_seconds: float) -> None:
        """Note what a fit in another process took, by the clock and of its core."""
        self._fit_seconds += seconds
        self._fit_cpu_seconds += cpu_seconds

    def decide(self, name: str, choose: Callable[[], Any]) -> Any:
        """Return what ``choose`` says, or what it said in the run that is repeated.

        Everything that depends on the clock, on the listener or on an earlier crash passes here after the search, so
        that a run can be repeated to the last bit.
        """
        is_known = self._replayed is not None and name in self._replayed
        self.decisions[name] = self._replayed[name] if is_known and self._replayed is not None else choose()
        return self.decisions[name]

    def recall(self, name: str) -> Any:
        """Return what the run that is repeated noted under this name, or None."""
        return None if self._replayed is None else self._replayed.get(name)

    def note(self, name: str, outcome: Any) -> None:
        """Keep how something ended that a repetition must end likewise."""
        self.decisions[name] = outcome

    def settle_haste(self, phase: str) -> None:
        """Let a wish to finish count from here on, after the search: within a phase it may not change its mind."""
        self._is_ending = True
        self.is_hurried = bool(self.decide(f"hurried {phase}", lambda: self.is_asked_to_finish))

    def hear_of_haste(self, phase: str) -> None:
        """Let a wish to finish that came meanwhile count from here on; one that counts already stays."""
        if not self.is_hurried:
            self.settle_haste(phase)

    def set_used(self, seconds: float) -> None:
        """Move the clock on to where an interrupted run had come."""
        if seconds > self.elapsed:
            self._started = time.monotonic() - seconds

    def pulse(self) -> None:
        """Say that the run is alive, let the listener stop it, and keep the deadline; cheap enough for inner loops."""
        now = time.monotonic()
        if now - self._last_tick >= SECONDS_BETWEEN_TICKS:
            self._last_tick = now
            self._tell(Tick(self.elapsed, min(1.0, self.fraction_done()), self.left))
        if self._deadline is not None and self.elapsed > self._deadline:
            raise OutOfTime
        if self._can_be_left and self._is_ending and self.is_asked_to_finish:
            raise OutOfTime

    def fraction_done(self) -> float:
        """Return the share of the whole work that is done, by the clock when there is one."""
        return max(self.fraction, self.elapsed / self.seconds if self.is_timed and self.seconds else 0.0)

    @contextmanager
    def until(self, deadline: float | None, *, in_haste: bool = False) -> Iterator[None]:
        """End what is done inside with ``OutOfTime`` when ``elapsed`` passes ``deadline``.

        After the search a wish to finish ends it likewise, unless it is done ``in_haste`` for that very wish: then the
        deadline holds whether or not the run is under the clock.
        """
        before = self._deadline, self._can_be_left
        is_held_to = self.is_timed or (in_haste and self._replayed is None)
        self._deadline = deadline if is_held_to else None
        self._can_be_left = not in_haste
        try:
            yield
        finally:
            self._deadline, self._can_be_left = before

    def begin(self, stage: str) -> None:
        """Announce a stage, unless it goes on."""
        if stage != self.stage:
            self.stage = stage
            self._tell(StageStarted(stage))

    def say(self, message: str, **params: Any) -> None:
        """Put a sentence into the log."""
        self._tell(Said(message, params))

    def skip(self, learner: str, message: str, **params: Any) -> None:
        """Tell that something was left out and why."""
        self._tell(Skipped(learner, message, params))

    def finished(self, trial: Any) -> None:
        """Tell that a trial ended."""
        self._tell(TrialFinished(trial))

    def stands(self, result: Any) -> None:
        """Tell that there is a result to use already."""
        self._tell(ResultStands(result))

    def look_ahead(self, outlook: BudgetOutlook) -> None:
        """Tell whether more time is worth it, when that is news."""
        if outlook != self.outlook:
            self.outlook = outlook
            self._tell(outlook)

    def _tell(self, event: Event) -> None:
        try:
            self.on_progress(event)
        except FinishNow:
            # Only a search can be cut short; before it and after it the wish is remembered.
            is_news, self.is_asked_to_finish = not self.is_asked_to_finish, True
            if is_news:
                self._asked_at = self.elapsed
            if is_news and self.is_searching:
                raise
