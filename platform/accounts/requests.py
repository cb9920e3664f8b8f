"""What a view may count on: the person behind a request, where they are, and as what."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Membership, User, Workspace


class SignedInRequest(HttpRequest):
    """A request after ``PersonMiddleware`` and ``workspace_required``; a name for types, never made."""

    user: User
    workspace: Workspace
    role: str
    memberships: list[Membership]


def page_before(request: HttpRequest) -> str:
    """Return the address of the page here that a form was sent from; the home page where that is not known."""
    before = request.headers.get("Referer", "")
    is_own = url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure())
    return urlsplit(before)._replace(scheme="", netloc="").geturl() if is_own else "/"
