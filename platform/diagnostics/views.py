"""The closer looks at a result, each a part of its page, and the course of a search."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from diagnostics import services
from diagnostics.figures.drawn import figure_of
from diagnostics.figures.search import SEARCH_CHARTS, search_figure_of
from diagnostics.forms import FORMS
from diagnostics.models import Subject
from diagnostics.queries.inquiries import inquiry_of, latest
from diagnostics.queries.parts import PARTS, LookPart, Subjected
from diagnostics.queries.search import search_of, search_table_of
from results.queries.derived_columns import derived_columns_of
from results.queries.evidence import evidence_of
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import chosen_line, csv_response, for_viewers_of_results, frame_of
from results.views.parts import RESULT_PARTS
from training.models import Experiment
from training.views.access import for_editors, for_viewers, may_change
from training.views.charts import figure_response


@require_safe
@for_viewers_of_results
def look(request: HttpRequest, experiment: Experiment, name: str) -> HttpResponse:
    part, of, form = _asked(request, experiment, name)
    found = part.look(of)
    if found and found.chart and figure_of(of, found.chart) is None:
        # Of segments or groups that are all too few nothing can be drawn: the table stands alone.
        found = replace(found, chart="")
    frame = frame_of(request, experiment, of.leaderboard, of.line, tab="result")
    has = {
        "deciles": evidence_of(of.line.row).validation.deciles,
        "derived": derived_columns_of(experiment, of.line),
    }
    inquiry = of.inquiry
    context = frame | {
        "part": part.name,
        "parts": [(each, label) for each, label in RESULT_PARTS.items() if has.get(each, True)],
        "kept": {"candidate": frame["chosen"]} if frame["chosen"] else {},
        "title": part.label,
        "subject": part.subject,
        "look": found,
        "form": form,
        "inquiry": inquiry,
        "is_waiting": bool(inquiry and inquiry.is_waiting),
        "look_query": urlencode({**request.GET.dict()}),
    }
    return render(request, "diagnostics/look.html", context)


@require_POST
@for_editors
def ask(request: HttpRequest, experiment: Experiment, name: str) -> HttpResponse:
    """Have a worker look closer, and go where what it finds will be shown."""
    part = _part(name)
    if not part.subject or not experiment.has_result:
        raise Http404
    leaderboard = leaderboard_for(experiment)
    line = leaderboard.line_of(request.POST.get("candidate", ""))
    if line is None:
        raise Http404
    form = FORMS[part.subject](request.POST, experiment=experiment, test_sample=leaderboard.test_sample)
    given = {key: value for key, value in request.POST.items() if key != "csrfmiddlewaretoken" and value}
    if form.is_valid():
        services.ask(
            user=request.user, experiment=experiment, row=line.row, subject=part.subject, asked=form.asked  # type: ignore[arg-type]
        )  # fmt: skip
    return HttpResponseRedirect(reverse("experiment_look", args=[experiment.pk, name]) + "?" + urlencode(given))


@require_safe
@for_viewers_of_results
def figure(request: HttpRequest, experiment: Experiment, name: str) -> JsonResponse:
    part, of, _form = _asked(request, experiment, name)
    found = part.look(of)
    drawn = figure_of(of, found.chart) if found and found.chart else None
    if drawn is None:
        raise Http404
    return figure_response(drawn)


@require_safe
@for_viewers_of_results
def table(request: HttpRequest, experiment: Experiment, name: str) -> StreamingHttpResponse:
    """The numbers of a look as CSV."""
    part, of, _form = _asked(request, experiment, name)
    found = part.look(of)
    if found is None:
        raise Http404
    return csv_response([found.header, *found.plain], f"{experiment.name}-{name}")


def _part(name: str) -> LookPart:
    if name not in PARTS:
        raise Http404
    return PARTS[name]


def _asked(request: HttpRequest, experiment: Experiment, name: str) -> tuple[LookPart, Subjected, Any]:
    """Return the part, what it is about, and the form with what was asked of it."""
    part, leaderboard = _part(name), leaderboard_for(experiment)
    line, kind = chosen_line(request, leaderboard), FORMS.get(part.subject or part.name)
    if kind is None:
        return part, Subjected(experiment, line, leaderboard, request.GET), None
    known: dict[str, Any] = {"experiment": experiment, "test_sample": leaderboard.test_sample}
    form, inquiry = kind(initial=request.GET.dict(), **known), None
    if part.subject:
        given = kind(request.GET, **known)
        if given.fields and any(field in request.GET for field in given.fields):
            form = given
            if given.is_valid():
                inquiry = inquiry_of(experiment, line.row, part.subject, given.asked)
        else:
            inquiry = latest(experiment, line.row, part.subject)
            form = kind(initial=_told(inquiry), **known)
    return part, Subjected(experiment, line, leaderboard, request.GET, inquiry), form


def _told(inquiry: Any) -> dict[str, Any]:
    if inquiry is None:
        return {}
    asked = dict(inquiry.asked)
    return asked | ({"share": 100 * asked["share"]} if "share" in asked else {})


@require_safe
@for_viewers
def search(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The course of a search: its parts of the page of all trials, fetched by it."""
    context = {"experiment": experiment, "can_change": may_change(request, experiment), **search_of(experiment)}
    context["has_frames"] = _is_shown_frames(request)
    return render(request, "diagnostics/search.html", context)


@require_POST
@for_editors
def ask_settings(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    services.ask(
        user=request.user, experiment=experiment, row=None, subject=Subject.SETTINGS,  # type: ignore[arg-type]
        asked={"trials": experiment.trials.count()},
    )  # fmt: skip
    return HttpResponseRedirect(reverse("experiment_trials", args=[experiment.pk]))


@require_safe
@for_viewers
def search_figure(request: HttpRequest, experiment: Experiment, name: str) -> JsonResponse:
    drawn = search_figure_of(experiment, name, request.GET) if name in SEARCH_CHARTS else None
    if drawn is None:
        raise Http404
    return figure_response(drawn)


@require_safe
@for_viewers
def search_table(request: HttpRequest, experiment: Experiment, name: str) -> StreamingHttpResponse:
    found = search_table_of(experiment, name, has_frames=_is_shown_frames(request))
    if found is None:
        raise Http404
    return csv_response(found, f"{experiment.name}-{name}")


def _is_shown_frames(request: HttpRequest) -> bool:
    """Tell whether a person is shown where in the engine a trial failed: it is of use to modelers only."""
    return request.role in (Role.MODELER, Role.ADMIN)  # type: ignore[attr-defined]
