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
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as InvalidRequest

from accounts.errors import TooManyAttempts
from accounts.permissions import NOT_YOUR_ROLE
from api.pointers import place_of
from api.strict import JSON, OPERATION, WrongType, form_needed, place_named, place_of_steps, stray_names
from common import problems
from common.answers import as_json
from common.missing import NotThere
from common.problems import pointer
from common.templatetags.formatting import told as sentence
from experiments.disk import DISK_FULL, is_disk_full
from experiments.errors import ExperimentError

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
UNREADABLE = _("The request cannot be read: its body or a header is broken, incomplete or too long.")
NO_JSON = _("The body is not valid JSON: check line %(line)s, character %(character)s.")
NO_BODY = _("The body cannot be read as %(type)s.")
SOME_UNUSABLE = _("Part of what you sent cannot be used.")
NO_KEY = _("Send a valid key: Authorization: Bearer xy_…")
TAKES_METHODS = _("%(address)s takes %(allowed)s, not %(method)s.")
TAKES_TYPE = _("%(address)s takes a body of the type %(takes)s, not %(sent)s. State it in Content-Type.")
TOO_BIG = _("The request is too large.")
FAILED = _("Something failed on the server.")
NO_DATABASE = _("The database is not answering right now. Send the request again in a minute.")
SECONDS_UNTIL_AGAIN = 60
NOT_AMONG = _("%(collection)s has no %(key)s that you may see.")
NO_ADDRESS = _("There is no address %(address)s. %(docs)s lists all addresses.")
NEAR_ADDRESS = _("There is no address %(address)s. Did you mean %(nearest)s?")
DOCS = "/api/v1/docs"
KEY_IN_TEMPLATE = re.compile(r"\{[^}]+\}")
ROOT = re.compile(r"^/api(/v\d+)?/?")
KEY_IN_PATH = re.compile(r"(?<=/)(\d+|[0-9a-fA-F-]{32,36})(?=/|$)")
MALFORMED = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """Answer with problem details."""
    return HttpResponse(as_json(details_of(status, detail, **more)), status=status, content_type=MEDIA_TYPE)


def details_of(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """Return problem details as plain data, as they are sent and as the schema shows them."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def answer_failures_of(api: NinjaAPI) -> None:
    """Have every failure in this API answered by the function for its kind."""
    own = dict.fromkeys(problems.kinds(), told_by_its_app)
    for kind, answer in (ANSWERS | own).items():
        api.add_exception_handler(kind, answer)


def invalid_request(request: HttpRequest, error: InvalidRequest) -> HttpResponse:
    if refused := getattr(request, "upload_refusal", None):  # the file is missing, for it was not taken
        return told_by_its_app(request, refused)
    if needed := form_needed(request):
        return wrong_type(request, needed)
    strays = stray_names(request) if hasattr(request, OPERATION) else ()
    # What is needed and missing was often sent under another name: both are told at once.
    told = [place_of(request, one) for one in (*error.errors, *strays)]
    errors = {(one["in"], one["pointer"]): one for one in told}
    return problem(422, gettext(SOME_UNUSABLE), errors=[*errors.values()])


def malformed(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, gettext(UNREADABLE))


def wrong_type(request: HttpRequest, takes: str) -> HttpResponse:
    said = {"address": request.path, "takes": takes, "sent": request.content_type or "none"}
    return problem(415, gettext(TAKES_TYPE) % said, accepted=[takes])


def wrong_type_told(request: HttpRequest, error: WrongType) -> HttpResponse:
    return wrong_type(request, error.takes)


def does_not_fit(request: HttpRequest, error: ExperimentError) -> HttpResponse:
    """A sound request that what is there does not allow: 409, for 422 is kept for what the schema tells beforehand."""
    words = sentence(error.message, error.params)
    place = place_of_steps(request, error.at)
    if not place:
        return problem(409, words)
    return problem(409, words, errors=[{"in": place, "pointer": pointer([*error.at]), "detail": words}])


def refused_value(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(409, " ".join(error.messages))


def told_by_its_app(request: HttpRequest, error: Exception) -> HttpResponse:
    found = problems.problem_of(request, error)
    return problem(found.status, found.detail, **({"errors": [*found.errors]} if found.errors else {}))


def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = problem(401, gettext(NO_KEY))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def asked_to_wait(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    answer = problem(429, str(error))
    answer["Retry-After"] = str(error.wait_seconds)
    return answer


def not_allowed(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error) or gettext(NOT_YOUR_ROLE))


def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """Say what is missing: a thing that was named in the request, or the one that the address is of."""
    if isinstance(error, NotThere):
        place = {"in": place_named(request, error.field), "pointer": pointer([error.field]), "detail": error.sentence}
        return problem(404, error.sentence, errors=[place])
    if match := request.resolver_match:
        for name, key in match.kwargs.items():
            parts = request.path.split("/")
            if str(key) in parts:
                return not_among(request.path, name, str(key))
    return problem(404, gettext(_("There is nothing at this address.")))


def not_among(path: str, name: str, key: str) -> HttpResponse:
    """Say that there is nothing with the key that stands in a path under a name."""
    parts = path.split("/")
    words = gettext(NOT_AMONG) % {"collection": "/".join(parts[: parts.index(key)]), "key": key}
    return problem(404, words, errors=[{"in": "path", "pointer": pointer([name]), "detail": words}])


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
    said = {"address": request.path, "allowed": ", ".join(allowed), "method": request.method}
    answer = problem(405, gettext(TAKES_METHODS) % said, allowed=allowed)
    answer["Allow"] = ", ".join(allowed)
    return answer


def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, gettext(TOO_BIG))


def told(request: HttpRequest, error: HttpError) -> HttpResponse:
    covered = error.__cause__  # the parser's own words, which ninja has covered
    if isinstance(covered, InvalidRequest):
        return invalid_request(request, covered)
    if isinstance(covered, WrongType):
        return wrong_type(request, covered.takes)
    if isinstance(covered, json.JSONDecodeError):
        return problem(400, gettext(NO_JSON) % {"line": covered.lineno, "character": covered.colno})
    if isinstance(covered, RequestDataTooBig):
        return too_big(request, covered)
    if covered is not None and error.status_code == 400:
        return problem(400, gettext(NO_BODY) % {"type": JSON})
    return problem(error.status_code, str(error))


def without_database(request: HttpRequest, error: Exception) -> HttpResponse:
    """The database is locked, restarting or away: nothing was done, and the same request may come again."""
    if is_disk_full(error):
        return problem(507, gettext(DISK_FULL))
    log.error("the database did not answer at %s", request.path, exc_info=error)
    answer = problem(503, gettext(NO_DATABASE))
    answer["Retry-After"] = str(SECONDS_UNTIL_AGAIN)
    return answer


def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    if is_disk_full(error):
        return problem(507, gettext(DISK_FULL))
    reference = f"E-{secrets.token_hex(4)}"
    log.error("unexpected failure told as %s at %s", reference, request.path, exc_info=error)
    return problem(500, gettext(FAILED), reference=reference)


ANSWERS: dict[type[Exception], Any] = {
    InvalidRequest: invalid_request,
    **dict.fromkeys(MALFORMED, malformed),
    RequestDataTooBig: too_big,
    ExperimentError: does_not_fit,
    ValidationError: refused_value,
    AuthenticationError: unknown_caller,
    TooManyAttempts: asked_to_wait,
    PermissionDenied: not_allowed,
    Http404: not_found,
    HttpError: told,
    WrongType: wrong_type_told,
    **dict.fromkeys((OperationalError, InterfaceError), without_database),
    Exception: unexpected,
}
