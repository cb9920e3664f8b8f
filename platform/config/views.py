"""The first page, which gathers from every app, and the sign of life for load balancers."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest
from config.home import home_context


@workspace_required
def home(request: SignedInRequest) -> HttpResponse:
    """What waits for me, what runs, what I did last."""
    return render(request, "common/home.html", home_context(request))


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
