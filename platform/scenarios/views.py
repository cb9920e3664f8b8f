"""Pages of scenarios: the list, two side by side, what is done with one, and the lists of customers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, require_edit
from accounts.requests import SignedInRequest
from common.templatetags.formatting import told as in_words
from experiments.errors import ExperimentError
from jobs.once import once
from results.forms import ChoiceForm
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import chosen_line, for_viewers_of_results, frame_of
from scenarios import queries, services
from scenarios.exports import list_file
from scenarios.models import HELD_OUT, ChosenList, Scenario
from training.models import Experiment, LeaderboardRow
from training.words import words_for

TWO = 2


@require_safe
@for_viewers_of_results
def scenario_list(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    leaderboard = leaderboard_for(experiment)
    line = chosen_line(request, leaderboard)
    context = frame_of(request, experiment, leaderboard, line, tab="act")
    kept = queries.told_of(line.row)
    for each in kept:
        each.scenario.may_change = can_edit(request.user, each.scenario)  # type: ignore[attr-defined, arg-type]
    picked = request.GET.getlist("pick")
    pair = [each for each in kept if str(each.scenario.pk) in picked]
    made = queries.lists_in(experiment.workspace).filter(leaderboard_row=line.row, source=HELD_OUT)
    context |= {
        "kept": kept,
        "pair": pair if len(pair) == TWO else [],
        "lines": queries.side_by_side(pair) if len(pair) == TWO else [],
        "picked": [each.scenario.pk for each in pair],
        "lists": queries.for_reader(made[: queries.MOST_LISTS], request.user),  # type: ignore[arg-type]
        "is_draft": queries.is_draft(line.row),
    }
    return render(request, "scenarios/scenario_list.html", context)


@require_POST
@for_viewers_of_results
def scenario_save(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    row = _row_of(request, experiment)
    asked = ChoiceForm(request.POST, words=words_for(experiment))
    if not asked.is_valid():
        messages.error(request, _("Correct the fields marked on the page before saving."))
        # What was sent goes back with the address: only so can the page mark it.
        sent = {name: request.POST[name] for name in ("candidate", *asked.fields) if request.POST.get(name)}
        return redirect(f"{reverse('experiment_act', args=[experiment.pk])}?{urlencode(sent)}")
    try:
        services.save(request.user, row, request.POST.get("name", ""), asked.cleaned_data)  # type: ignore[arg-type]
    except ExperimentError as refused:
        messages.error(request, in_words(refused.message, refused.params))
    else:
        messages.success(request, _("Scenario saved."))
    return _to_list(row)


@require_POST
@workspace_required
def scenario_rename(request: SignedInRequest, pk: int) -> HttpResponse:
    scenario = _to_change(request, pk)
    try:
        services.rename(scenario, request.user, request.POST.get("name", ""))
    except ExperimentError as refused:
        messages.error(request, in_words(refused.message, refused.params))
    return _to_list(scenario.leaderboard_row)


@require_POST
@workspace_required
def scenario_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    scenario = _to_change(request, pk)
    row = scenario.leaderboard_row
    services.delete(scenario, request.user)
    messages.success(request, _("Scenario deleted. Lists made with it stay."))
    return _to_list(row)


@require_POST
@workspace_required
@once
def scenario_choose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the customers listed that a scenario chooses among the held-out rows."""
    scenario = get_object_or_404(queries.scenarios_in(request.workspace), pk=pk)
    services.make_list(scenario, request.user)
    return _to_list(scenario.leaderboard_row)


@require_GET
@workspace_required
def chosen_line_part(request: SignedInRequest, pk: int) -> HttpResponse:
    """One line of the lists, asked for again while it is being made."""
    (chosen,) = queries.for_reader([_found(request, pk)], request.user)
    return render(request, "scenarios/_line.html", {"chosen": chosen})


@require_GET
@workspace_required
def chosen_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    try:
        return list_file(_found(request, pk), request.user)
    except (ExperimentError, FileNotFoundError) as missing:
        raise Http404 from missing


@require_POST
@workspace_required
def chosen_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    chosen = _found(request, pk)
    require_edit(request.user, chosen, _("Only the person who requested it, a modeler or an admin can cancel it."))
    services.cancel(chosen, request.user)
    messages.success(request, _("Stop requested."))
    return _to_list(chosen.leaderboard_row)


def _row_of(request: HttpRequest, experiment: Experiment) -> LeaderboardRow:
    line = leaderboard_for(experiment).line_of(request.POST.get("candidate", ""))
    if line is None:
        raise Http404
    return line.row


def _to_change(request: SignedInRequest, pk: int) -> Scenario:
    scenario: Scenario = get_object_or_404(queries.scenarios_in(request.workspace), pk=pk)
    words = _("Only %(owner)s, a modeler or an admin may change this scenario.") % {"owner": scenario.owner}
    require_edit(request.user, scenario, words)
    return scenario


def _to_list(row: LeaderboardRow) -> HttpResponse:
    query = urlencode({"candidate": row.candidate})
    return redirect(f"{reverse('scenario_list', args=[row.experiment_id])}?{query}")


def _found(request: SignedInRequest, pk: int) -> ChosenList:
    return get_object_or_404(queries.lists_in(request.workspace), pk=pk)
