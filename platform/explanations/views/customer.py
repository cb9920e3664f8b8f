"""One customer: searched by id, explained, and tried with other values."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from experiments.scoring.one_customer.score import CustomerScore
from explanations.errors import ChangeRefused
from explanations.figures.reason_charts import draw_waterfall
from explanations.forms import WhatIfForm
from explanations.models import CustomerLook
from explanations.problems import status_of
from explanations.queries.customer import (
    AT_ONCE,
    alike_to,
    changes_in_words,
    cut_off_of,
    knobs_for,
    last_looks,
    outcome_in_words,
    score_of,
    suggestions_for,
)
from explanations.queries.places import places_of
from explanations.services import look_after, look_for
from results.queries.columns import names_of
from results.queries.leaderboard import Leaderboard, leaderboard_for
from results.views.chosen import chosen_line, for_viewers_of_results, frame_of
from serving.errors import ModelServerRefused
from training.models import Experiment, LeaderboardRow
from training.queries.best_score_chart import labels_for


@for_viewers_of_results
def experiment_customer(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The search for a customer, and where it leads."""
    leaderboard = leaderboard_for(experiment)
    context = _frame(request, experiment, leaderboard)
    if request.method != "POST":
        return render(request, "explanations/customer.html", context | {"within": request.GET.get("within", "")})
    within = request.POST.get("within", "")
    try:
        look = look_for(experiment, request.POST.get("customer", ""), request.user, within=within)  # type: ignore[arg-type]
    except ExperimentError as refused:
        # What was typed is a person's number: it comes back to nobody, not even in the field.
        context |= {"refused": told(refused.message, refused.params), "within": within}
        return render(request, "explanations/customer.html", context, status=status_of(refused))
    return redirect(_address(look, request.POST.get("candidate", "")))


@require_safe
@for_viewers_of_results
def customer_look(request: HttpRequest, experiment: Experiment, look_pk: int) -> HttpResponse:
    """One customer with one model."""
    look = _look(experiment, look_pk)
    own = look_after(look, request.user)  # type: ignore[arg-type]
    if own.pk != look.pk:
        return redirect(_address(own, request.GET.get("candidate", "")))
    leaderboard = leaderboard_for(experiment)
    context = _frame(request, experiment, leaderboard) | {"look": look}
    row = context["line"].row
    try:
        context |= _told(row, score_of(row, look), cut_off_of(row))
        knobs = knobs_for(row, look)
        context |= {"knobs": knobs[:AT_ONCE], "more_knobs": knobs[AT_ONCE:]}
    except ExperimentError as refused:
        context |= {"away": told(refused.message, refused.params)}
        return render(request, "explanations/customer.html", context, status=status_of(refused))
    return render(request, "explanations/customer.html", context)


@require_POST
@for_viewers_of_results
def customer_what_if(request: HttpRequest, experiment: Experiment, look_pk: int) -> HttpResponse:
    """The same customer with other values: the part of the page that moves."""
    # A slider asks many times a second: what the page knows already comes with the question.
    look, row = _own_look(request, experiment, look_pk), _row_named(request, experiment)
    asked = WhatIfForm(request.POST)
    asked.full_clean()
    cut_off = asked.cleaned_data.get("cut_off") or cut_off_of(row)
    own, changes = asked.own_values(), asked.changes()
    context: dict[str, Any] = {"experiment": experiment, "is_tried": bool(changes)}
    try:
        context |= _tried(row, look, changes)
    except ExperimentError as refused:
        return _away(request, refused)
    found = context["score"]
    context |= outcome_in_words(experiment, found, cut_off)
    context |= {
        "before": asked.cleaned_data.get("probability"),
        "tried": changes_in_words(experiment, own, found, changes),
    }
    return render(request, "explanations/_told.html", context)


@require_safe
@for_viewers_of_results
def customer_ways(request: HttpRequest, experiment: Experiment, look_pk: int) -> HttpResponse:
    """The smallest changes that cross the cut-off; looked for after the page is there."""
    look, row = _own_look(request, experiment, look_pk), _row(request, experiment)
    try:
        context = suggestions_for(row, look, cut_off_of(row))
    except ExperimentError as refused:
        return _away(request, refused)
    return render(request, "explanations/_ways.html", context | {"experiment": experiment})


@require_safe
@for_viewers_of_results
def customer_alike(request: HttpRequest, experiment: Experiment, look_pk: int) -> HttpResponse:
    """The customers the model sees most alike, with their outcomes."""
    look, row = _own_look(request, experiment, look_pk), _row(request, experiment)
    try:
        context = alike_to(row, look)
    except ExperimentError as refused:
        return _away(request, refused)
    return render(request, "explanations/_alike.html", context | {"experiment": experiment})


def _away(request: HttpRequest, refused: ExperimentError) -> HttpResponse:
    """The part of the page that says why nobody answered; its status says so too, and the page shows it."""
    context = {"away": told(refused.message, refused.params)}
    return render(request, "explanations/_away.html", context, status=status_of(refused))


def _frame(request: HttpRequest, experiment: Experiment, leaderboard: Leaderboard) -> dict[str, Any]:
    line = chosen_line(request, leaderboard)
    return frame_of(request, experiment, leaderboard, line, tab="why") | {
        "places": places_of(experiment),
        "last_looks": last_looks(experiment, request.user),
        "candidate_query": f"?{urlencode({'candidate': line.row.candidate})}",
    }


def _tried(row: LeaderboardRow, look: CustomerLook, changes: Mapping[str, str]) -> dict[str, Any]:
    """Return the score with other values; with those of the customer, and why, where they cannot be tried."""
    try:
        found = score_of(row, look, changes)
    except (ChangeRefused, ModelServerRefused) as refused:
        found = score_of(row, look)
        return {"score": found, "figure": _figure(row, found), "is_tried": False} | {
            "refused": told(refused.message, refused.params)
        }
    return {"score": found, "figure": _figure(row, found)}


def _told(row: LeaderboardRow, found: CustomerScore, cut_off: float) -> dict[str, Any]:
    return outcome_in_words(row.experiment, found, cut_off) | {"figure": _figure(row, found)}


def _figure(row: LeaderboardRow, found: CustomerScore) -> dict[str, Any]:
    assert found.waterfall is not None
    return draw_waterfall(found.waterfall, labels_for(row.experiment), names_of(row.experiment))


def _row(request: HttpRequest, experiment: Experiment) -> LeaderboardRow:
    return chosen_line(request, leaderboard_for(experiment)).row


def _look(experiment: Experiment, look_pk: int) -> CustomerLook:
    return get_object_or_404(experiment.customer_looks.all(), pk=look_pk)  # type: ignore[attr-defined]


def _own_look(request: HttpRequest, experiment: Experiment, look_pk: int) -> CustomerLook:
    look = _look(experiment, look_pk)
    if look.person_id != request.user.pk:
        raise Http404
    return look


def _row_named(request: HttpRequest, experiment: Experiment) -> LeaderboardRow:
    """Return the finalist of the address alone, without the leaderboard around it."""
    name = request.GET.get("candidate", "")
    row = get_object_or_404(experiment.leaderboard.all(), **({"candidate": name} if name else {"is_recommended": True}))
    row.experiment = experiment
    return row


def _address(look: CustomerLook, candidate: str) -> str:
    address = reverse("customer_look", args=[look.experiment_id, look.pk])
    return f"{address}?{urlencode({'candidate': candidate})}" if candidate else address
