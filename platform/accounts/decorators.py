"""Who may reach a view: each view bears one of these, and where none fits, it is here that another belongs.

What may be done to one thing, a dataset or an experiment, is asked when it is known: ``accounts.permissions``.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from common.access import Rule, declare

View = Callable[..., HttpResponseBase]
EVERYBODY = Rule("everybody", lambda request: True)
SIGNED_IN = Rule("signed in", lambda request: request.user.is_authenticated)
MEMBERS = Rule("members", lambda request: request.workspace is not None)  # type: ignore[attr-defined]


def for_everybody(view: View) -> View:
    """The view is for visitors, too, or answers those who are not signed in itself."""
    return declare(login_not_required(view), EVERYBODY)


def for_signed_in(view: View) -> View:
    """The view is for everybody who is signed in, with a workspace or without; the middleware has seen to it."""
    return declare(view, SIGNED_IN)


def workspace_required(view: View) -> View:
    """The view needs ``request.workspace``; a person without any gets a page that says whom to ask."""

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not MEMBERS.lets(request):
            return render(request, "accounts/no_workspace.html", status=403)
        return view(request, *args, **kwargs)

    return declare(asking, MEMBERS)


def role_required(*roles: str) -> Callable[[View], View]:
    """The view is for these roles of the current workspace; others get the page that says whom to ask."""
    rule = Rule(" or ".join(roles), lambda request: request.role in roles)  # type: ignore[attr-defined]

    def decorate(view: View) -> View:
        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not rule.lets(request):
                raise PermissionDenied(_("Your role does not have access to this page."))
            return view(request, *args, **kwargs)

        return declare(workspace_required(asking), rule)

    return decorate
