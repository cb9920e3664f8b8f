"""A draft is its author's to change, until it is started."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import services as audit
from checks import services as check_services
from checks.targets import refuse_unknown_event
from experiments.errors import BadInput, gettext_noop
from planning.plans.faults import column_faults, no_column_of, refuse
from planning.plans.plan import Plan
from planning.services.drafting import save_plan
from training.models import Experiment, ExperimentState

NO_DRAFT = gettext_noop(
    "Only a draft can be changed, and this experiment has been started. Clone it and change the clone."
)


def locked_draft(experiment: Experiment) -> Experiment:
    """Return a draft that nobody else starts or changes before the caller's transaction ends.

    Raises
    ------
    BadInput : it was started.
    """
    row = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if row.state != ExperimentState.DRAFT:
        raise BadInput(NO_DRAFT)
    return row


@transaction.atomic
def change_draft(
    experiment: Experiment, user: User, *, name: str, plan: Plan, target: str | None = None, event: str | None = None
) -> None:
    """Give a draft another name, plan or question; what does not fit its table changes nothing at all."""
    draft = locked_draft(experiment)
    check, version = draft.data_check, draft.version
    asked = check.target if target is None else target
    counted = event if event is not None else check.event if asked == check.target else ""
    column = version.columns.filter(name=asked).first()
    if column is None:
        refuse({"target": no_column_of(version, asked)})
    else:
        refuse_unknown_event(column, counted)
    refuse(column_faults(plan, version, draft.kind, asked), plan)
    if name != draft.name:
        details = {"name": name, "before": draft.name}
        audit.record(user, "experiment.planned", workspace=draft.workspace, obj=draft, details=details)
    Experiment.objects.filter(pk=draft.pk).update(name=name, updated_at=timezone.now())
    if plan != Plan.of(draft):
        save_plan(draft, plan, user)
    if (asked, counted) != (check.target, check.event):
        check_services.choose_target(check, asked, counted, user)
