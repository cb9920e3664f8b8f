"""Who asks: sign-in, current workspace, role and language of each request."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import Membership, User
from accounts.requests import page_before
from common.access import rule_of

log = logging.getLogger(__name__)
CURRENT_WORKSPACE = "workspace"


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every page asks for sign-in unless it says otherwise; one that says nothing lets nobody in. The API has keys."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.path.startswith("/api/"):
            return None
        if rule_of(view_func) is None:
            log.error("nobody is let in at %s: its view declares no rule", request.path)
            raise PermissionDenied
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request"):
            # A redirect would put the sign-in page inside the fragment that was asked for.
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        if request.headers.get("Accept") == "application/json" or request.headers.get("Tus-Resumable"):
            # A script follows a redirect without knowing, and takes the sign-in page for the answer.
            words = gettext("You have been signed out. Sign in again to continue.")
            return HttpResponse(words, status=401, content_type="text/plain; charset=utf-8")
        if request.method not in ("GET", "HEAD"):
            # What was sent is not sent again: the person comes back to the page it was sent from.
            return redirect_to_login(page_before(request), resolve_url(self.get_login_url(view_func)))
        return super().handle_no_permission(request, view_func)


class PersonMiddleware:
    """Sets ``request.workspace`` and ``request.role``, and the language the person chose."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.workspace = request.role = None  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            self._place(request, request.user)
            if request.user.language:
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)

    def _place(self, request: HttpRequest, user: User) -> None:
        memberships = list(Membership.objects.filter(user=user).select_related("workspace").order_by("workspace__name"))
        chosen = request.session.get(CURRENT_WORKSPACE)
        current = next((m for m in memberships if m.workspace.slug == chosen), memberships[0] if memberships else None)
        request.memberships = memberships  # type: ignore[attr-defined]
        user.roles_by_workspace = {each.workspace_id: each.role for each in memberships}
        if current is not None:
            request.workspace, request.role = current.workspace, current.role  # type: ignore[attr-defined]
