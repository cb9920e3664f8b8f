"""Whom to choose with a model: a number, a share or a cut-off, and what it brings."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from results.forms import BY, ChoiceForm
from results.queries.act import BY_CUT_OFF, BY_NUMBER, BY_SHARE, Choice, act_of, choice_of, curve_of
from results.queries.evidence import evidence_of
from results.queries.leaderboard import leaderboard_for
from results.queries.rivals import rival_asked, rivals_of
from results.queries.slider import steps_of
from results.views.chosen import chosen_line, for_viewers_of_results, frame_of
from training.models import Experiment
from training.words import words_for


@require_safe
@for_viewers_of_results
def experiment_act(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    leaderboard = leaderboard_for(experiment)
    line = chosen_line(request, leaderboard)
    found = evidence_of(line.row)
    context = frame_of(request, experiment, leaderboard, line, tab="act")
    curve = curve_of(found, "validation")
    if curve is None:
        return render(request, "results/act.html", context)
    words = words_for(experiment)
    asked = ChoiceForm(request.GET, words=words)
    # What was refused is told at its field; what was not still holds.
    asked.full_clean()
    given = asked.cleaned_data
    choice = choice_of(experiment, curve, given)
    act = act_of(experiment, choice, curve, curve_of(found, leaderboard.test_sample))
    form = asked if asked.errors else _filled_in(experiment, choice, act.cutoff, given)
    context |= {
        "form": form,
        "act": act,
        "by": choice.by,
        "ways": BY.items(),
        "field": form[{BY_NUMBER: "number", BY_SHARE: "share", BY_CUT_OFF: "cutoff"}[choice.by]],
        "chart_query": "&" + urlencode(act.query),
        "rivals": rivals_of(line.row),
        "against": rival_asked(line.row, request.GET),
        "steps_query": "&" + urlencode({**act.query, "by": choice.by}),
    }
    return render(request, "results/act.html", context)


@require_safe
@for_viewers_of_results
def experiment_act_steps(request: HttpRequest, experiment: Experiment) -> JsonResponse:
    """What each step of the slider says, so that it moves without asking."""
    leaderboard = leaderboard_for(experiment)
    found = evidence_of(chosen_line(request, leaderboard).row)
    curve = curve_of(found, "validation")
    asked = ChoiceForm(request.GET, words=words_for(experiment))
    if curve is None or not asked.is_valid():
        raise Http404
    steps = steps_of(experiment, curve, curve_of(found, leaderboard.test_sample), asked.cleaned_data)
    return JsonResponse({"steps": steps})


def _filled_in(experiment: Experiment, choice: Choice, cutoff: float, given: dict[str, Any]) -> ChoiceForm:
    """Return the form with every way to say the same choice, so that one can go on by another."""
    values = given | {
        "by": choice.by,
        "customers": choice.customers,
        "number": choice.number,
        "share": f"{100 * choice.share:.4g}",
        "cutoff": f"{100 * cutoff:.4g}",
    }
    values |= {name: f"{given[name]:.15g}" for name in ("gain", "cost") if given.get(name) is not None}
    return ChoiceForm(initial=values, words=words_for(experiment))
