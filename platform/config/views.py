"""The first page, which gathers from every app, and the sign of life for load balancers."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.decorators import for_everybody, workspace_required
from accounts.requests import SignedInRequest
from common import finding
from config.home import home_context
from jobs.signs import health_of_jobs

log = logging.getLogger(__name__)

MOST_LETTERS = 200


@workspace_required
def home(request: SignedInRequest) -> HttpResponse:
    """What waits for me, what runs, what I did last."""
    return render(request, "common/home.html", home_context(request))


@require_safe
@workspace_required
def find_page(request: SignedInRequest) -> HttpResponse:
    """Experiments, models, datasets, columns and people by a word: a page, or its results alone while one types."""
    text = request.GET.get("q", "")[:MOST_LETTERS]
    context = {"text": text.strip(), "groups": finding.find(request, text)}
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "common/_found.html" if is_part else "common/find.html", context)


@for_everybody
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell whether the platform does its work: database, workers of every queue, scheduler; 503 with the reasons."""
    try:
        found = health_of_jobs()
    except DatabaseError:
        return _without_database()
    status = 200 if found.is_good else 503
    return JsonResponse(found.told(), status=status, headers={"Cache-Control": "no-store"})


@for_everybody
@require_safe
def health_of_web(request: HttpRequest) -> JsonResponse:
    """Tell whether this web server can answer people, whatever becomes of the workers: for load balancers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _without_database()
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _without_database() -> JsonResponse:
    """Why it does not answer stands in the log: the reason may name hosts and people."""
    log.exception("the database does not answer")
    said = {"status": "degraded", "reasons": [gettext("The database does not answer.")]}
    return JsonResponse(said, status=503, headers={"Cache-Control": "no-store"})


@for_everybody
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the icon: browsers ask here where no page of ours links it, such as a file."""
    return HttpResponseRedirect(static("common/fish.svg"))
