"""The page of a scorecard that people change: its bins, each change, its refit."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from common.numbers import whole_number
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from jobs.once import once
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import for_viewers_of_results, frame_of
from scorecards import services
from scorecards.errors import CardRefused
from scorecards.models import EditedCard
from scorecards.queries.bench import bench_of, treatments_for
from scorecards.queries.cards import card_of, finalist_of, refits_of
from scorecards.words import TRENDS, WANTED
from training.models import Experiment
from training.views.access import for_editors, may_change


@require_safe
@for_viewers_of_results
def card_bench(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponse:
    """The bench: to be opened, being prepared, or ready."""
    return _page(request, experiment, candidate)


@require_POST
@for_editors
@once
def card_open(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponse:
    try:
        services.open_card(finalist_of(experiment, candidate), request.user)  # type: ignore[arg-type]
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return redirect("card_bench", experiment.pk, candidate)


@require_POST
@for_editors
def card_edit(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponse:
    """Make one change; the part of the page that shows the card comes back, with the refusal where there is one."""
    card = _card(experiment, candidate)
    sent = {name: values if len(values) > 1 else values[0] for name, values in request.POST.lists()}
    refusal = ""
    try:
        services.edit(
            card, request.user, act=str(sent.get("act", "")), fields=sent,  # type: ignore[arg-type]
            revision=_revision(request), why=request.POST.get("why", "").strip(),
        )  # fmt: skip
    except ExperimentError as refused:
        card.refresh_from_db()
        refusal = told(refused.message, refused.params)
    column = request.POST.get("column", "")
    is_part = bool(request.headers.get("HX-Request"))
    if is_part and card.is_ready:
        context = _bench_context(request, experiment, card, column) | {"refusal": refusal}
        return render(request, "scorecards/_bench.html", context)
    if refusal:
        messages.error(request, refusal)
    if is_part:
        # Somebody has had it prepared again: there is no bench to show, but the page tells how far it is.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(f"{reverse('card_bench', args=[experiment.pk, candidate])}?{urlencode({'column': column})}")


@require_POST
@for_editors
@once
def card_refit(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponse:
    try:
        card = _card(experiment, candidate)
        services.refit(card, request.user, revision=_revision(request))  # type: ignore[arg-type]
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return redirect("card_bench", experiment.pk, candidate)


def _page(request: HttpRequest, experiment: Experiment, candidate: str) -> HttpResponse:
    leaderboard = leaderboard_for(experiment)
    line = leaderboard.line_of(candidate)
    if line is None or line.row.learner != services.SCORECARD or not line.row.model_path:
        raise Http404
    card = card_of(experiment, candidate)
    context = frame_of(request, experiment, leaderboard, line, tab="result")
    context |= {"card": card, "job": card.job if card is not None else None}
    if card is not None and card.is_ready:
        try:
            context |= _bench_context(request, experiment, card, request.GET.get("column", ""))
        except CardRefused as refused:
            messages.error(request, told(refused.message, refused.params))
            return redirect(reverse("experiment_result", args=[experiment.pk]) + f"?candidate={candidate}")
    return render(request, "scorecards/card.html", context)


def _bench_context(request: HttpRequest, experiment: Experiment, card: EditedCard, column: str) -> dict[str, Any]:
    bench = bench_of(card, column)
    refits = refits_of(card)
    return {
        "experiment": experiment,
        "candidate": card.made_of,
        "card": card,
        "bench": bench,
        "can_change": may_change(request, experiment),
        "trends": list(TRENDS.items()),
        "wanted": list(WANTED.items()),
        "treatments": treatments_for(bench.column),
        "refits": refits,
        "is_refitting": any(refit.is_under_way for refit in refits),
    }


def _card(experiment: Experiment, candidate: str) -> EditedCard:
    card = card_of(experiment, candidate)
    if card is None:
        raise Http404
    return card


def _revision(request: HttpRequest) -> int:
    """Return which revision of the card the person saw; without one, one that no card has."""
    seen = whole_number(request.POST.get("revision"))
    return -1 if seen is None else seen
