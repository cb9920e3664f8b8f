"""What goes wrong in the API, told in one form: problem details (RFC 9457), each kind of failure with its status."""

import json
import logging
import secrets
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
from common.templatetags.formatting import told as sentence
from experiments.disk import DISK_FULL, is_disk_full
from experiments.errors import ExperimentError

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
UNREADABLE = _("The request cannot be read: its body or a header is broken, incomplete or too long.")
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
    errors = [
        {"pointer": "/" + "/".join(str(step) for step in found["loc"]), "detail": found["msg"]}
        for found in error.errors
    ]
    return problem(422, gettext(_("Some of what you sent cannot be used.")), errors=errors)


def malformed(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(
        400, gettext(_("The request cannot be read: its body or a header is broken, incomplete or too long."))
    )


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
    return problem(404, gettext(_("There is nothing at this address.")))


def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, gettext(_("That is too much to send at once.")))


def told(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, InvalidRequest):  # the parser's own words, which ninja has covered
        return invalid_request(request, error.__cause__)
    return problem(error.status_code, str(error))


def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    if is_disk_full(error):
        return problem(507, gettext(DISK_FULL))
    reference = f"E-{secrets.token_hex(4)}"
    log.error("unexpected failure told as %s at %s", reference, request.path, exc_info=error)
    return problem(500, gettext(_("Something failed on our side.")), reference=reference)


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
