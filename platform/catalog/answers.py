"""A version of a dataset as the API tells it, and how its operations find one."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Schema
from ninja.files import UploadedFile

from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.errors import TOO_LARGE, UploadRefused
from catalog.models import DatasetVersion, VersionState
from common.answers import OneOf, Refusal
from common.templatetags.formatting import size, told

NOT_YOURS = _("Only its owner, a modeler or an admin of the workspace may change this.")
FORBIDDEN = Refusal(403, "role", NOT_YOURS)


def within_limit(file: UploadedFile) -> UploadedFile:
    """The API has its file before a handler could stop it, so the limit of the pages is asked for here."""
    if file.size and file.size > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(TOO_LARGE, limit=size(settings.UPLOAD_MAX_BYTES))
    return file


class DatasetVersionOut(Schema):
    id: int
    dataset_id: int
    name: str
    number: int
    state: OneOf[VersionState]
    percent: float
    file_name: str
    file_format: str
    encoding: str
    row_count: int
    column_count: int
    sha256: str
    error: str
    created_at: datetime

    @staticmethod
    def of(version: DatasetVersion) -> dict[str, Any]:
        job = version.job
        plain = ("file_name", "file_format", "encoding", "row_count", "column_count", "sha256", "created_at")
        return {name: getattr(version, name) for name in plain} | {
            "id": version.pk,
            "dataset_id": version.dataset_id,
            "name": version.dataset.name,
            "number": version.number,
            "state": version.state,
            "percent": job.percent if job else 100.0,
            "error": told(job.error_message, job.error_params) if job else "",
        }


def versions_for(request: SignedInRequest) -> Any:
    seen = DatasetVersion.objects.filter(dataset__workspace__in=workspaces_of(request.user))
    return seen.select_related("dataset", "job").defer("comparison", "lineage", "notes")


def version_seen(request: SignedInRequest, version_id: int) -> DatasetVersion:
    found: DatasetVersion = get_object_or_404(versions_for(request).filter(state="ready"), pk=version_id)
    return found


def version_to_change(request: SignedInRequest, version_id: int) -> DatasetVersion:
    version = version_seen(request, version_id)
    require_edit(request.user, version, gettext(NOT_YOURS))
    return version
