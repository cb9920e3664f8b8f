"""The first page, which gathers from every app, and the sign of life for load balancers."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest
from common import finding
from config.home import home_context

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


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Answer only when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@login_not_required
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the icon: browsers ask here where no page of ours links it, such as a file."""
    return HttpResponseRedirect(static("common/fish.svg"))
