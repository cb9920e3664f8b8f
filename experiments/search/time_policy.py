"""How a run's seconds are shared out, when each part ends, and what a request to finish leads to.

The whole budget is parted here and nowhere else: the search up to its deadline, each of its trials, columns that are
derived, the models of a two-stage question, folds on all rows, measuring, the last fits, saving and explaining.
Where trials are counted nothing depends on the clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from experiments.search.clock import Clock
from experiments.search.decisions import Decisions
from experiments.search.listener import Listener

# At the end: measured, the curves and tables of a finalist are made of all its rows; and what explaining rows may take.
SECONDS_A_ROW_TO_SAVE, SECONDS_TO_SAVE, SHARE_TO_SAVE = 5e-6, 2.0, 0.1
SHARE_KEPT_BACK, SHARE_OF_SHORTLIST, CELLS_A_SECOND = 0.08, 0.04, 4_000_000
SHARE_TO_EXPLAIN, SHARE_TO_EXPLAIN_OTHERS, SHARE_LEFT_TO_EXPLAIN = 0.04, 0.005, 0.3
SHARE_TO_CHECK = 0.005
# Of what may be left out, what each step may take.
SHARE_FOR_ALL_FOLDS, SHARE_EXPECTED_FOR_ALL_FOLDS = 0.7, 0.5
SHARE_FOR_MEMBERS, SHARE_FOR_STAGES, SHARE_FOR_REFITS, SHARE_FOR_TWIN = 0.6, 0.5, 0.8, 0.5
# Of the whole budget, what each of the two stages may take, and of what may be left out; and of a stage's time, what
# stays for scoring its finalists.
SHARE_OF_A_STAGE, SPARE_SHARE_OF_A_STAGE, SHARE_AFTER_STAGE = 0.2, 0.4, 0.25
SHARE_TO_DERIVE = {"standard": 0.06, "deep": 0.2}
# With less time than this the first models are worth more than any derived columns.
LEAST_SECONDS_TO_DERIVE, LEAST_SECONDS_A_CELL = 1.8, 3e-7
# Saving a finalist takes about so many times as long as measuring it; a measured one is saved as well.
SAVED_FOR_EACH_MEASURED, MEASURED_AND_SAVED = 2.0, 1.5
# The thorough way of a last fit takes seconds on each core and rarely finds better.
SECONDS_TO_BE_THOROUGH = 120.0
# Within so many seconds of a request to finish there must be a usable model; what is measured later ranks behind it.
SECONDS_TO_A_MODEL = 3.0
# A fit this short is worth doing even after a request to finish.
QUICK_FIT_SECONDS = 1.2

# The search.
FLAML_SHARE, LONGEST_TRIAL_SHARE, LONGEST_FIRST_SHARE, LONGEST_BASELINE = 0.6, 0.4, 0.5, 600.0
LARGEST_RESERVE, LARGEST_REFIT, LARGEST_REFIT_OF_SAMPLED = 0.55, 0.2, 0.45
# Four seeds of the best, as much again for the ensemble; of a sampled search its folds on all rows too.
ROUNDS_OF_REFIT, ROUNDS_OF_REFIT_OF_SAMPLED = 2.5, 3.5
# However short the budget is, there shall be a scorecard and a boosted model; they may take until then. What follows is
# quick for so few.
LATEST_ESSENTIALS, LATEST_OF_SHORT, SHORT_BUDGET = 0.75, 0.95, 15.0

# A fit that has not pulsed for so long, and longer on long tables, hangs.
SECONDS_OF_SILENCE, ROWS_OF_PATIENCE = 120.0, 100_000
# Under the clock, a fit that is silent for so much of the whole could not be afforded anyway.
LEAST_SECONDS_OF_SILENCE, SHARE_OF_SILENCE = 4.0, 0.15


class OutOfTime(Exception):
    """The share of the budget for this work is used up."""


class TimePolicy:
    """One run's deadlines, and whether it is hurried by a request to finish.

    Attributes
    ----------
    must_do : seconds of work, on an idle machine, that the end of a run takes at least.
    kept_back : further seconds for what takes no more than it finds, such as explaining rows.
    is_hurried : whether the present phase has taken notice of a request to finish.
    """

    def __init__(self, clock: Clock, decisions: Decisions, listener: Listener) -> None:
        self.clock, self.listener = clock, listener
        self.must_do = self.kept_back = 0.0
        self.is_hurried = False
        self._decisions = decisions
        self._deadline: float | None = None
        self._can_be_left = self._is_ending = False

    def pulse(self) -> None:
        """Say that the run is alive, let the listener stop it, and keep the deadline; cheap enough for inner loops."""
        self.listener.tick()
        if self._deadline is not None and self.clock.elapsed > self._deadline:
            raise OutOfTime
        if self._can_be_left and self._is_ending and self.listener.is_asked_to_finish:
            raise OutOfTime

    @contextmanager
    def until(self, deadline: float | None, *, in_haste: bool = False) -> Iterator[None]:
        """End what is done inside with ``OutOfTime`` when ``elapsed`` passes ``deadline``.

        After the search a wish to finish ends it likewise, unless it is done ``in_haste`` for that very wish: then the
        deadline holds whether or not the run is under the clock.
        """
        before = self._deadline, self._can_be_left
        is_held_to = self.clock.is_timed or (in_haste and not self._decisions.is_repetition)
        self._deadline = deadline if is_held_to else None
        self._can_be_left = not in_haste
        try:
            yield
        finally:
            self._deadline, self._can_be_left = before

    def settle_wish_to_finish(self, phase: str) -> None:
        """Take notice of a request to finish, after the search: within a phase the answer must not change."""
        self._is_ending = True
        wish = self._decisions.decide(f"hurried {phase}", lambda: self.listener.is_asked_to_finish)
        self.is_hurried = bool(wish)

    def hear_wish_to_finish(self, phase: str) -> None:
        """Take notice of a request to finish that has come in meanwhile; an earlier one stays."""
        if not self.is_hurried:
            self.settle_wish_to_finish(phase)

    def set_apart_the_end(self, rows: int) -> None:
        """Keep the seconds back that saving the finalists takes, and those that explaining them may take."""
        if self.clock.is_timed:
            least = min(SECONDS_TO_SAVE, SHARE_TO_SAVE * self.clock.seconds)
            self.must_do = least + SECONDS_A_ROW_TO_SAVE * rows
            self.kept_back = SHARE_KEPT_BACK * self.clock.seconds

    @property
    def latest_end_of_choice(self) -> float:
        """Seconds of the run after which nothing more can be left out."""
        # On a busy machine the final steps take longer, though never all the time there is.
        seconds = self.clock.seconds
        return max(0.5 * seconds, seconds - self.must_do * self.clock.slowness)

    @property
    def end_of_choice(self) -> float:
        """Seconds of the run at which only the final steps remain."""
        return max(0.5 * self.clock.seconds, self.latest_end_of_choice - self.kept_back)

    @property
    def spare(self) -> float:
        """Seconds left for work that can be left out, never below zero."""
        return max(0.0, self.end_of_choice - self.clock.elapsed)

    def after(self, share: float) -> float:
        """Return the second of the run at which this share of the spare time will be used up."""
        return self.clock.elapsed + share * self.spare


class SearchTime:
    """The deadlines of one search and of its trials.

    Parameters
    ----------
    reserve : seconds to leave for what follows the search.
    full_cost : how much longer a trial takes on all rows than on those that the search sees.
    has_twin : whether the recommended model is fitted once more, without its monotone constraints.
    """

    def __init__(self, clock: Clock, *, reserve: float, full_cost: float, has_twin: bool) -> None:
        self.clock, self.reserve = clock, reserve
        self._full_cost, self._has_twin = full_cost, has_twin

    def deadline(self, leader: float | None) -> float:
        """Return when the search ends, where a trial of the leader takes so many seconds; None while there is none."""
        is_sampled, seconds = self._full_cost > 1.0, self.clock.seconds
        rounds = self._full_cost * (ROUNDS_OF_REFIT_OF_SAMPLED if is_sampled else ROUNDS_OF_REFIT)
        # Where time is short, seeds are dropped one by one.
        most = LARGEST_REFIT_OF_SAMPLED if is_sampled else LARGEST_REFIT
        refit = min(most * seconds, rounds * leader) if leader is not None else 0.0
        if leader is not None and self._has_twin:
            # What constraints cost is seen in a twin without them.
            refit += self._full_cost * leader
        # On a busy machine everything that follows takes longer too.
        return seconds - min(LARGEST_RESERVE * seconds, self.reserve * self.clock.slowness + refit)

    def window(self, leader: float | None) -> float:
        """Return the seconds from now to the deadline."""
        return max(0.0, self.deadline(leader) - self.clock.elapsed)

    def latest(self, leader: float | None) -> float:
        """Return when a search without its essentials ends."""
        share = LATEST_ESSENTIALS if self.clock.seconds > SHORT_BUDGET else LATEST_OF_SHORT
        return max(self.deadline(leader), share * self.clock.seconds)

    def of_first_trial(self) -> float:
        """Return when the very first trial ends: however short the budget is, a run never ends with nothing."""
        return self.clock.seconds + LONGEST_BASELINE

    def of_essential(self, leader: float | None, *, is_last: bool) -> float:
        """Return when a trial ends while there is no boosted model or no scorecard yet: there is little better to do.

        Of a short budget each may take all that is left, and so may the scorecard where it alone is missing.
        """
        window = self.latest(leader) - self.clock.elapsed
        share = LONGEST_FIRST_SHARE if self.clock.seconds > SHORT_BUDGET and not is_last else 1.0
        return self.clock.elapsed + share * window

    def of_trial(self, leader: float | None) -> float:
        """Return when an ordinary trial ends."""
        deadline = self.deadline(leader)
        return min(deadline, self.clock.elapsed + LONGEST_TRIAL_SHARE * deadline)


def seconds_after_search(time: TimePolicy, cells: int) -> float:
    """Return the seconds to keep for everything after the search of a table of so many cells."""
    if not time.clock.is_timed:
        return 0.0
    return time.must_do + time.kept_back + SHARE_OF_SHORTLIST * time.clock.seconds + cells / CELLS_A_SECOND


def seconds_to_derive(clock: Clock, effort: str, cells: int) -> float | None:
    """Return the seconds in which columns may be derived; None where that is too little to find any."""
    seconds = SHARE_TO_DERIVE[effort] * clock.seconds
    return seconds if seconds >= max(LEAST_SECONDS_TO_DERIVE, LEAST_SECONDS_A_CELL * cells) else None


def seconds_of_stages(clock: Clock) -> float:
    """Return the seconds of the budget that the direct search must leave for a two-stage model."""
    return 2 * SHARE_OF_A_STAGE * clock.seconds


def seconds_of_stage(time: TimePolicy) -> float:
    """Return the seconds in which one stage is searched and its finalists are scored."""
    return min(SHARE_OF_A_STAGE * time.clock.seconds, SPARE_SHARE_OF_A_STAGE * time.spare)


def has_time_for_all_folds(time: TimePolicy, expected: float) -> bool:
    """Tell whether a trial of a sampled search can be scored on the complete folds, in so many seconds."""
    return not time.clock.is_timed or SHARE_EXPECTED_FOR_ALL_FOLDS * time.spare >= expected


def deadline_of_members(time: TimePolicy) -> float:
    """Return when the fits end with which the held-out rows will be read."""
    most = QUICK_FIT_SECONDS * 1.5 if time.is_hurried else SHARE_FOR_MEMBERS * time.spare
    return time.clock.elapsed + most


def keeps_waiting(time: TimePolicy, *, longest: float, fit: float) -> bool:
    """Tell whether fitting one more candidate, for ``fit`` seconds, would delay a model that is urgently wanted."""
    expected = fit + longest * (1.0 + SAVED_FOR_EACH_MEASURED)
    return time.listener.seconds_since_wish + expected > SECONDS_TO_A_MODEL


def is_late_to_measure(time: TimePolicy, seconds: float) -> bool:
    """Tell whether measuring one more candidate, for so many seconds, would take too long: it is saved as well."""
    return time.clock.is_timed and time.latest_end_of_choice < time.clock.elapsed + MEASURED_AND_SAVED * seconds


def is_late_to_keep(clock: Clock, seconds: float) -> bool:
    """Tell whether saving one more finalist, in so many seconds, would take longer than there is."""
    return clock.is_timed and clock.remaining < seconds


def has_time_to_be_thorough(clock: Clock) -> bool:
    """Decide by the time granted, not by the time left, so that a repeated run fits the same way."""
    return clock.seconds >= SECONDS_TO_BE_THOROUGH


def seconds_a_refit(time: TimePolicy, *, fits: int, threads: int) -> float:
    """Return what each of so many last fits may take."""
    rounds = -(-fits // threads)
    return max(1.0, SHARE_FOR_REFITS * time.spare / (rounds * time.clock.slowness))


def has_time_for_twin(time: TimePolicy, expected: float) -> bool:
    """Tell whether the recommended model can be fitted once more without its monotone constraints."""
    return not time.is_hurried and (not time.clock.is_timed or expected <= SHARE_FOR_TWIN * time.spare)


def rows_to_explain(clock: Clock, *, share: float, seconds_a_row: float, fewest: int, usual: int, most: int) -> int:
    """Return how many rows can be explained within a share of the budget."""
    # Late in a run, too few rows are better than a budget that is not kept.
    least = np.clip(SHARE_LEFT_TO_EXPLAIN * clock.remaining / seconds_a_row, fewest, usual)
    return int(np.clip(share * clock.seconds / seconds_a_row, least, most))


def seconds_of_patience(clock: Clock, rows: int) -> float:
    """Return the seconds without a pulse after which a fit counts as hung."""
    patience = SECONDS_OF_SILENCE * max(1.0, rows / ROWS_OF_PATIENCE)
    if not clock.is_timed:
        return patience
    return min(patience, clock.slowness * max(LEAST_SECONDS_OF_SILENCE, SHARE_OF_SILENCE * clock.seconds))
