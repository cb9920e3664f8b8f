"""How a plan divides the rows: asked for here, worked out by a worker, as no page may read a table."""

from django.db import transaction

from experiments.errors import BadInput, gettext_noop
from jobs import services as jobs
from jobs.models import Job, JobState
from planning.job_kinds import JobKind
from planning.models import PlannedSplit
from planning.plans.plan import Plan
from planning.queries.split_plan import SplitPlan
from planning.runner.planned_split import _planned
from training.models import Experiment

NO_ANSWER = gettext_noop("The rows could not be split. Change the plan, or open the data check and check again.")


def split_of(experiment: Experiment, plan: Plan | None = None) -> SplitPlan | None:
    """Return how the present plan divides the rows; ``None`` while a worker is still at it.

    Raises
    ------
    BadInput : the rows cannot be divided so; the sentence says why.
    """
    planned = _planned(experiment, plan)
    if planned.is_waiting:
        _ask_for(planned)
        return None
    if "message" in planned.answer and "kind" not in planned.answer:
        raise BadInput(planned.answer["message"], **planned.answer["params"])
    return SplitPlan.from_dict(planned.answer)


def on_end(job: Job) -> None:
    """A plan whose rows could not be divided for reasons of our own says so; the page must not wait for ever."""
    if job.state == JobState.FAILED:
        PlannedSplit.objects.filter(pk=job.subject_id, answer={}).update(answer={"message": NO_ANSWER, "params": {}})


@transaction.atomic
def _ask_for(planned: PlannedSplit) -> None:
    """Put the work in the queue once, also when two people look at the same moment."""
    held = PlannedSplit.objects.select_for_update(of=("self",))
    row = held.select_related("experiment__workspace").get(pk=planned.pk)
    if row.answer or (row.job and row.job.state != JobState.CANCELLED):
        return
    experiment = row.experiment
    size = experiment.data_check.version.size_bytes
    row.job = jobs.enqueue(
        JobKind.SPLIT, workspace=experiment.workspace, owner=experiment.owner, subject_id=row.pk, size=size
    )
    row.save(update_fields=["job"])
