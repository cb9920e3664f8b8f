"""A workspace's Word template over HTTP, for its admins: bring one, see what its trial found, set it, go back."""

from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import File, Form, Query, Schema, Status
from ninja.files import UploadedFile

from accounts.api import workspace_named
from accounts.models import Workspace
from accounts.permissions import NOT_YOUR_ROLE, is_admin
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import OneOf, Refusal, file_answer, only_success, refusals, together
from common.paging import PAGED, PageIn, page_of
from common.templatetags.formatting import sentence
from reports.api.routes import router
from reports.models import ReportLanguage, WordTemplate
from reports.services import word_templates as services

FORBIDDEN = Refusal(403, "role", str(NOT_YOUR_ROLE))
NOT_WORD = Refusal(409, "not_word", services.NOT_WORD)
NOT_USABLE = Refusal(409, "not_usable", services.NOT_USABLE)
NO_TRIAL = Refusal(409, "no_trial", services.NO_TRIAL)


class WordTemplateOut(Schema):
    id: int
    file_name: str
    sha256: str
    size_bytes: int
    uploaded_by: str
    uploaded_at: datetime
    state: Literal["trying", "refused", "usable", "used", "failed"]
    refusal: str

    @staticmethod
    def of(template: WordTemplate) -> dict[str, Any]:
        return {
            "id": template.pk,
            "file_name": template.file_name,
            "sha256": template.sha256,
            "size_bytes": template.size_bytes,
            "uploaded_by": template.uploaded_by.username,
            "uploaded_at": template.uploaded_at,
            "state": template.state,
            "refusal": sentence(template.refusal) if template.refusal else "",
        }


@router.get(
    "/word-templates",
    response=list[WordTemplateOut],
    summary=_("The Word templates a workspace has uploaded, newest first"),
    openapi_extra=together(PAGED, refusals(FORBIDDEN)),
)
def list_templates(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    seen = _seen(request).filter(workspace=_own(request, workspace))
    return [WordTemplateOut.of(one) for one in page_of(seen, asked, request=request, response=response, order=("-pk",))]


@router.post(
    "/word-templates",
    response={202: WordTemplateOut},
    summary=_("Upload a Word template; a worker tries it"),
    openapi_extra=refusals(FORBIDDEN, NOT_WORD),
)
def bring(
    request: SignedInRequest,
    file: UploadedFile = File(...),  # noqa: B008 - how ninja declares a file
    workspace: str | None = Form(None),
) -> Status:
    place = _own(request, workspace)
    written = file.read(services.MOST_BYTES + 1)
    template = services.bring(request.user, place, written=written, file_name=file.name or "")
    return Status(202, WordTemplateOut.of(_seen(request).get(pk=template.pk)))


@router.get(
    "/word-templates/{template_id}",
    response=WordTemplateOut,
    summary=_("One Word template: what its trial found"),
    openapi_extra=refusals(FORBIDDEN),
)
def get_template(request: SignedInRequest, template_id: int) -> dict[str, Any]:
    return WordTemplateOut.of(_found(request, template_id))


@router.get(
    "/word-templates/{template_id}/trial.docx",
    summary=_("The trial report made with a Word template"),
    openapi_extra=together(file_answer(services.CONTENT_TYPES["docx"]), refusals(FORBIDDEN, NO_TRIAL)),
)
def get_trial(
    request: SignedInRequest, template_id: int, language: OneOf[ReportLanguage] = ReportLanguage.EN
) -> FileResponse:
    try:
        return services.trial_file(_found(request, template_id), language)
    except FileNotFoundError as gone:
        raise Http404 from gone


@router.post(
    "/word-templates/{template_id}/use",
    response=WordTemplateOut,
    summary=_("Use this template for Word reports"),
    openapi_extra=refusals(FORBIDDEN, NOT_USABLE),
)
def use(request: SignedInRequest, template_id: int) -> dict[str, Any]:
    services.use(_found(request, template_id), request.user)
    return WordTemplateOut.of(_found(request, template_id))


@router.get(
    "/standard-word-template.docx",
    summary=_("The Word template that reports use where a workspace has none of its own"),
    openapi_extra=file_answer(services.CONTENT_TYPES["docx"]),
)
def get_standard(request: SignedInRequest) -> HttpResponse:
    return services.standard_file()


@router.post(
    "/standard-word-template",
    response={204: None},
    summary=_("Restore the standard Word template"),
    openapi_extra=together(only_success(204, "Reports are set in the standard template."), refusals(FORBIDDEN)),
)
def reset(request: SignedInRequest, workspace: str | None = None) -> Status:
    services.reset(_own(request, workspace), request.user)
    return Status(204, None)


def _own(request: SignedInRequest, slug: str | None) -> Workspace:
    """Return a workspace that the caller is admin of."""
    place = workspace_named(request.user, slug)
    if not is_admin(request.user, place):
        raise PermissionDenied(gettext(NOT_YOUR_ROLE))
    return place


def _seen(request: SignedInRequest) -> QuerySet[WordTemplate]:
    seen = WordTemplate.objects.filter(workspace__in=workspaces_of(request.user))
    return seen.select_related("uploaded_by", "job", "workspace")


def _found(request: SignedInRequest, template_id: int) -> WordTemplate:
    template = get_object_or_404(_seen(request), pk=template_id)
    if not is_admin(request.user, template.workspace):
        raise PermissionDenied(gettext(NOT_YOUR_ROLE))
    return template
