"""What a view asks for before it begins."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

View = Callable[..., HttpResponseBase]


def workspace_required(view: View) -> View:
    """The view needs ``request.workspace``; a person without any gets a page that says whom to ask."""

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.workspace is None:  # type: ignore[attr-defined]
            return render(request, "accounts/no_workspace.html", status=403)
        return view(request, *args, **kwargs)

    return asking


def role_required(*roles: str) -> Callable[[View], View]:
    """The view is for these roles of the current workspace; others get the page that says whom to ask."""

    def decorate(view: View) -> View:
        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.role not in roles:  # type: ignore[attr-defined]
                raise PermissionDenied(_("Your role does not have access to this page."))
            return view(request, *args, **kwargs)

        return workspace_required(asking)

    return decorate
