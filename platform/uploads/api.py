"""Large files over HTTP: the tus protocol with an API key, then one call that makes a dataset version of them."""

from typing import Annotated, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Field, Header, Router, Schema, Status

from accounts.api import workspace_named
from accounts.requests import SignedInRequest
from catalog.answers import DatasetVersionOut, versions_for
from catalog.errors import NOT_COMPLETE, TOO_LARGE, TOO_MANY_UPLOADS, WRONG_OFFSET, UploadRefused
from catalog.reading import Reading
from common.answers import Body, Refusal, only_success, refusals, said_as, together, whole_number_pattern
from common.missing import NOTHING_SEEN, NotThere
from common.templatetags.formatting import size
from experiments.ingest.decoding import ENCODINGS
from uploads import pieces, tus
from uploads.services import receive_files

router = Router(tags=["data"])
OPEN = _("Start a resumable upload (tus 1.0)")
OPEN_TEXT = _(
    "Any tus 1.0 client works here. Send Tus-Resumable: 1.0.0, the size of the file in "
    "Upload-Length and its name as Upload-Metadata: filename <Base64>; then send the chunks to the "
    "address in the response's Location. After an interruption, HEAD returns in Upload-Offset where "
    "to continue. Uploads that nobody continues for three days are removed (Upload-Expires)."
)
PIECE = _("Send the next chunk of an upload")
PIECE_TEXT = _(
    "Upload-Offset says where the chunk begins. A 409 with another Upload-Offset means that the "
    "file has been received up to there. Chunks may have any size."
)
OF_UPLOADS = _("Make a dataset version from completed uploads")
OF_UPLOADS_TEXT = _(
    "Several uploads with the same columns become one table. Whatever reading does not set is "
    "detected from the files: encoding, delimiter, the line with the column names (0: there is "
    "none), the decimal mark. on_broken_bytes says whether unreadable characters are replaced and "
    "counted; source_column adds a column with the file's name; sheet names the sheet of a workbook "
    "(otherwise the largest visible one); total rows are left out and counted unless totals is keep."
)
BINARY = {"schema": {"type": "string", "format": "binary"}}
PIECE_BODY = {"requestBody": {"required": True, "content": dict.fromkeys(tus.PIECE_TYPES, BINARY)}}
ANOTHER_VERSION = (412, "Another version of tus than this server speaks was named.")
LIMIT = {"limit": size(settings.UPLOAD_MAX_BYTES)}
HEADER_MISSING = Refusal(400, "header", tus.MISSING, {"header": "Upload-Length"})
OTHER_VERSION = Refusal(412, "version", tus.OTHER_VERSION, {"version": tus.VERSION})
IS_GONE = Refusal(410, "gone", tus.GONE)
CREATED = together(
    only_success(201, "The upload is open; Location says where."),
    refusals(
        HEADER_MISSING, OTHER_VERSION, Refusal(413, "too_large", TOO_LARGE, LIMIT),
        Refusal(429, "too_many", TOO_MANY_UPLOADS, {"count": pieces.MOST_OPEN}),
    ),
)  # fmt: skip
FOUND = together(only_success(200, "Upload-Offset says how much is here."), refusals(OTHER_VERSION, IS_GONE))
TAKEN = together(
    only_success(204, "The piece is here; Upload-Offset says how much it makes."),
    refusals(
        Refusal(400, "header", tus.NO_NUMBER, {"header": "Upload-Offset"}), OTHER_VERSION, IS_GONE,
        Refusal(409, "offset", WRONG_OFFSET, {"length": 4096}),
        Refusal(411, "length", tus.MISSING, {"header": "Content-Length"}),
        Refusal(413, "too_large", tus.MORE_THAN_ANNOUNCED),
        Refusal(415, "type", tus.WRONG_TYPE, {"type": tus.PIECE_TYPE}),
    ),
)  # fmt: skip
NO_SUCH_UPLOAD = Refusal(404, "uploads", NOTHING_SEEN, {"field": "uploads", "name": "…"}, ("body", "uploads"))
DISCARDED = together(only_success(204, "The upload is gone."), refusals(OTHER_VERSION, IS_GONE))
DESCRIBED = only_success(204, "Tus-Version, Tus-Extension and Tus-Max-Size say it.")


