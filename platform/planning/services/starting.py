"""Starting what was planned: refused where something is missing, else handed over to be run."""

from django.db import transaction

from accounts.models import User
from checks.models import DataCheck, Finding
from experiments.errors import BadInput, gettext_noop
from planning.plans.faults import faults_of, refuse
from planning.plans.plan import Plan
from planning.plans.spec import spec_of
from training.models import Experiment
from training.services.runs import start_run

NO_TARGET = gettext_noop("First choose the column to predict and the value that counts as the event.")
CHECK_RUNNING = gettext_noop("The data is still being checked. Start when the check is done.")
CHECK_FAILED = gettext_noop(
    "The data check failed, so no model can be built. Open the data check and resolve it first."
)


@transaction.atomic
def start_experiment(experiment: Experiment, user: User) -> Experiment:
    """Start a draft as it is planned; a second call finds it started and returns the same experiment.

    Raises
    ------
    BadInput : the data are not checked yet, or the plan asks for what they cannot give.
    """
    _refuse_unready(experiment.data_check)
    refuse(faults_of(Plan.of(experiment), experiment.data_check))
    return start_run(experiment, user, spec=spec_of(experiment))


def _refuse_unready(check: DataCheck) -> None:
    """Say what is missing; a blocking finding that the system could not act on stops the start."""
    if check.state == DataCheck.State.RUNNING:
        raise BadInput(CHECK_RUNNING)
    if check.state == DataCheck.State.FAILED:
        raise BadInput(CHECK_FAILED)
    if not check.target or check.state == DataCheck.State.DRAFT:
        raise BadInput(NO_TARGET)
    blocking = check.findings.filter(severity=Finding.Severity.BLOCK, action="", undone_at=None).first()
    if blocking:
        raise BadInput(blocking.message, **blocking.params)
