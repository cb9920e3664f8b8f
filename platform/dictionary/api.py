"""The data dictionary over HTTP."""

from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from accounts.requests import SignedInRequest
from catalog.answers import FORBIDDEN, version_seen, version_to_change
from common.answers import Body, Refusal, file_answer, refusals
from common.paging import PAGED, PageIn, page_of
from dictionary import services
from dictionary.file import EMPTY, MOST_BYTES, FileRow
from dictionary.page import CONTENT_TYPES, template_file

router = Router(tags=["data"])


class EntryOut(Schema):
    name: str
    name_en: str
    name_zh: str
    source: str
    known_after_days: int | None
    expected_direction: str
    is_sensitive: bool
    is_protected: bool
    is_changeable: bool
    reason_group: str = Field(description="columns of one group give one reason; Chinese|English")
    reason_en: str
    reason_zh: str
    allowed_use: str
    cost_per_query: float | None
    enumerations: dict[str, dict[str, str]]


def _text(name: str) -> Any:
    return Field(None, max_length=services.TEXTS[name])


class EntryIn(Body):
    name: str = Field(min_length=1)
    name_en: str | None = _text("name_en")
    name_zh: str | None = _text("name_zh")
    source: str | None = _text("source")
    known_after_days: int | None = Field(None, ge=0, le=services.LATEST_DAYS)
    expected_direction: Literal["+", "-", "0"] | None = None
    is_sensitive: bool | None = None
    is_protected: bool | None = None
    is_changeable: bool | None = None
    reason_group: str | None = _text("reason_group")
    reason_en: str | None = _text("reason_en")
    reason_zh: str | None = _text("reason_zh")
    allowed_use: str | None = _text("allowed_use")
    cost_per_query: float | None = Field(None, ge=0, lt=services.DEAREST)
    enumerations: dict[str, dict[str, str]] | None = None

    def to_row(self, number: int) -> FileRow:
        """Return it as a row of a dictionary file; what was not sent is not in it."""
        sent = self.dict(exclude_unset=True)
        if sent.get("enumerations") is not None:
            sent["enumerations"] = services.written_values(sent["enumerations"])
        return FileRow(number, {name: "" if value is None else str(value) for name, value in sent.items()})


class TakenOut(Schema):
    saved: int
    skipped: int
    unchanged: int


class EntriesIn(PageIn):
    name: str | None = Field(None, description="of one column")
    expected_direction: Literal["+", "-", "0"] | None = None
    is_sensitive: bool | None = None
    is_protected: bool | None = None
    is_changeable: bool | None = None


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
    entries = version_seen(request, version_id).dataset.dictionary.filter(**asked.filters())
    return page_of(entries, asked, request=request, response=response, order=("name", "pk"))


@router.get(
    "/datasets/{version_id}/dictionary/template.{file_format}",
    summary=_("The template of a data dictionary, filled in as far as it is known"),
    openapi_extra=file_answer(*CONTENT_TYPES.values()),
)
def get_template(request: SignedInRequest, version_id: int, file_format: Literal["csv", "xlsx"]) -> HttpResponse:
    return template_file(version_seen(request, version_id), file_format)


@router.put(
    "/datasets/{version_id}/dictionary",
    response=TakenOut,
    summary=_("Describe columns; with one mistake, nothing is saved"),
    openapi_extra=refusals(FORBIDDEN, Refusal(409, "mistakes", services.REFUSED, {"count": 2})),
)
def put_dictionary(
    request: SignedInRequest, version_id: int, entries: list[EntryIn], skip_unknown: bool = False
) -> services.Taken:
    version = version_to_change(request, version_id)
    rows = [entry.to_row(number) for number, entry in enumerate(entries, start=1)]
    return services.save_rows(version, rows, request.user, skip_unknown=skip_unknown)


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
) -> services.Taken:
    version = version_to_change(request, version_id)
    content = file.read(MOST_BYTES + 1)
    return services.upload(version, content, file.name or "", request.user, skip_unknown=skip_unknown)
