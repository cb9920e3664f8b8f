"""The pages for what went wrong: each says why and what to do."""

import logging
import secrets
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from experiments.disk import DISK_FULL, is_disk_full

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "common/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A colleague without the right learns whom to ask."""
    return render(request, "common/403.html", {"reason": str(exception or ""), "admins": _admins(request)}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "common/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """An unexpected failure: a reference on screen, the same reference in the log; a full disk is told as such."""
    if is_disk_full(sys.exc_info()[1]):
        log.error("the disk is full, which was told at %s", request.path)
        return render(request, "common/507.html", {"sentence": gettext(DISK_FULL)}, status=507)
    reference = f"E-{secrets.token_hex(4)}"
    log.error("unexpected failure shown as %s at %s", reference, request.path)
    return render(request, "common/500.html", {"reference": reference}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long or in another sign-in: reloading it mends that."""
    return render(request, "common/csrf.html", status=403)


def _admins(request: HttpRequest) -> list[Any]:
    workspace = getattr(request, "workspace", None)
    return list(workspace.admins()) if workspace else []
