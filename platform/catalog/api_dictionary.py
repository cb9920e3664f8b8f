"""The data dictionary and the protection of personal data over HTTP; plain values of persons are not to be had here."""

from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from accounts.permissions import can_edit, can_unmask
from accounts.requests import SignedInRequest
from catalog import dictionary, protection
from catalog.api import versions_for
from catalog.dictionary_file import EMPTY, MOST_BYTES, FileRow
from catalog.dictionary_page import CONTENT_TYPES, template_file
from catalog.models import DatasetVersion
from common.answers import Body, Refusal, file_answer, refusals
from common.missing import NOTHING_SEEN, NotThere
from common.paging import PAGED, PageIn, page_of

router = Router(tags=["data"])
NOT_YOURS = _("Only its owner, a modeler or an admin of the workspace may change this.")
FORBIDDEN = Refusal(403, "role", NOT_YOURS)
COLUMN = {"field": "column", "name": "phne"}


class EntryOut(Schema):
    name: str
    name_en: str
    name_zh: str
    source: str
    known_after_days: int | None
    expected_direction: str
    is_sensitive: bool
    is_protected: bool
    reason_en: str
    reason_zh: str
    allowed_use: str
    cost_per_query: float | None
    enumerations: dict[str, dict[str, str]]


def _text(name: str) -> Any:
    return Field(None, max_length=dictionary.TEXTS[name])


class EntryIn(Body):
    name: str = Field(min_length=1)
    name_en: str | None = _text("name_en")
    name_zh: str | None = _text("name_zh")
    source: str | None = _text("source")
    known_after_days: int | None = Field(None, ge=0, le=dictionary.LATEST_DAYS)
    expected_direction: Literal["+", "-", "0"] | None = None
    is_sensitive: bool | None = None
    is_protected: bool | None = None
    reason_en: str | None = _text("reason_en")
    reason_zh: str | None = _text("reason_zh")
    allowed_use: str | None = _text("allowed_use")
    cost_per_query: float | None = Field(None, ge=0, lt=dictionary.DEAREST)
    enumerations: dict[str, dict[str, str]] | None = None

    def to_row(self, number: int) -> FileRow:
        """Return it as a row of a dictionary file; what was not sent is not in it."""
        sent = self.dict(exclude_unset=True)
        if sent.get("enumerations") is not None:
            sent["enumerations"] = dictionary.written_values(sent["enumerations"])
        return FileRow(number, {name: "" if value is None else str(value) for name, value in sent.items()})


class TakenOut(Schema):
    saved: int
    skipped: int
    unchanged: int


class PersonalOut(Schema):
    column: str
    kind: str
    share: float
    matches: int
    confidence: float
    protection: str


class ProtectionIn(Body):
    column: str
    protection: Literal[protection.WAYS]  # type: ignore[valid-type]


class ProtectionOut(Schema):
    job: str | None
    holds_from_next_version: bool


class EntriesIn(PageIn):
    name: str | None = Field(None, description="of one column")
    expected_direction: Literal["+", "-", "0"] | None = None
    is_sensitive: bool | None = None
    is_protected: bool | None = None


@router.get(
    "/datasets/{version_id}/dictionary",
    response=list[EntryOut],
    summary=_("The data dictionary of a dataset"),
    openapi_extra=PAGED,
)
def get_dictionary(
    request: SignedInRequest,
    response: HttpResponse,
    version_id: int,
    asked: EntriesIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> Any:
    entries = _version(request, version_id).dataset.dictionary.filter(**asked.filters())
    return page_of(entries, asked, request=request, response=response, order=("name", "pk"))


@router.get(
    "/datasets/{version_id}/dictionary/template.{file_format}",
    summary=_("The template of a data dictionary, filled in as far as it is known"),
    openapi_extra=file_answer(*CONTENT_TYPES.values()),
)
def get_template(request: SignedInRequest, version_id: int, file_format: Literal["csv", "xlsx"]) -> HttpResponse:
    return template_file(_version(request, version_id), file_format)


@router.put(
    "/datasets/{version_id}/dictionary",
    response=TakenOut,
    summary=_("Describe columns; with one mistake, nothing is saved"),
    openapi_extra=refusals(FORBIDDEN, Refusal(409, "mistakes", dictionary.REFUSED, {"count": 2})),
)
def put_dictionary(
    request: SignedInRequest, version_id: int, entries: list[EntryIn], skip_unknown: bool = False
) -> dictionary.Taken:
    version = _to_change(request, version_id)
    rows = [entry.to_row(number) for number, entry in enumerate(entries, start=1)]
    return dictionary.save_rows(version, rows, request.user, skip_unknown=skip_unknown)


@router.post(
    "/datasets/{version_id}/dictionary/file",
    response=TakenOut,
    summary=_("Upload a data dictionary (Excel or CSV)"),
    openapi_extra=refusals(FORBIDDEN, Refusal(409, "empty", EMPTY)),
)
def upload_dictionary(
    request: SignedInRequest,
    version_id: int,
    file: UploadedFile = File(...),  # noqa: B008 - how ninja declares a file
    skip_unknown: bool = Form(False),
) -> dictionary.Taken:
    version = _to_change(request, version_id)
    content = file.read(MOST_BYTES + 1)
    return dictionary.upload(version, content, file.name or "", request.user, skip_unknown=skip_unknown)


class PersonalIn(PageIn):
    kind: str | None = Field(None, description="of personal data")


@router.get(
    "/datasets/{version_id}/personal-data",
    response=list[PersonalOut],
    summary=_("Columns that hold personal data"),
    openapi_extra=PAGED,
)
def get_personal_data(
    request: SignedInRequest,
    response: HttpResponse,
    version_id: int,
    asked: PersonalIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    columns = _version(request, version_id).columns.exclude(personal_data="")
    if asked.kind:
        columns = columns.filter(personal_data=asked.kind)
    page = page_of(columns, asked, request=request, response=response, order=("position", "pk"))
    return [
        {
            "column": column.name,
            "kind": column.personal_data,
            "share": facts.get("share", 0.0),
            "matches": facts.get("matches", 0),
            "confidence": facts.get("confidence", 0.0),
            "protection": facts.get("way", ""),
        }
        for column in page
        for facts in [column.profile.get("protection", {})]
    ]


@router.put(
    "/datasets/{version_id}/personal-data",
    response=ProtectionOut,
    summary=_("Choose how a column is protected"),
    openapi_extra=refusals(
        FORBIDDEN,
        Refusal(409, "busy", protection.BUSY),
        Refusal(404, "column", NOTHING_SEEN, COLUMN, ("body", "column")),
    ),
)
def put_protection(request: SignedInRequest, version_id: int, choice: ProtectionIn) -> dict[str, Any]:
    version = _to_change(request, version_id)
    column = version.columns.filter(name=choice.column).first()
    if column is None:
        raise NotThere("column", choice.column, list(version.columns.values_list("name", flat=True)))
    if choice.protection == "none" and not can_unmask(request.user, version):
        raise PermissionDenied
    job = protection.choose_protection(version, column.name, choice.protection, request.user)
    return {"job": str(job.pk) if job else None, "holds_from_next_version": job is None}


def _version(request: SignedInRequest, version_id: int) -> DatasetVersion:
    found: DatasetVersion = get_object_or_404(versions_for(request).filter(state="ready"), pk=version_id)
    return found


def _to_change(request: SignedInRequest, version_id: int) -> DatasetVersion:
    version = _version(request, version_id)
    if not can_edit(request.user, version):
        raise PermissionDenied(gettext(NOT_YOURS))
    return version
