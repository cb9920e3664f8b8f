"""The work of dividing the rows for a plan; the answer is kept until the plan changes."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from checks import tables as check_tables
from checks.models import DataCheck
from experiments.errors import ExperimentError, gettext_noop
from experiments.spec import ExperimentSpec
from jobs.context import JobContext
from jobs.models import Job
from planning.models import PlannedSplit
from planning.plans.faults import faults_of
from planning.plans.plan import Plan
from planning.plans.spec import spec_of
from planning.runner.division import divide
from training.models import Experiment, ExperimentState

MOST_KEPT = 20
DIVIDING = gettext_noop("Splitting the rows according to the plan")


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


def on_checked(check: DataCheck, **_more: Any) -> None:
    """Have the first plan ready when the check is: called by the worker that made the check."""
    experiment = Experiment.objects.filter(data_check=check, state=ExperimentState.DRAFT).first()
    if experiment is not None and not faults_of(Plan.of(experiment), check):
        work_out(experiment)


def _planned(experiment: Experiment, plan: Plan | None = None) -> PlannedSplit:
    check, spec = experiment.data_check, spec_of(experiment, plan)
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


def _answer(planned: PlannedSplit) -> None:
    parquet = check_tables.path_of(planned.experiment.data_check)
    try:
        split = divide(parquet, ExperimentSpec.from_dict(planned.spec))
    except ExperimentError as error:
        planned.answer = {"message": error.message, "params": {key: str(value) for key, value in error.params.items()}}
    else:
        planned.answer = split.to_dict()
    planned.save(update_fields=["answer"])
