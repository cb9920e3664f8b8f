"""Passes a request on to the process that has the models open: the web server's own have none."""

import threading
from http.client import HTTPConnection, HTTPException, HTTPResponse

from django.http import HttpRequest, HttpResponse

from serving.errors import AWAY, TOO_SLOW, ModelServerAway
from serving.pointers import REAL_TIME, read_whereabouts

PATIENCE_SECONDS = 30.0
# A key of idempotency stays here, where the answer is kept by it.
PASSED_ON = ("Authorization", "Content-Type", "Accept-Language", "Host", "X-Forwarded-For", "X-Forwarded-Proto")
_lines = threading.local()


def forwarded(request: HttpRequest) -> HttpResponse:
    """Return what the serving process answers, as it is.

    Raises
    ------
    ModelServerAway : it is not there, or too slow.
    """
    try:
        response, content = _asked(request)
    except TimeoutError:
        _hang_up()
        raise ModelServerAway(TOO_SLOW, seconds=round(PATIENCE_SECONDS)) from None
    except (OSError, HTTPException):
        _hang_up()
        raise ModelServerAway(AWAY) from None
    answer = HttpResponse(content, status=response.status, content_type=response.headers.get("Content-Type"))
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            answer[name] = response.headers[name]
    return answer


def _asked(request: HttpRequest) -> tuple[HTTPResponse, bytes]:
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    body = request.body
    line, is_kept = _line()
    try:
        return _sent(line, request, body, headers)
    except (ConnectionError, HTTPException):
        if not is_kept:
            raise
        # A kept line ends when the other process is started anew: what it never answered is asked once more.
        _hang_up()
        return _sent(_line()[0], request, body, headers)


def _sent(
    line: HTTPConnection, request: HttpRequest, body: bytes, headers: dict[str, str]
) -> tuple[HTTPResponse, bytes]:
    line.request(request.method or "GET", request.get_full_path(), body, headers)
    response = line.getresponse()
    return response, response.read()


def _line() -> tuple[HTTPConnection, bool]:
    """Return this thread's connection and whether it was there already."""
    place = read_whereabouts(REAL_TIME)
    if place is None:
        raise ModelServerAway(AWAY)
    known, line = getattr(_lines, "kept", (None, None))
    if line is not None and known == place:
        return line, True
    _hang_up()
    line = HTTPConnection(place.host, place.port, timeout=PATIENCE_SECONDS)
    _lines.kept = place, line
    return line, False


def _hang_up() -> None:
    _place, line = getattr(_lines, "kept", (None, None))
    if line is not None:
        line.close()
    _lines.kept = None, None
