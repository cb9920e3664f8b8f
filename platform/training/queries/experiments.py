"""Lists of experiments, with what a line of a list shows, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User, Workspace
from catalog.models import DatasetVersion
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial
from training.queries.trials import IS_BESIDE
from training.words import learner_name


# Counted apart: joined to its trials, each of which may be one of 50,000, an experiment would be sorted as often.
def _trials_counted(trials: QuerySet[Trial]) -> Coalesce:
    mine = trials.filter(experiment=OuterRef("pk")).order_by().values("experiment")
    return Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0)


TRIAL_COUNT = _trials_counted(Trial.objects.exclude(IS_BESIDE))
BESIDE_COUNT = _trials_counted(Trial.objects.filter(IS_BESIDE))


RECOMMENDED = Prefetch(
    "leaderboard",
    queryset=LeaderboardRow.objects.filter(is_recommended=True).only("experiment", "learner", "candidate", "metrics"),
    to_attr="recommended_rows",
)


def experiments_of(workspace: Workspace) -> QuerySet[Experiment]:
    """Return a workspace's experiments with what a list shows of them, in a fixed number of queries."""
    return (
        Experiment.objects.filter(workspace=workspace)
        .select_related("owner", "version__dataset", "job", "data_check")
        .annotate(trial_count=TRIAL_COUNT, beside_count=BESIDE_COUNT)
        .prefetch_related(RECOMMENDED)
        .order_by("-updated_at", "-pk")
    )


def with_one_table(experiment: Experiment, workspace: Workspace) -> Experiment:
    """Let an experiment, its check and its table know each other, so that no page reads the same row twice."""
    version, check = experiment.version, experiment.data_check
    experiment.workspace = version.dataset.workspace = workspace
    if check.version_id == version.pk:
        check.version = version
    return experiment


def running_in(workspace: Workspace) -> QuerySet[Experiment]:
    """Return the experiments of a workspace that are under way or wait for a worker."""
    return Experiment.objects.filter(workspace=workspace, state__in=(ExperimentState.QUEUED, ExperimentState.RUNNING))


def ended_experiments_of(owner: User, workspace: Workspace, since: datetime) -> QuerySet[Experiment]:
    """Return a person's experiments that ended, with what the inbox tells of them: it stands on every page."""
    ended = Experiment.objects.filter(
        workspace=workspace,
        owner=owner,
        finished_at__gte=since,
        state__in=(ExperimentState.FINISHED, ExperimentState.FAILED),
    )
    told = ("name", "state", "finished_at", "updated_at", "job__error_message", "job__error_params")
    return ended.select_related("job").only(*told).prefetch_related(RECOMMENDED).order_by("-updated_at", "-pk")


def holds(text: str) -> Q:
    """Tell experiments with these words in their name, their dataset's or their owner's."""
    return (
        Q(name__icontains=text)
        | Q(version__dataset__name__icontains=text)
        | Q(owner__display_name__icontains=text)
        | Q(owner__username__icontains=text)
    )


@dataclass(frozen=True)
class ListLine:
    """An experiment in a list: its state and, when it is done, the numbers of its recommended model."""

    experiment: Experiment
    recommended: LeaderboardRow | None
    learner: str
    metric: str
    validation: float | None
    tested: float | None
    is_tested_enough: bool = True

    @classmethod
    def of(cls, experiment: Experiment) -> "ListLine":
        """Read the numbers from what ``experiments_of`` has fetched."""
        rows = experiment.recommended_rows  # type: ignore[attr-defined]
        if not rows:
            return cls(experiment, None, "", "", None, None)
        row, measures = rows[0], rows[0].measures
        return cls(
            experiment=experiment,
            recommended=row,
            learner=learner_name(row.candidate),
            metric="AUC",
            validation=measures.of("validation").value("auc"),
            tested=measures.unseen.value("auc"),
            is_tested_enough=measures.unseen.is_enough,
        )


def is_in_use(version: DatasetVersion) -> bool:
    """Tell whether a run that has started rests on a version of a dataset."""
    return Experiment.objects.filter(version=version).exclude(state=ExperimentState.DRAFT).exists()
