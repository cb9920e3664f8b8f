"""The tus 1.0 protocol (tus.io): creation, continuation, termination and expiry of uploads over HTTP."""

import base64
import binascii
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.utils.http import http_date
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.models import User, Workspace
from catalog.errors import OffsetMismatch, UploadRefused
from common.templatetags.formatting import told
from uploads import pieces
from uploads.models import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
PIECE_TYPE = "application/offset+octet-stream"
PIECE_TYPES = (PIECE_TYPE, "application/octet-stream")
LONGEST_METADATA = 4_000
PAIR = r"[!-+\-.0-~]+( ([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)?"
METADATA_PATTERN = f"^{PAIR}(,{PAIR})*$"

OTHER_VERSION = _("This address uses tus %(version)s.")
GONE = _("This upload no longer exists: it has been read, discarded, or left unfinished for too long.")
WRONG_TYPE = _("The chunk must be of type %(type)s.")
MORE_THAN_ANNOUNCED = _("This is more than the announced length.")
MISSING = _("The header %(header)s is missing.")
NO_NUMBER = _("The header %(header)s must hold a whole number.")
TOO_LONG = _("The header %(header)s is too long.")
NO_METADATA = _("The header %(header)s must hold names and values in Base64.")

Door = Callable[..., HttpResponse]


class _BadHeaderError(Exception):
    """A header that is missing or cannot be read: the status and the sentence to answer with."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def speaks_tus(door: Door) -> Door:
    """Check the version, say it in every answer, and turn refusals into a status with a sentence as plain text."""

    @wraps(door)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A client that names no version gets the only one there is.
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable", VERSION) != VERSION:
            answer = _sentence(412, gettext(OTHER_VERSION) % {"version": VERSION})
            answer["Tus-Version"] = VERSION
        else:
            answer = _answer(door, request, *args, **kwargs)
        answer["Tus-Resumable"] = VERSION
        answer["Cache-Control"] = "no-store"
        return answer

    return answering


def _answer(door: Door, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        return door(request, *args, **kwargs)
    except _BadHeaderError as error:
        return _sentence(error.status, str(error))
    except UploadRefused as refused:
        return _sentence(refused.status(otherwise=422), told(refused.message, refused.params))
    except OffsetMismatch as error:
        answer = _sentence(409, told(error.message, error.params))
        answer["Upload-Offset"] = str(error.length)
        return answer
    except FileNotFoundError:
        return _sentence(410, gettext(GONE))


def _sentence(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def own_upload(user: User, key: UUID) -> Upload:
    """Return an upload of this very person; anybody else's does not exist."""
    return get_object_or_404(pieces.uploads_of(user), pk=key)


@speaks_tus
def describe(request: HttpRequest) -> HttpResponse:
    """OPTIONS: what this server can do."""
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
        },
    )


@speaks_tus
def create(request: HttpRequest, user: User, workspace: Workspace, address_of: Callable[[Upload], str]) -> HttpResponse:
    """POST: open an upload."""
    length = _number(request, "Upload-Length")
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    name = metadata.get("filename") or metadata.get("name") or "file"
    upload = pieces.begin(user, workspace, file_name=name, length=length, metadata=metadata)
    return HttpResponse(status=201, headers={"Location": address_of(upload), **_expiry(upload)})


@speaks_tus
def look(request: HttpRequest, upload: Upload) -> HttpResponse:
    """HEAD: how much is here."""
    offset = upload.size_bytes if upload.version_id else pieces.durable_bytes(upload)
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(upload.size_bytes)}
    if upload.metadata:
        headers["Upload-Metadata"] = ",".join(f"{key} {_encoded(value)}" for key, value in upload.metadata.items())
    return HttpResponse(status=200, headers={**headers, **_expiry(upload)})


@speaks_tus
def go_on(request: HttpRequest, upload: Upload) -> HttpResponse:
    """PATCH: the next bytes."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip() not in PIECE_TYPES:
        raise _BadHeaderError(415, gettext(WRONG_TYPE) % {"type": PIECE_TYPE})
    offset = _number(request, "Upload-Offset")
    length = _number(request, "Content-Length", missing=411)
    pieces.require_end(upload, offset)
    if length + offset > upload.size_bytes:
        raise _BadHeaderError(413, gettext(MORE_THAN_ANNOUNCED))
    length = pieces.append(upload, offset, _pieces(request))
    return HttpResponse(status=204, headers={"Upload-Offset": str(length), **_expiry(upload)})


@speaks_tus
def end(request: HttpRequest, upload: Upload) -> HttpResponse:
    """DELETE: throw it away."""
    pieces.discard(upload)
    return HttpResponse(status=204)


def method_of(request: HttpRequest) -> str:
    """Return the method meant: some proxies let nothing through but GET and POST."""
    return request.headers.get("X-HTTP-Method-Override", request.method or "").upper()


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body as it arrives; where the connection breaks, the pieces simply end."""
    try:
        while piece := request.read(pieces.PIECE):
            yield piece
    except (UnreadablePostError, OSError):
        return


def _number(request: HttpRequest, header: str, *, missing: int = 400) -> int:
    text = request.headers.get(header, "")
    if not text:
        raise _BadHeaderError(missing, gettext(MISSING) % {"header": header})
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _BadHeaderError(400, gettext(NO_NUMBER) % {"header": header})
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Read ``name base64,name base64``."""
    if len(header) > LONGEST_METADATA:
        raise _BadHeaderError(400, gettext(TOO_LONG) % {"header": "Upload-Metadata"})
    metadata = {}
    for part in filter(None, (part.strip() for part in header.split(","))):
        key, _space, value = part.partition(" ")
        try:
            metadata[key] = base64.b64decode(value, validate=True).decode(errors="replace")
        except binascii.Error:
            raise _BadHeaderError(400, gettext(NO_METADATA) % {"header": "Upload-Metadata"}) from None
    return metadata


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode("ascii")


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(pieces.expires_at(upload).timestamp())}
