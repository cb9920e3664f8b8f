"""Submitting a finalist over HTTP, and its checks before that."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Status
from ninja.errors import HttpError

from accounts.permissions import NOT_YOUR_ROLE, require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from approvals.api.approvals import approvals_for
from approvals.api.routes import router
from approvals.api.schemas import ApprovalOut, EvidenceOut
from approvals.services import dossiers
from approvals.services.submission import submit_for_approval
from common.answers import Body, Refusal, refusals
from common.missing import NotThere
from training.models import Experiment, LeaderboardRow
from training.words import sentence

MAY_NOT = Refusal(403, "role", NOT_YOUR_ROLE)


class SubmitIn(Body):
    name: str = Field(min_length=1, max_length=120)
    purpose: str = Field(min_length=1, max_length=2000)
    note: str = Field("", max_length=4000)
    candidate: str | None = Field(None, description="a finalist of the leaderboard; the recommended one when left out")


@router.post(
    "/experiments/{experiment_id}/submit",
    response={201: ApprovalOut},
    summary=_("Submit a finalist for approval"),
    openapi_extra=refusals(Refusal(409, "gathering", dossiers.STILL_GATHERING)),
)
def submit(request: SignedInRequest, experiment_id: int, wish: SubmitIn) -> Status:
    row = finalist_of(request, experiment_id, wish.candidate)
    try:
        approval = submit_for_approval(row, request.user, wish.name, wish.purpose, wish.note)
    except dossiers.EvidenceNotGathered as error:
        raise HttpError(409, sentence(error.message, error.params)) from error
    return Status(201, ApprovalOut.of(approvals_for(request).get(pk=approval.pk)))


def finalist_of(request: SignedInRequest, experiment_id: int, candidate: str | None) -> LeaderboardRow:
    """Return the named finalist of an experiment the caller may see, or the recommended one."""
    experiment = get_object_or_404(Experiment, pk=experiment_id, workspace__in=workspaces_of(request.user))
    rows = experiment.leaderboard.select_related("experiment__version__dataset", "experiment__data_check")
    if candidate:
        row = rows.filter(candidate=candidate).first()
    else:
        row = rows.filter(is_recommended=True).first() or rows.filter(rank=1).first()
    if row is None:
        raise NotThere("candidate", candidate or "", list(rows.values_list("candidate", flat=True)))
    return row


@router.get(
    "/experiments/{experiment_id}/evidence",
    response=EvidenceOut,
    summary=_("The checks of a finalist before it is submitted; the first call starts gathering them"),
    openapi_extra=refusals(MAY_NOT, Refusal(409, "unsaved", dossiers.NO_MODEL)),
)
def get_evidence(request: SignedInRequest, experiment_id: int, candidate: str | None = None) -> dict[str, Any]:
    row = finalist_to_submit(request, experiment_id, candidate)
    return EvidenceOut.of(dossiers.asked_for(row, request.user), row)


@router.post(
    "/experiments/{experiment_id}/evidence",
    response={202: EvidenceOut},
    summary=_("Run the checks of a finalist again after they failed"),
    openapi_extra=refusals(Refusal(409, "unsaved", dossiers.NO_MODEL)),
)
def gather_again(request: SignedInRequest, experiment_id: int, candidate: str | None = None) -> Status:
    row = finalist_to_submit(request, experiment_id, candidate)
    return Status(202, EvidenceOut.of(dossiers.ask_again(row, request.user), row))


def finalist_to_submit(request: SignedInRequest, experiment_id: int, candidate: str | None) -> LeaderboardRow:
    row = finalist_of(request, experiment_id, candidate)
    require_edit(request.user, row.experiment)
    return row
