"""The trials of a run: how far they have come, which are the best, and which of them the budget counts."""

from bisect import bisect_left
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q

from experiments.spec import BESIDE_TRIALS
from training.models import Experiment, Trial

FINISHED = "finished"
# A gain below this is no news.
CLEAR_GAIN = 0.001


# A trial is what the search proposed; what every run makes anyway is counted beside.
IS_BESIDE = Q(backend__in=BESIDE_TRIALS)
# Trials for the stages of a two-stage question are counted, but answer others: nothing is better or worse than they.
OF_THE_QUESTION = Q(stage="")
# Only what was measured to its end may be compared: a trial that was stopped early has an AUC of its first folds.
MEASURED = OF_THE_QUESTION & Q(state=FINISHED, auc__isnull=False)


def turns_of(experiment: Experiment, numbers: list[int]) -> dict[int, int]:
    """Return which trial of the search each number is, counted from 1, among those that the search proposed."""
    beside = sorted(experiment.trials.filter(IS_BESIDE).order_by().values_list("number", flat=True))
    return {number: number - bisect_left(beside, number) for number in numbers}


@dataclass(frozen=True)
class Course:
    """How far the trials of a run have come, counted by the database: there may be 50,000."""

    count: int
    beside: int
    finished: int
    elapsed: float
    seconds_without_gain: float

    @property
    def counted(self) -> int:
        """Trials of the budget: what the search proposed, whatever became of it."""
        return self.count - self.beside

    @property
    def failed(self) -> int:
        return self.count - self.finished


def course_of(experiment: Experiment) -> Course:
    """Count the trials, and tell for how many seconds of the run none has been clearly better."""
    found = experiment.trials.order_by().aggregate(
        count=Count("pk"),
        beside=Count("pk", filter=IS_BESIDE),
        finished=Count("pk", filter=Q(state=FINISHED)),
        until=Max("elapsed"),
        best=Max("auc", filter=MEASURED),
        last=Max("elapsed", filter=MEASURED),
    )
    since = None
    if found["best"] is not None:
        as_good = experiment.trials.order_by().filter(MEASURED, auc__gte=found["best"] - CLEAR_GAIN)
        since = as_good.aggregate(first=Min("elapsed"))["first"]
    return Course(
        count=found["count"],
        beside=found["beside"],
        finished=found["finished"],
        elapsed=found["until"] or 0.0,
        seconds_without_gain=found["last"] - since if since is not None else 0.0,
    )


def finished_trials(experiment: Experiment) -> list[tuple[float, float | None, str]]:
    """Return (elapsed seconds, AUC, learner) of each trial that ended well."""
    done = experiment.trials.filter(OF_THE_QUESTION, state=FINISHED).order_by()
    return list(done.values_list("elapsed", "auc", "learner"))


def best_of_each_learner(experiment: Experiment) -> list[Trial]:
    """Return the best finished trial of each learner, best first: by AUC, as the search itself ranks them."""
    measured = experiment.trials.filter(MEASURED).order_by()
    tops = measured.values("learner").annotate(best=Max("auc")).values_list("learner", "best")
    is_top = Q(pk__in=[])
    for learner, value in tops:
        is_top |= Q(learner=learner, auc=value)
    # Of many that are equally good the first stands for all.
    firsts = measured.filter(is_top).values("learner").annotate(first=Min("number")).values_list("first", flat=True)
    return list(experiment.trials.filter(number__in=list(firsts)).order_by("-auc", "number"))
