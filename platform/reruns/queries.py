"""Re-runs: which there are, and how they are told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, QuerySet, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from accounts.models import User, Workspace
from registry.evidence.later import decided_at
from registry.evidence.participants import parts_in
from registry.models import ModelVersion
from reruns.models import Rerun
from training.models import Experiment
from training.words import sentence, sentences

SAME = gettext_noop(
    "Same result: trials (%(trials)s) and models (%(models)s) are all identical, down to the last byte."
)
DIFFERENT = gettext_noop(
    "Different result. Identical: %(same_trials)s of %(trials)s trials, %(same_models)s of %(models)s models."
)
UNDER_WAY = {
    "waiting": _("It is waiting in the queue."),
    "running": _("It is running."),
    "paused": _("It is paused."),
    "failed": _("The run stopped before it could be compared."),
    "cancelled": _("It was cancelled; nothing was compared."),
}
MOST_FOR_TRIALS = 90.0
LOOKS = {
    "same": ("circle-check", "good", _("Matches")),
    "different": ("alert-octagon", "bad", _("Differs")),
    "waiting": ("clock", "info", _("Waiting")),
    "running": ("player-play", "info", _("Running")),
    "paused": ("player-pause", "muted", _("Paused")),
    "failed": ("alert-triangle", "warn", pgettext_lazy("state of a re-run", "Stopped")),
    "cancelled": ("circle-x", "muted", _("Cancelled")),
}


@dataclass(frozen=True)
class ShownRerun:
    """A re-run as pages and programs tell it."""

    rerun: Rerun
    icon: str
    tone: str
    label: str
    sentence: str
    differences: list[str]
    is_independent: bool

    @property
    def first_difference(self) -> str:
        return next(iter(self.differences), "")


@dataclass(frozen=True)
class Course:
    """How far a re-run is: how many of the original's trials were made again, and what the rest of them will take."""

    made: int
    asked: int
    seconds_left: float | None

    @property
    def percent(self) -> float:
        """Return the share of the bar: the trials take most of it, what is made of them the rest."""
        return MOST_FOR_TRIALS * self.made / self.asked if self.asked else 0.0


def course_of(rerun: Rerun, now: datetime) -> Course:
    """Return how far a re-run is; a repetition has no budget, so its trials are its clock."""
    asked, job = rerun.experiment.trials.count(), rerun.again.job
    made = min(rerun.again.trials.count(), asked)
    if not made or job is None or job.started_at is None:
        return Course(made, asked, None)
    return Course(made, asked, (now - job.started_at).total_seconds() / made * (asked - made))


def reruns_in(workspace: Workspace) -> QuerySet[Rerun]:
    return with_all(Rerun.objects.filter(experiment__workspace=workspace))


def with_all(reruns: QuerySet[Rerun]) -> QuerySet[Rerun]:
    """Fetch with re-runs what every page tells of them."""
    together = reruns.select_related("experiment", "version__registered_model", "again__job", "asked_by")
    return together.prefetch_related("version__approval_requests")


def reruns_of(experiment: Experiment) -> QuerySet[Rerun]:
    """Return the re-runs of an experiment, the newest first."""
    return with_all(experiment.reruns.order_by("-pk"))


def open_rerun_of(experiment: Experiment, user: User, *, version: ModelVersion | None) -> Rerun | None:
    """Return the re-run that this person has under way for this very version, or for none, if any."""
    asked = reruns_of(experiment).filter(asked_by=user, version=version)
    return next((rerun for rerun in asked if rerun.is_under_way), None)


def last_compared(version: ModelVersion) -> Rerun | None:
    """Return the newest compared re-run of a version's experiment; as for its check, one that differs goes first."""
    found = with_all(Rerun.objects.filter(experiment=version.leaderboard_row.experiment_id))
    by_weight = Case(When(verdict=Rerun.Verdict.DIFFERENT, then=0), default=1)
    return found.exclude(compared_at=None).order_by(by_weight, "-compared_at", "-pk").first()


def all_shown(reruns: Iterable[Rerun]) -> list[ShownRerun]:
    """Return re-runs in the reader's words; who had a part in an experiment is looked up once for all of its own.

    Of a version that was decided on, who had a part until then counts, as for its check.
    """
    parts: dict[tuple[int, datetime | None], Collection[int]] = {}
    found = []
    for rerun in reruns:
        until = decided_at(rerun.version) if rerun.version else None
        key = rerun.experiment_id, until
        if key not in parts:
            parts[key] = parts_in(rerun.experiment, until)
        found.append(_shown(rerun, is_independent=rerun.again.owner_id not in parts[key]))
    return found


def shown(rerun: Rerun) -> ShownRerun:
    """Return a re-run in the reader's words."""
    return all_shown([rerun])[0]


def _shown(rerun: Rerun, *, is_independent: bool) -> ShownRerun:
    icon, tone, label = LOOKS[rerun.state]
    return ShownRerun(
        rerun=rerun,
        icon=icon,
        tone=tone,
        label=str(label),
        sentence=verdict_of(rerun),
        differences=[sentences(each.to_dict()) for each in rerun.found.differences],
        is_independent=is_independent,
    )


def verdict_of(rerun: Rerun) -> str:
    """Return in a sentence what came of it."""
    if not rerun.is_compared:
        return str(UNDER_WAY[rerun.state])
    found = rerun.found
    params = {
        "trials": found.trials, "same_trials": found.same_trials,
        "models": found.models, "same_models": found.same_models,
    }  # fmt: skip
    return sentence(SAME if rerun.verdict == Rerun.Verdict.SAME else DIFFERENT, params)
