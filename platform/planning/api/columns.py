"""What the data check of an experiment decides on columns and months, over HTTP."""

from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_noop as _
from ninja import Field, Status

from accounts.requests import SignedInRequest
from catalog.models import ColumnRole
from checks import decisions
from checks import services as check_services
from checks.models import CheckedColumn
from common.answers import Body, Refusal, refusals
from experiments.errors import about
from experiments.meant import NEAR_COLUMN, refuse_column
from planning.api.answers import planned
from planning.api.experiments import NO_COLUMN
from planning.api.routes import router
from training.api.access import STARTED, editable
from training.api.experiment_schemas import ExperimentOut
from training.models import Experiment

NO_SUCH_COLUMN = Refusal(409, "column", NEAR_COLUMN, NO_COLUMN, ("body", 0, "name"))


# The target is chosen by its own field, with its event; every other role may be given to a column.
GivenRole = Literal["feature", "id", "date", "weight", "group", "split", "treatment", "ignore"]


class ColumnIn(Body):
    name: str
    role: GivenRole | None = None
    excluded: bool | None = None
    protected: bool | None = Field(
        None,
        description="whether it holds a protected attribute, such as sex, which is never a customer's reason",
    )


@router.post(
    "/experiments/{experiment_id}/columns",
    response=ExperimentOut,
    summary=_("Set roles of columns, take columns out or put them back: all changes apply, or none"),
    openapi_extra=refusals(STARTED, NO_SUCH_COLUMN),
)
def change_columns(request: SignedInRequest, experiment_id: int, wishes: list[ColumnIn]) -> dict[str, Any]:
    experiment = editable(request, experiment_id)
    columns = {c.column.name: c for c in experiment.data_check.columns.select_related("column")}
    with transaction.atomic():
        for place, wish in enumerate(wishes):
            if wish.name not in columns:
                with about(place, "name"):
                    refuse_column(wish.name, columns)
            change_column(request, experiment, columns[wish.name], wish)
    return planned(request, experiment_id)


def change_column(request: SignedInRequest, experiment: Experiment, column: CheckedColumn, wish: ColumnIn) -> None:
    check = experiment.data_check
    if wish.role:
        check_services.set_role(check, column.column, ColumnRole(wish.role), request.user)
    if wish.excluded is not None:
        act = check_services.exclude if wish.excluded else check_services.include
        act(check, column.column, request.user)
    if wish.protected is not None:
        decisions.set_protected(check, column.column, wish.protected, request.user)


@router.post(
    "/experiments/{experiment_id}/leave-out-immature",
    response={202: ExperimentOut},
    summary=_("Leave out the newest months whose outcome is probably not yet known, and check again"),
    openapi_extra=refusals(STARTED, Refusal(409, "none", decisions.NO_IMMATURE)),
)
def leave_out_immature(request: SignedInRequest, experiment_id: int) -> Status:
    decisions.leave_out_immature(editable(request, experiment_id).data_check, request.user)
    return Status(202, planned(request, experiment_id))
