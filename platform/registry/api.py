"""Models, submissions and decisions over HTTP."""

from datetime import date, datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError

from accounts.api import workspace_named
from accounts.attempts import address_of
from accounts.permissions import NOT_YOUR_ROLE, can_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Body, Key, OneOf, Refusal, file_answer, refusals, together
from common.missing import NotThere
from common.paging import PAGED, PageIn, page_of
from registry import approved, comparisons, dossiers, services
from registry.comparison_words import shown_comparison
from registry.exports import artifact_file, report_file
from registry.models import (
    Alias,
    ApprovalRequest,
    Comparison,
    Dossier,
    EvidenceCheck,
    ModelVersion,
    RegisteredModel,
    VersionState,
)
from registry.queries import champion_before
from registry.reruns import reruns_of
from registry.words import ShownCheck, shown_checks, shown_readings
from training.models import Experiment, LeaderboardRow, TargetKind
from training.words import sentence

router = Router(tags=["registry"])
MAY_NOT = Refusal(403, "role", NOT_YOUR_ROLE)
CHANGED_MODEL = refusals(Refusal(409, "changed", approved.DIFFERENT["artifact"], {"version": "Offer v1"}))


class CheckOut(Schema):
    code: str
    title: str
    state: OneOf[EvidenceCheck.State]
    finding: str

    @staticmethod
    def of(check: ShownCheck) -> dict[str, str]:
        return {"code": check.code, "title": check.title, "state": check.state, "finding": check.sentence}


class EvidenceOut(Schema):
    candidate: str
    state: Literal["waiting", "gathering", "gathered", "failed"]
    percent: float
    error: str
    checks: list[CheckOut]

    @staticmethod
    def of(dossier: Dossier, row: LeaderboardRow) -> dict[str, Any]:
        job = dossier.job
        readings = services.preview_checks(dossier, row) if dossier.is_gathered else {}
        return {
            "candidate": row.candidate,
            "state": dossier.state,
            "percent": 100.0 if dossier.is_gathered else job.percent if job else 0.0,
            "error": sentence(job.error_message, job.error_params) if job and dossier.has_failed else "",
            "checks": [CheckOut.of(check) for check in shown_readings(readings, row)],
        }


class VersionOut(Schema):
    id: int
    model_id: int
    name: str
    number: int
    state: OneOf[VersionState]
    alias: OneOf[Alias]
    author: str
    purpose: str
    limits_of_use: str
    expires_on: date | None
    artifact_hash: str
    numbers: dict[str, Any]
    checks: list[CheckOut] = []

    @staticmethod
    def of(
        version: ModelVersion, *, with_checks: bool = False, reruns: list[Experiment] | None = None
    ) -> dict[str, Any]:
        checks = shown_checks(version, reruns) if with_checks else []
        return {
            "id": version.pk,
            "model_id": version.registered_model_id,
            "name": version.registered_model.name,
            "number": version.number,
            "state": version.state,
            "alias": version.alias,
            "author": version.author.username,
            "purpose": version.purpose,
            "limits_of_use": version.limits_of_use,
            "expires_on": version.expires_on,
            "artifact_hash": version.artifact_hash,
            "numbers": version.metrics.get("numbers", {}),
            "checks": [CheckOut.of(check) for check in checks],
        }


class ModelOut(Schema):
    id: int
    name: str
    kind: OneOf[TargetKind]
    champion_version_id: int | None
    versions: list[VersionOut]


class SubmitIn(Body):
    name: str = Field(min_length=1, max_length=120)
    purpose: str = Field(min_length=1, max_length=2000)
    note: str = Field("", max_length=4000)
    candidate: str | None = Field(None, description="a finalist of the leaderboard; the recommended one when left out")


class DecisionIn(Body):
    decision: Literal["approved", "change", "refused"]
    comment: str = Field(min_length=1, max_length=4000)
    password: str = Field(description="your password, once more")
    limits_of_use: str = Field("", max_length=2000)
    expires_on: date | None = Field(None, strict=False)


class AgainstChampionOut(Schema):
    """A version beside the champion on the same rows; ``measures`` hold the paired differences, new less champion."""

    champion_version_id: int
    state: Literal["waiting", "failed", "refused", "compared"]
    finding: str
    rows: int | None
    events: int | None
    verdict: Literal["better", "worse", "mixed", "slight", "alike", "too_few"] | None
    measures: dict[str, Any]
    groups: list[dict[str, Any]] = Field(
        [],
        description="both versions group by group: protected columns, then the segments of the new version; intervals "
        "are at the `level` at which Holm's step judged a group (95 % for all together): one that holds 0 is `alike`",
    )

    @staticmethod
    def of(comparison: Comparison) -> dict[str, Any]:
        shown, facts = shown_comparison(comparison), comparison.facts
        return {
            "champion_version_id": comparison.former_id,
            "state": shown.state if shown else "waiting",
            "finding": shown.headline if shown else "",
            **{name: facts.get(name) for name in ("rows", "events", "verdict")},
            "measures": facts.get("measures", {}),
            "groups": comparison.facts.get("segments", []),
        }


