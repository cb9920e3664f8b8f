"""What goes wrong in the API, told in one form: problem details (RFC 9457), each kind of failure with its status."""

import json
import logging
import re
import secrets
from collections.abc import Iterable
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as InvalidRequest

from accounts.errors import TooManyAttempts
from catalog.dictionary import DictionaryRefused
from catalog.dictionary_page import told_faults
from catalog.errors import UploadRefused
from common.missing import NotThere
from common.templatetags.formatting import told as sentence
from config.pointers import place_of, pointer
from config.strict import OPERATION, place_named, stray_names
from experiments.disk import DISK_FULL, is_disk_full
from experiments.errors import ExperimentError

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
UNREADABLE = _("The request cannot be read: its body or a header is broken, incomplete or too long.")
NOT_AMONG = _("%(collection)s has no %(key)s that you may see.")
NO_ADDRESS = _("There is no address %(address)s. %(docs)s lists all addresses.")
NEAR_ADDRESS = _("There is no address %(address)s. Do you mean %(nearest)s?")
DOCS = "/api/v1/docs"
KEY_IN_TEMPLATE = re.compile(r"\{[^}]+\}")
ROOT = re.compile(r"^/api(/v\d+)?/?")
KEY_IN_PATH = re.compile(r"(?<=/)(\d+|[0-9a-fA-F-]{32,36})(?=/|$)")
MALFORMED = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """Answer with problem details."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return HttpResponse(json.dumps(body, ensure_ascii=False, default=str), status=status, content_type=MEDIA_TYPE)


def answer_failures_of(api: NinjaAPI) -> None:
    """Have every failure in this API answered by the function for its kind."""
    for kind, answer in ANSWERS.items():
        api.add_exception_handler(kind, answer)


def invalid_request(request: HttpRequest, error: InvalidRequest) -> HttpResponse:
    if refused := getattr(request, "upload_refusal", None):  # the file is missing, for it was not taken
        return refused_upload(request, refused)
    strays = stray_names(request) if hasattr(request, OPERATION) else ()
    # What is needed and missing was often sent under another name: both are told at once.
    told = [place_of(request, one) for one in (*error.errors, *strays)]
    errors = {(one["in"], one["pointer"]): one for one in told}
    return problem(422, gettext(_("Part of what you sent cannot be used.")), errors=[*errors.values()])


def malformed(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, gettext(UNREADABLE))


def does_not_fit(request: HttpRequest, error: ExperimentError) -> HttpResponse:
    """A sound request that what is there does not allow: 409, for 422 is kept for what the schema tells beforehand."""
    return problem(409, sentence(error.message, error.params))


def refused_value(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(409, " ".join(error.messages))


def refused_upload(request: HttpRequest, error: UploadRefused) -> HttpResponse:
    return problem(error.status(otherwise=409), sentence(error.message, error.params))


def refused_dictionary(request: HttpRequest, error: DictionaryRefused) -> HttpResponse:
    errors = [{"row": each["row"], "column": each["heading"], "detail": each["said"]} for each in told_faults(error)]
    return problem(409, gettext(error.message) % error.params, errors=errors)


def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = problem(401, gettext(_("Send a valid key: Authorization: Bearer xy_…")))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def asked_to_wait(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    answer = problem(429, str(error))
    answer["Retry-After"] = str(error.wait_seconds)
    return answer


def not_allowed(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error) or gettext(_("Your role does not allow this. Ask an admin of the workspace.")))


def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """Say what is missing: a thing that was named in the request, or the one that the address is of."""
    if isinstance(error, NotThere):
        place = {"in": place_named(request, error.field), "pointer": pointer([error.field]), "detail": error.sentence}
        return problem(404, error.sentence, errors=[place])
    if match := request.resolver_match:
        for name, key in match.kwargs.items():
            parts = request.path.split("/")
            if str(key) in parts:
                collection = "/".join(parts[: parts.index(str(key))])
                words = gettext(NOT_AMONG) % {"collection": collection, "key": key}
                return problem(404, words, errors=[{"in": "path", "pointer": pointer([name]), "detail": words}])
    return problem(404, gettext(_("There is nothing at this address.")))


def no_such_address(request: HttpRequest, addresses: Iterable[str]) -> HttpResponse:
    """Say that the API has no such address, and which are like it."""
    near = addresses_like(request.path, addresses)
    words = NEAR_ADDRESS if near else NO_ADDRESS
    said = {"address": request.path, "nearest": near[0] if near else "", "docs": DOCS}
    return problem(404, gettext(words) % said, addresses=near, documentation=DOCS)


def addresses_like(path: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses that one was most likely to be, whatever keys stand in it."""
    plain: dict[str, str] = {}
    for address in addresses:
        plain.setdefault(_without_root(KEY_IN_TEMPLATE.sub("0", address)), address)
    asked = _without_root(KEY_IN_PATH.sub("0", path))
    return [plain[found] for found in get_close_matches(asked, plain, n=3, cutoff=0.7)]


def _without_root(path: str) -> str:
    return ROOT.sub("", path).strip("/")


def method_not_allowed(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    words = gettext(_("%(address)s takes %(allowed)s, not %(method)s."))
    said = {"address": request.path, "allowed": ", ".join(allowed), "method": request.method}
    answer = problem(405, words % said, allowed=allowed)
    answer["Allow"] = ", ".join(allowed)
    return answer


def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, gettext(_("The request is too large.")))


def told(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, InvalidRequest):  # the parser's own words, which ninja has covered
        return invalid_request(request, error.__cause__)
    return problem(error.status_code, str(error))


def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    if is_disk_full(error):
        return problem(507, gettext(DISK_FULL))
    reference = f"E-{secrets.token_hex(4)}"
    log.error("unexpected failure told as %s at %s", reference, request.path, exc_info=error)
    return problem(500, gettext(_("Something failed on the server.")), reference=reference)


ANSWERS: dict[type[Exception], Any] = {
    InvalidRequest: invalid_request,
    **dict.fromkeys(MALFORMED, malformed),
    RequestDataTooBig: too_big,
    ExperimentError: does_not_fit,
    ValidationError: refused_value,
    UploadRefused: refused_upload,
    DictionaryRefused: refused_dictionary,
    AuthenticationError: unknown_caller,
    TooManyAttempts: asked_to_wait,
    PermissionDenied: not_allowed,
    Http404: not_found,
    HttpError: told,
    Exception: unexpected,
}
