"""The protection of personal data over HTTP; plain values of persons are not to be had here."""

from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from accounts.permissions import can_unmask
from accounts.requests import SignedInRequest
from catalog.answers import FORBIDDEN, version_seen, version_to_change
from common.answers import Body, Refusal, refusals
from common.missing import NOTHING_SEEN, NotThere
from common.paging import PAGED, PageIn, page_of
from privacy import protection

router = Router(tags=["data"])
COLUMN = {"field": "column", "name": "phne"}


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
    columns = version_seen(request, version_id).columns.exclude(personal_data="")
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
    version = version_to_change(request, version_id)
    column = version.columns.filter(name=choice.column).first()
    if column is None:
        raise NotThere("column", choice.column, list(version.columns.values_list("name", flat=True)))
    if choice.protection == "none" and not can_unmask(request.user, version):
        raise PermissionDenied
    job = protection.choose_protection(version, column.name, choice.protection, request.user)
    return {"job": str(job.pk) if job else None, "holds_from_next_version": job is None}