class ApprovalOut(Schema):
    id: int
    decision: OneOf[ApprovalRequest.Decision]
    author: str
    note: str
    decided_by: str | None
    comment: str
    created_at: datetime
    decided_at: datetime | None
    version: VersionOut
    comparison: AgainstChampionOut | None = None

    @staticmethod
    def of(
        approval: ApprovalRequest, reruns: list[Experiment] | None = None, comparison: Comparison | None = None
    ) -> dict[str, Any]:
        return {
            "id": approval.pk,
            "decision": approval.decision,
            "author": approval.author.username,
            "note": approval.note,
            "decided_by": approval.decided_by.username if approval.decided_by else None,
            "comment": approval.comment,
            "created_at": approval.created_at,
            "decided_at": approval.decided_at,
            "version": VersionOut.of(approval.model_version, with_checks=True, reruns=reruns),
            "comparison": AgainstChampionOut.of(comparison) if comparison else None,
        }


def versions_for(request: SignedInRequest) -> Any:
    return ModelVersion.objects.filter(registered_model__workspace__in=workspaces_of(request.user)).select_related(
        "registered_model__workspace", "author", "leaderboard_row__experiment"
    )


def approvals_for(request: SignedInRequest) -> Any:
    seen = ApprovalRequest.objects.filter(model_version__registered_model__workspace__in=workspaces_of(request.user))
    return seen.select_related(
        "author", "decided_by", "model_version__registered_model__workspace", "model_version__author",
        "model_version__leaderboard_row__experiment",
    ).prefetch_related("model_version__evidence_checks", "model_version__approval_requests")  # fmt: skip


class ModelsIn(PageIn):
    kind: OneOf[TargetKind] | None = None
    name: str | None = Field(None, max_length=120, description="part of the model's name")


@router.get("/models", response=list[ModelOut], summary=_("The models of a workspace"), openapi_extra=PAGED)
def list_models(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: ModelsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    seen = RegisteredModel.objects.filter(workspace=place, **asked.filters(name="name__icontains"))
    models = page_of(seen, asked, request=request, response=response, order=("name", "pk"))
    by_model: dict[int, list[ModelVersion]] = {}
    for version in versions_for(request).filter(registered_model__in=models).order_by("-number"):
        by_model.setdefault(version.registered_model_id, []).append(version)
    return [described(model, by_model.get(model.pk, [])) for model in models]


def described(model: RegisteredModel, versions: list[ModelVersion]) -> dict[str, Any]:
    return {
        "id": model.pk,
        "name": model.name,
        "kind": model.kind,
        "champion_version_id": next((version.pk for version in versions if version.is_champion), None),
        "versions": [VersionOut.of(version) for version in versions],
    }


@router.get("/model-versions/{version_id}", response=VersionOut, summary=_("One version with its checks"))
def get_version(request: SignedInRequest, version_id: int) -> dict[str, Any]:
    return VersionOut.of(get_object_or_404(versions_for(request), pk=version_id), with_checks=True)


@router.get(
    "/model-versions/{version_id}/artifact.zip",
    summary=_("The model's files"),
    openapi_extra=together(file_answer("application/zip"), CHANGED_MODEL),
)
def get_artifact(request: SignedInRequest, version_id: int) -> StreamingHttpResponse:
    version = get_object_or_404(versions_for(request), pk=version_id)
    return artifact_file(version)


@router.get(
    "/model-versions/{version_id}/report.html",
    summary=_("The validation report"),
    openapi_extra=together(file_answer("text/html"), CHANGED_MODEL),
)
def get_report(request: SignedInRequest, version_id: int) -> HttpResponse:
    version = get_object_or_404(versions_for(request), pk=version_id)
    return report_file(version)


@router.post(
    "/experiments/{experiment_id}/submit",
    response={201: ApprovalOut},
    summary=_("Submit a finalist for approval"),
    openapi_extra=refusals(Refusal(409, "gathering", dossiers.STILL_GATHERING)),
)
def submit(request: SignedInRequest, experiment_id: int, wish: SubmitIn) -> Status:
    row = finalist_of(request, experiment_id, wish.candidate)
    try:
        approval = services.submit_for_approval(row, request.user, wish.name, wish.purpose, wish.note)
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
    summary=_("The checks of a finalist before it is submitted; the first call has them gathered"),
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
    if not can_edit(request.user, row.experiment):
        raise PermissionDenied
    return row


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
    reruns = reruns_of(approval.model_version.leaderboard_row for approval in page)
    return [ApprovalOut.of(approval, reruns) for approval in page]


@router.get("/approvals/{approval_id}", response=ApprovalOut, summary=_("One request with its evidence"))
def get_approval(request: SignedInRequest, approval_id: int) -> dict[str, Any]:
    approval = get_object_or_404(approvals_for(request), pk=approval_id)
    comparison = comparisons.of_request(approval, champion_before(approval), request.user)
    return ApprovalOut.of(approval, comparison=comparison)


@router.post(
    "/approvals/{approval_id}/decision",
    response=ApprovalOut,
    summary=_("Approve, ask for a change or refuse"),
    openapi_extra=refusals(Refusal(409, "password", services.NOT_YOUR_PASSWORD, {}, ("body", "password"))),
)
def decide(request: SignedInRequest, approval_id: int, wish: DecisionIn) -> dict[str, Any]:
    approval = get_object_or_404(approvals_for(request), pk=approval_id)
    services.decide(
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
