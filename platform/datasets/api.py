"""Datasets over HTTP: upload a file, watch it being read, see its columns."""

from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from accounts.api import workspace_named
from accounts.permissions import require_edit
from accounts.requests import SignedInRequest
from catalog.answers import DatasetVersionOut, versions_for, within_limit
from catalog.errors import EMPTY_FILE
from catalog.models import ColumnRole, ColumnType, VersionOrigin, VersionState
from common.answers import Key, OneOf, Refusal, refusals
from common.paging import PAGED, PageIn, page_of
from uploads.services import receive_upload
from uploads.versions import NOTHING_TO_ADD_TO, add_version

router = Router(tags=["data"])


class ColumnOut(Schema):
    name: str
    label: str
    type: OneOf[ColumnType]
    proposed_role: OneOf[ColumnRole]
    missing_count: int
    distinct_count: int


class LineageOut(Schema):
    version: int
    origin: OneOf[VersionOrigin]
    parquet_sha256: str
    lineage: dict[str, Any]


class ComparisonOut(Schema):
    version: int
    compared_with: int | None
    comparison: dict[str, Any]


class DatasetDetailOut(DatasetVersionOut):
    columns: list[ColumnOut]


@router.post(
    "/datasets",
    response={202: DatasetVersionOut},
    summary=_("Upload a CSV, Excel or Parquet file"),
    openapi_extra=refusals(Refusal(409, "empty", EMPTY_FILE, {"file": "customers.csv"})),
)
def upload(
    request: SignedInRequest,
    file: UploadedFile = File(...),  # noqa: B008 - how ninja declares a file
    name: str | None = Form(None, max_length=100),
    workspace: str | None = Form(None),
) -> Status:
    version = receive_upload(request.user, workspace_named(request.user, workspace), within_limit(file), name=name)
    return Status(202, DatasetVersionOut.of(versions_for(request).get(pk=version.pk)))


class DatasetsIn(PageIn):
    state: OneOf[VersionState] | None = None
    origin: OneOf[VersionOrigin] | None = None
    dataset_id: Key | None = Field(None, description="versions of one dataset")
    name: str | None = Field(None, max_length=100, description="part of the dataset's name")


@router.get(
    "/datasets",
    response=list[DatasetVersionOut],
    summary=_("Dataset versions of a workspace, newest first"),
    openapi_extra=PAGED,
)
def list_datasets(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: DatasetsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    seen = versions_for(request).filter(dataset__workspace=place, **asked.filters(name="dataset__name__icontains"))
    page = page_of(seen, asked, request=request, response=response, order=("-created_at", "-pk"))
    return [DatasetVersionOut.of(version) for version in page]


@router.get("/datasets/{version_id}", response=DatasetDetailOut, summary=_("One dataset version with its columns"))
def get_dataset(request: SignedInRequest, version_id: int) -> dict[str, Any]:
    version = get_object_or_404(versions_for(request), pk=version_id)
    return DatasetVersionOut.of(version) | {"columns": list(version.columns.all())}


@router.post(
    "/datasets/{version_id}/versions",
    response={202: DatasetVersionOut},
    summary=_("Add a version to a dataset: replace the table with a file, or append the file's rows"),
    openapi_extra=refusals(Refusal(409, "nothing_to_add_to", NOTHING_TO_ADD_TO)),
)
def add_version_to(
    request: SignedInRequest,
    version_id: int,
    file: UploadedFile = File(...),  # noqa: B008 - how ninja declares a file
    mode: Literal["replace", "append"] = Form("replace"),
) -> Status:
    version = get_object_or_404(versions_for(request), pk=version_id)
    require_edit(request.user, version.dataset)
    made = add_version(version.dataset, within_limit(file), mode, request.user)
    return Status(202, DatasetVersionOut.of(versions_for(request).get(pk=made.pk)))


@router.get(
    "/datasets/{version_id}/lineage",
    response=LineageOut,
    summary=_("Where a version comes from: sources, steps, hashes"),
)
def get_lineage(request: SignedInRequest, version_id: int) -> dict[str, Any]:
    version = get_object_or_404(versions_for(request), pk=version_id)
    return {
        "version": version.pk,
        "origin": version.origin,
        "parquet_sha256": version.parquet_sha256,
        "lineage": version.lineage,
    }


@router.get(
    "/datasets/{version_id}/comparison",
    response=ComparisonOut,
    summary=_("How a version differs from the previous one, most serious column first"),
)
def get_comparison(request: SignedInRequest, version_id: int) -> dict[str, Any]:
    version = get_object_or_404(versions_for(request), pk=version_id)
    found = version.comparison
    return {"version": version.pk, "compared_with": found.get("with"), "comparison": found}
