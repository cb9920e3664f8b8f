"""How a plan divides the rows: worked out by a worker, as no page may read a table; kept until the plan changes."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from django.db import transaction

from checks import tables as check_tables
from checks.models import DataCheck
from experiments.errors import BadInput, ExperimentError, gettext_noop
from experiments.spec import ExperimentSpec
from jobs import services as jobs
from jobs.context import JobContext
from jobs.models import Job, JobState
from training import services
from training.job_kinds import JobKind
from training.models import Experiment, ExperimentState, PlannedSplit
from training.split_plans import SplitPlan, divide

MOST_KEPT = 20
DIVIDING = gettext_noop("Splitting the rows according to the plan")
NO_ANSWER = gettext_noop("The rows could not be split. Change the plan, or open the data check and check again.")


def split_of(experiment: Experiment, plan: services.Plan | None = None) -> SplitPlan | None:
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


def work_out(experiment: Experiment) -> None:
    """Divide the rows now, in the worker that calls."""
    planned = _planned(experiment)
    if planned.is_waiting:
        _answer(planned)


def run(job: Job, context: JobContext) -> None:
    """Divide the rows for a plan; called again after a crash, it begins anew."""
    context.progress(percent=5, stage=DIVIDING)
    planned = PlannedSplit.objects.select_related("experiment__data_check__version").filter(pk=job.subject_id).first()
    if planned is not None and planned.is_waiting:
        _answer(planned)


def on_end(job: Job) -> None:
    """A plan whose rows could not be divided for reasons of our own says so; the page must not wait for ever."""
    if job.state == JobState.FAILED:
        PlannedSplit.objects.filter(pk=job.subject_id, answer={}).update(answer={"message": NO_ANSWER, "params": {}})


def on_checked(check: DataCheck, **_more: Any) -> None:
    """Have the first plan ready when the check is: called by the worker that made the check."""
    experiment = Experiment.objects.filter(data_check=check, state=ExperimentState.DRAFT).first()
    if experiment is not None and not services.faults_of(services.Plan.of(experiment), check):
        work_out(experiment)


def _planned(experiment: Experiment, plan: services.Plan | None = None) -> PlannedSplit:
    check, spec = experiment.data_check, services.spec_of(experiment, plan)
    asked = [check.version_id, check.version.sha256, check.table.get("sha256", ""), spec.target, spec.event]
    asked += [spec.time_column, spec.group_column, spec.id_column, spec.weight_column, asdict(spec.validation)]
    key = hashlib.sha256(json.dumps([*asked, spec.seed]).encode()).hexdigest()
    planned, is_new = PlannedSplit.objects.select_related("job").get_or_create(
        experiment=experiment, key=key, defaults={"spec": spec.to_dict()}
    )
    if is_new:
        kept = experiment.planned_splits.values_list("pk", flat=True)[:MOST_KEPT]
        experiment.planned_splits.exclude(pk__in=list(kept)).delete()
    return planned


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


def _answer(planned: PlannedSplit) -> None:
    parquet = check_tables.path_of(planned.experiment.data_check)
    try:
        split = divide(parquet, ExperimentSpec.from_dict(planned.spec))
    except ExperimentError as error:
        planned.answer = {"message": error.message, "params": {key: str(value) for key, value in error.params.items()}}
    else:
        planned.answer = split.to_dict()
    planned.save(update_fields=["answer"])
