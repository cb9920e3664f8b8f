"""An experiment as it is answered while it is planned: with what in its plan cannot be done."""

from typing import Any

from accounts.requests import SignedInRequest
from checks.models import DataCheck
from planning.plans.faults import faults_of
from planning.plans.plan import Plan
from training.api.access import experiments_for
from training.api.experiment_schemas import ExperimentOut
from training.models import Experiment, ExperimentState
from training.words import sentence


def planned(request: SignedInRequest, experiment_id: int) -> dict[str, Any]:
    """Answer with an experiment as it now is."""
    return told_whole(experiments_for(request).get(pk=experiment_id))


def told_whole(experiment: Experiment) -> dict[str, Any]:
    """Tell an experiment with its findings and faults."""
    return ExperimentOut.of(experiment, with_findings=True) | {"faults": faults_told(experiment)}


def faults_told(experiment: Experiment) -> list[dict[str, str]]:
    """Return what a start would be refused for, once the data have been looked at."""
    if experiment.state != ExperimentState.DRAFT or experiment.data_check.state != DataCheck.State.READY:
        return []
    faults = faults_of(Plan.of(experiment), experiment.data_check)
    return [{"field": field, "fault": sentence(message, params)} for field, (message, params) in faults.items()]
