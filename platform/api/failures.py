"""What goes wrong below /api before an operation is reached: told as the operations tell it, never as a page."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from api.problems import MEDIA_TYPE, UNREADABLE, method_not_allowed, no_such_address, problem

GetResponse = Callable[[HttpRequest], HttpResponse]
ROOT = "/api/"


class ApiFailuresMiddleware:
    """Turns pages and bare texts for failures into problem details; an operation's own answers pass as they are."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_ours = request.path.startswith(ROOT) or request.path == ROOT.rstrip("/")
        if not is_ours or response.status_code < 400 or response.get("Content-Type", "") == MEDIA_TYPE:
            return response
        with translation.override(translation.get_language_from_request(request)):
            return _told(request, response)


def _told(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code == 405:
        return method_not_allowed(request, sorted(filter(None, response.get("Allow", "").split(", "))))
    if response.get("Content-Type", "").startswith("text/html"):
        if response.status_code == 404:
            return no_such_address(request, addresses())
        if response.status_code == 400:
            return problem(400, translation.gettext(UNREADABLE))
        return problem(response.status_code, response.reason_phrase)
    if response.get("Content-Type", "").startswith("text/plain"):
        return _as_problem(response)
    return response


def _as_problem(response: HttpResponse) -> HttpResponse:
    """Tell a sentence of the upload protocol as every other is told; its headers, which clients go by, stay."""
    answer = problem(response.status_code, response.content.decode())
    for name, value in response.items():
        if name not in ("Content-Type", "Content-Length"):
            answer[name] = value
    return answer


@cache
def addresses() -> tuple[str, ...]:
    """Return every address of the API, as its schema writes it."""
    from api.root import api  # the API is put together when its addresses are

    return tuple(api.get_openapi_schema()["paths"])
