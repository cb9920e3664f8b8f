"""Whether more time is worth it: the time a run needs at least, and the time that is enough."""

from collections.abc import Sequence
from statistics import median

from experiments.errors import gettext_noop
from experiments.learners import LEARNERS
from experiments.progress import BudgetOutlook
from experiments.search.clock import Clock
from experiments.search.trial import FAILED, TrialLog, TrialRecord

# A gain in AUC worth waiting for, and a gap that a family may still close.
WORTH_WAITING, WITHIN_REACH = 0.0003, 0.003
PATIENCE = 2.0
# Of a run that counts trials, the shares of the whole that its parts are shown as; and what follows, in fits.
SHARE_OF_PREPARING, SHARE_OF_FIRST, SHARE_OF_TRIALS, LAST_FITS = 0.03, 0.12, 0.6, 2.5

TOO_EARLY = gettext_noop(
    "Too early to say: not every algorithm has been tried yet. All of them take about %(necessary)s s."
)
STILL_TOO_EARLY = gettext_noop("Too early to say: not every algorithm has been tried yet.")
ON_COURSE = gettext_noop("The time given should be enough: about %(sufficient)s s are needed.")
WORTH_MORE = gettext_noop("More time would probably help: about %(sufficient)s s in all should be enough.")
ENOUGH = gettext_noop("More time is unlikely to help: no algorithm has improved for long enough.")


def budget_outlook(
    records: Sequence[TrialRecord],
    *,
    families: Sequence[str],
    elapsed: float,
    seconds: float | None,
    after: float = 0.0,
) -> BudgetOutlook:
    """Say what the trials so far tell about the budget.

    The notions are FLAML's. *Necessary* is the time in which every family shows once what it is worth. *Sufficient* is
    the time in which every family that is still in reach of the best has been searched, since it last got better, for
    as long as that last gain took: its "estimated cost for improvement" is then spent without a gain.

    Parameters
    ----------
    records : trials in the order of their ending.
    families : names of the families that are searched.
    elapsed : seconds of the run so far; what is no trial's counts for both numbers.
    seconds : seconds granted in all, or None when trials are counted.
    after : seconds that the steps after the search will take.
    """
    other = max(0.0, elapsed - sum(record.seconds for record in records)) + after
    other += sum(record.seconds for record in records if record.learner not in families)
    mine = {name: [record for record in records if record.learner == name] for name in families}
    firsts = {name: trials[0].seconds for name, trials in mine.items() if trials}
    necessary = other + sum(firsts.get(name, _guess(name, firsts)) for name in families)
    best = max((record.auc or 0.0 for record in records if record.is_finished), default=0.0)
    # Long after they could all have been tried, the search has its reasons not to try the rest.
    is_early = len(firsts) < len(families) and (not firsts or elapsed + after < PATIENCE * necessary)
    needs = [_need(trials, best) for trials in mine.values() if trials]
    needs += [_guess(name, firsts) for name in families if is_early and name not in firsts]
    sufficient = other + sum(needs)
    if is_early:
        sufficient = max(sufficient, necessary)
    is_spent = sufficient <= elapsed + after
    if is_early and (seconds is None or necessary <= elapsed + after):
        # A time that has passed, or was never granted, says nothing about when the answer will be known.
        params = {"necessary": round(necessary), "sufficient": round(sufficient)}
        return BudgetOutlook(float(params["necessary"]), float(params["sufficient"]), STILL_TOO_EARLY, params)
    return _verdict(round(necessary), round(sufficient), is_early=is_early, is_spent=is_spent, seconds=seconds)


def _need(trials: Sequence[TrialRecord], best: float) -> float:
    """Return the seconds a family should be searched in all: until its last gain, and as long again as that took."""
    spent, found, before, top = 0.0, 0.0, 0.0, 0.0
    for record in trials:
        spent += record.seconds
        if record.is_finished and (record.auc or 0.0) > top + WORTH_WAITING:
            found, before, top = spent, found, record.auc or 0.0
    is_out = best - top > WITHIN_REACH or (bool(trials) and all(record.state == FAILED for record in trials))
    return spent if is_out else max(spent if not top else 0.0, found + (found - before))


def _guess(name: str, firsts: dict[str, float]) -> float:
    """Return the seconds a family's first trial may take, by those of the families that were tried."""
    if not firsts:
        return 0.0
    unit = median(seconds / LEARNERS[other].about.first_cost for other, seconds in firsts.items())
    return unit * LEARNERS[name].about.first_cost


def _verdict(
    necessary: int, sufficient: int, *, is_early: bool, is_spent: bool, seconds: float | None
) -> BudgetOutlook:
    if is_early:
        message = TOO_EARLY
    elif is_spent:
        message = ENOUGH
    elif seconds is not None and sufficient <= seconds:
        message = ON_COURSE
    else:
        message = WORTH_MORE
    params = {"necessary": necessary, "sufficient": sufficient}
    return BudgetOutlook(float(necessary), float(sufficient), message, params)


def expect_the_rest(clock: Clock, log: TrialLog, *, asked: int, fixed: int, full_cost: float) -> None:
    """For a run that counts trials, estimate the remaining time from the trials so far.

    Parameters
    ----------
    asked : trials of the whole run. fixed : how many are made beside them.
    full_cost : how much longer a trial takes on all rows than on those that the search sees.
    """
    took = [record.seconds for record in log.records if record.is_counted]
    took = took or [record.seconds for record in log.records]
    leader = max(log.finished, key=lambda one: one.auc or 0.0, default=None)
    # The last fits, by far the largest part of what follows.
    after = LAST_FITS * full_cost * (leader.seconds if leader else 0.0)
    # The one that has just ended is counted a moment later.
    done = min(asked, sum(record.is_counted for record in log.records))
    first = SHARE_OF_FIRST * min(1.0, len(log.records) / fixed)
    share = SHARE_OF_PREPARING + first + (SHARE_OF_TRIALS * done / asked)
    clock.expect((asked - done) * sum(took) / len(took) + after, share)
