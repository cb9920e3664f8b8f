"""Datasets over HTTP: upload a file, watch it being read, see its columns."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from accounts.api import workspace_named
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.errors import TOO_LARGE, UploadRefused
from catalog.models import DatasetVersion
from catalog.services import receive_upload
from common.templatetags.formatting import size, told

router = Router(tags=["data"])


def within_limit(file: UploadedFile) -> UploadedFile:
    """The API has its file before a handler could stop it, so the limit of the pages is asked for here."""
    if file.size and file.size > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(TOO_LARGE, limit=size(settings.UPLOAD_MAX_BYTES))
    return file


class ColumnOut(Schema):
    name: str
    label: str
    type: str
    proposed_role: str
    missing_count: int
    distinct_count: int


class DatasetVersionOut(Schema):
    id: int
    dataset_id: int
    name: str
    number: int
    state: str
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


class DatasetDetailOut(DatasetVersionOut):
    columns: list[ColumnOut]


def versions_for(request: SignedInRequest) -> Any:
    seen = DatasetVersion.objects.filter(dataset__workspace__in=workspaces_of(request.user))
    return seen.select_related("dataset", "job")


@router.post("/datasets", response={202: DatasetVersionOut}, summary=_("Upload a CSV, Excel or Parquet file"))
def upload(
    request: SignedInRequest,
    file: UploadedFile = File(...),  # noqa: B008 - how ninja declares a file
    name: str | None = Form(None),
    workspace: str | None = Form(None),
) -> Status:
    version = receive_upload(request.user, workspace_named(request.user, workspace), within_limit(file), name=name)
    return Status(202, DatasetVersionOut.of(versions_for(request).get(pk=version.pk)))


@router.get("/datasets", response=list[DatasetVersionOut], summary=_("Dataset versions of a workspace, newest first"))
def list_datasets(request: SignedInRequest, workspace: str | None = None) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    newest_first = versions_for(request).filter(dataset__workspace=place).order_by("-created_at")
    return [DatasetVersionOut.of(version) for version in newest_first[:200]]


@router.get("/datasets/{version_id}", response=DatasetDetailOut, summary=_("One dataset version with its columns"))
def get_dataset(request: SignedInRequest, version_id: int) -> dict[str, Any]:
    version = get_object_or_404(versions_for(request), pk=version_id)
    return DatasetVersionOut.of(version) | {"columns": list(version.columns.all())}
