"""Requests for approval and decisions over HTTP."""

from datetime import date
from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query

from accounts.api import workspace_named
from accounts.attempts import address_of
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from approvals.api.routes import router
from approvals.api.schemas import ApprovalOut
from approvals.queries.approvals import champion_before
from approvals.services import comparisons, decision
from approvals.services.errors import NOT_YOUR_PASSWORD
from common.answers import Body, Key, OneOf, Refusal, refusals
from common.paging import PAGED, PageIn, page_of
from registry.evidence.later import Later
from registry.models import (
    ApprovalRequest,
)


class DecisionIn(Body):
    decision: Literal["approved", "change", "refused"]
    comment: str = Field(min_length=1, max_length=4000)
    password: str = Field(description="your password, once more")
    limits_of_use: str = Field("", max_length=2000)
    expires_on: date | None = Field(None, strict=False)


def approvals_for(request: SignedInRequest) -> Any:
    seen = ApprovalRequest.objects.filter(model_version__registered_model__workspace__in=workspaces_of(request.user))
    return seen.select_related(
        "author", "decided_by", "model_version__registered_model__workspace", "model_version__author",
        "model_version__leaderboard_row__experiment",
    ).prefetch_related("model_version__evidence_checks", "model_version__approval_requests")  # fmt: skip


class ApprovalsIn(PageIn):
    decision: OneOf[ApprovalRequest.Decision] | None = None
    model_id: Key | None = None
    author: str | None = Field(None, max_length=150, description="username of who asked")


@router.get(
    "/approvals",
    response=list[ApprovalOut],
    summary=_("Requests for approval, newest first"),
    openapi_extra=PAGED,
)
def list_approvals(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: ApprovalsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    narrowed = asked.filters(model_id="model_version__registered_model_id", author="author__username")
    seen = approvals_for(request).filter(model_version__registered_model__workspace=place, **narrowed)
    page = page_of(seen, asked, request=request, response=response, order=("-created_at", "-pk"))
    later = Later.of(approval.model_version.leaderboard_row for approval in page)
    return [ApprovalOut.of(approval, later) for approval in page]


@router.get("/approvals/{approval_id}", response=ApprovalOut, summary=_("One request with its evidence"))
def get_approval(request: SignedInRequest, approval_id: int) -> dict[str, Any]:
    approval = get_object_or_404(approvals_for(request), pk=approval_id)
    comparison = comparisons.of_request(approval, champion_before(approval), request.user)
    return ApprovalOut.of(approval, comparison=comparison)


@router.post(
    "/approvals/{approval_id}/decision",
    response=ApprovalOut,
    summary=_("Approve, ask for a change or refuse"),
    openapi_extra=refusals(Refusal(409, "password", NOT_YOUR_PASSWORD, {}, ("body", "password"))),
)
def decide(request: SignedInRequest, approval_id: int, wish: DecisionIn) -> dict[str, Any]:
    approval = get_object_or_404(approvals_for(request), pk=approval_id)
    decision.decide(
        approval,
        request.user,
        wish.decision,
        wish.comment,
        wish.password,
        limits_of_use=wish.limits_of_use,
        expires_on=wish.expires_on,
        address=address_of(request),
    )
    return ApprovalOut.of(approvals_for(request).get(pk=approval_id))
