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
    return _address_here(request, request.headers.get("Referer", "")) or "/"


def page_asked_for(request: HttpRequest, otherwise: str = "/") -> str:
    """Return the page here that a form says it leads to, or ``otherwise``; never one of another site."""
    return _address_here(request, request.POST.get("next", "")) or otherwise


def _address_here(request: HttpRequest, address: str) -> str:
    is_own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return urlsplit(address)._replace(scheme="", netloc="").geturl() if is_own else ""
