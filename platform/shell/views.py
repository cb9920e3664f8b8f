"""The first page, which shows what every app has to say, and the page that finds."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from accounts.decorators import for_everybody, workspace_required
from accounts.requests import SignedInRequest
from common import finding
from shell.home import home_context

MOST_LETTERS = 200


@workspace_required
def home(request: SignedInRequest) -> HttpResponse:
    """What waits for me, what runs, what I did last."""
    return render(request, "shell/home.html", home_context(request))


@require_safe
@workspace_required
def find_page(request: SignedInRequest) -> HttpResponse:
    """Experiments, models, datasets, columns and people by a word: a page, or its results alone while one types."""
    text = request.GET.get("q", "")[:MOST_LETTERS]
    context = {"text": text.strip(), "groups": finding.find(request, text)}
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "shell/_found.html" if is_part else "shell/find.html", context)


@for_everybody
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the icon: browsers ask here where no page of ours links it, such as a file."""
    return HttpResponseRedirect(static("common/fish.svg"))
