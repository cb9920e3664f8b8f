"""Headers every answer carries, and what no request may hold."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from common.once import one_page
from common.templatetags.formatting import told
from experiments.errors import ArtifactError

GetResponse = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicyMiddleware:
    """Scripts, styles and connections from this server only, and none inline; a view may set a stricter policy."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class ShownRefusalMiddleware:
    """An address that only takes forms, opened like a page, says so instead of staying white."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.path.startswith("/api/"):
            return response
        page = render(request, "common/405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class AlteredModelMiddleware:
    """A page that would show files of a model which are not the recorded ones says which, and shows nothing of them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Tell what is altered; operations of the API tell it themselves."""
        if not isinstance(error, ArtifactError) or request.path.startswith("/api/"):
            return None
        about = {"refusal": told(error.message, error.params)}
        return render(request, "common/altered.html", about, status=HTTPStatus.CONFLICT)


class StorableTextMiddleware:
    """Refuse addresses and forms with the one character that no database of ours stores, whatever page they are for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):  # which says itself, field by field, what is wrong
            _require_storable([request.path], request.GET)
            self._look_at_form_when_read(request)
        return self.get_response(request)

    def _look_at_form_when_read(self, request: HttpRequest) -> None:
        """A form is read by its view, which first says where its files go."""
        read: Callable[[], None] = request._load_post_and_files  # type: ignore[attr-defined]

        def read_and_look() -> None:
            read()
            _require_storable([], request.POST)

        setattr(request, "_load_post_and_files", read_and_look)  # noqa: B010 - Django's own door, which has no other


def _require_storable(texts: list[str], form: QueryDict) -> None:
    every = [*texts, *(text for name, values in form.lists() for text in (name, *values))]
    if any("\x00" in str(text) for text in every):
        raise BadRequest("a text holds NUL")


class OnePageMiddleware:
    """While a page is shown, what ``once_a_page`` answers is asked once; a request that changes something asks anew."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with one_page():
            return self.get_response(request)