class OneFileReadingIn(Schema):
    """How one file is read; what is left out is found out from it."""

    encoding: Literal["", *ENCODINGS] = ""  # type: ignore[valid-type]
    delimiter: Literal["", ",", ";", "\t", "|", "^", "\x01"] = ""
    on_broken_bytes: Literal["", "refuse", "replace"] = ""
    header_line: int | None = Field(None, ge=0, le=1_000)
    decimal: Literal["", ".", ","] = ""
    sheet: str = Field("", max_length=60)
    totals: Literal["", "leave_out", "keep"] = ""

    def chosen(self) -> Reading:
        return Reading(**self.model_dump())


class ReadingIn(OneFileReadingIn, Body):
    source_column: str = Field("", max_length=60)


class FromUploadsIn(Body):
    uploads: list[Annotated[UUID, Field(strict=False)]] = Field(..., min_length=1, max_length=1_000)
    name: str | None = Field(None, max_length=100)
    workspace: str | None = None
    reading: ReadingIn | None = None


# Read again by the protocol; here for the schema, and refused beforehand where they break it.
MOST = settings.UPLOAD_MAX_BYTES
METADATA = said_as(tus.METADATA_PATTERN, tus.NO_METADATA, header="Upload-Metadata")
Length = Annotated[str, Header(alias="Upload-Length", pattern=whole_number_pattern(1, MOST), description="bytes")]
Offset = Annotated[str, Header(alias="Upload-Offset", pattern=whole_number_pattern(0, MOST), description="bytes")]
Metadata = Annotated[str | None, Header(alias="Upload-Metadata", max_length=tus.LONGEST_METADATA, pattern=METADATA)]


@router.api_operation(
    ["OPTIONS"], "/uploads", auth=None, summary=_("What the upload server supports"), openapi_extra=DESCRIBED
)
def describe(request: SignedInRequest) -> HttpResponse:
    return tus.describe(request)


@router.post("/uploads", summary=OPEN, description=OPEN_TEXT, openapi_extra=CREATED)
def create(
    request: SignedInRequest,
    upload_length: Length,
    upload_metadata: Metadata = None,
    workspace: str | None = None,
) -> HttpResponse:
    place = workspace_named(request.user, workspace)
    return tus.create(request, request.user, place, lambda upload: f"{request.path.rstrip('/')}/{upload.pk}")


@router.api_operation(
    ["HEAD"], "/uploads/{upload_id}", summary=_("How much of an upload has been received"), openapi_extra=FOUND
)
def look(request: SignedInRequest, upload_id: UUID) -> HttpResponse:
    return tus.look(request, tus.own_upload(request.user, upload_id))


@router.patch(
    "/uploads/{upload_id}",
    summary=PIECE,
    description=PIECE_TEXT,
    openapi_extra=together(PIECE_BODY, TAKEN),
)
def go_on(request: SignedInRequest, upload_id: UUID, upload_offset: Offset) -> HttpResponse:
    return tus.go_on(request, tus.own_upload(request.user, upload_id))


@router.delete("/uploads/{upload_id}", summary=_("Discard an upload"), openapi_extra=DISCARDED)
def end(request: SignedInRequest, upload_id: UUID) -> HttpResponse:
    return tus.end(request, tus.own_upload(request.user, upload_id))


@router.post(
    "/datasets/from-uploads",
    response={202: DatasetVersionOut},
    summary=OF_UPLOADS,
    description=OF_UPLOADS_TEXT,
    openapi_extra=refusals(Refusal(409, "not_complete", NOT_COMPLETE), NO_SUCH_UPLOAD),
)
def from_uploads(request: SignedInRequest, asked: FromUploadsIn) -> Status:
    place = workspace_named(request.user, asked.workspace)
    here = set(pieces.uploads_of(request.user).filter(pk__in=asked.uploads).values_list("pk", flat=True))
    for key in asked.uploads:
        if key not in here:
            raise NotThere("uploads", key)
    files = pieces.received(request.user, place, ",".join(map(str, asked.uploads)))
    if len(files) < len(set(asked.uploads)):
        raise UploadRefused(NOT_COMPLETE)
    chosen = asked.reading.chosen() if asked.reading else Reading()
    version = receive_files(request.user, place, files, asked.name, reading=chosen)
    return Status(202, DatasetVersionOut.of(versions_for(request).get(pk=version.pk)))
