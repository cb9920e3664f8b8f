"""How long a run has taken, what it was granted, and how long the rest is expected to take."""

import time

from experiments.spec import SearchBudget


class Clock:
    """The time of one run.

    Parameters
    ----------
    budget : seconds or a number of trials; with trials, no decision may depend on the clock.
    used : seconds already spent before, for example by an earlier part of the same run.
    is_repeated : whether an earlier run is repeated; then the clock decides nothing.

    Attributes
    ----------
    is_timed : whether the budget is one of seconds that count. fraction : of the whole work, what is known to be done.
    """

    def __init__(self, budget: SearchBudget, *, used: float = 0.0, is_repeated: bool = False) -> None:
        self.budget = budget
        self.is_timed = budget.trials is None and not is_repeated
        self.fraction = 0.0
        self._started = time.monotonic() - used
        self._fit_seconds, self._fit_cpu_seconds = 0.0, 0.0
        self._expected_end: float | None = None

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
    def slowness(self) -> float:
        """Wall seconds for each second of work: 1 on an idle machine, more when others take its cores."""
        return float(min(4.0, max(1.0, self._fit_seconds / max(self._fit_cpu_seconds, 0.1))))

    def worked(self, seconds: float, cpu_seconds: float) -> None:
        """Note what a fit in another process took, by the clock and of its core."""
        self._fit_seconds += seconds
        self._fit_cpu_seconds += cpu_seconds

    def set_used(self, seconds: float) -> None:
        """Move the clock on to where an interrupted run had come."""
        if seconds > self.elapsed:
            self._started = time.monotonic() - seconds

    def expect(self, seconds: float, fraction: float | None = None) -> None:
        """Note how long all that is left is expected to take, and what share of the whole is done."""
        self._expected_end = self.elapsed + seconds
        if fraction is not None:
            self.fraction = max(self.fraction, min(fraction, 1.0))

    def left(self, *, is_cut_short: bool) -> float | None:
        """Return the seconds that the run is expected to take from now; None where nothing is known to tell by.

        Under the clock it is what is left of the budget, unless what is still to be done is known to take longer, or
        the run ``is_cut_short``.
        """
        known = None if self._expected_end is None else self._expected_end - self.elapsed
        if known is not None and known <= 0:
            known = None
        if not self.is_timed or is_cut_short:
            return known
        granted = self.remaining if self.remaining > 0 else None
        return granted if known is None else max(known, granted or 0.0)

    @property
    def fraction_done(self) -> float:
        """Share of the whole work that is done, by the clock when there is one."""
        return max(self.fraction, self.elapsed / self.seconds if self.is_timed and self.seconds else 0.0)
