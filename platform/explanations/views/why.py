"""Why a model decides as it does: factors, one factor, one customer, segments."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from diagnostics import services
from diagnostics.models import Subject
from explanations.figures.look_tables import partial_table
from explanations.figures.reason_charts import reasons_table
from explanations.queries.looks import Seen, asked_of, look_shown, seen_by
from explanations.queries.segments import segment_chosen
from explanations.queries.why import why_of
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import chosen_line, for_viewers_of_results, frame_of
from results.views.parts import parts_of
from training.models import Experiment, LeaderboardRow
from training.views.access import for_editors

WHY_PARTS = {
    "factors": _("All factors"),
    "factor": _("One factor"),
    "together": _("Acting together"),
    "customer": _("One customer"),
    "segments": _("Where it is weaker"),
}
# Parts that tell of many customers: they can be narrowed to a segment.
KEPT = ("candidate", "part", "column", "by", "level")
OF_MANY = ("factors", "factor", "together")


@require_safe
@for_viewers_of_results
def experiment_why(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    leaderboard = leaderboard_for(experiment)
    line = chosen_line(request, leaderboard)
    seen = seen_by(line.row, request.GET)
    context = frame_of(request, experiment, leaderboard, line, tab="why")
    context |= why_of(experiment, line, seen.explained, request.GET)
    context |= _reason_tables(line.row, seen, context)
    has = {
        "customer": context["customer"],
        "segments": context["segments"],
        "factor": context["columns"] or seen.segment,
    }
    kept = {"by": seen.by, "level": seen.segment.key} if seen.segment else {}
    context |= parts_of(request, WHY_PARTS, has, candidate=context["chosen"], **kept)
    context |= look_shown(seen) | {"explained": bool(context["factors"] or seen.segment), "of_many": OF_MANY}
    return render(request, "explanations/why.html", context)


@require_POST
@for_editors
def experiment_why_ask(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """Have a worker look at a model over all customers or a segment, and go where what it finds will be shown."""
    if not experiment.has_result:
        raise Http404
    line = leaderboard_for(experiment).line_of(request.POST.get("candidate", ""))
    segment = segment_chosen(experiment, request.POST)
    if line is None or not line.row.model_path or (request.POST.get("by") and segment is None):
        raise Http404
    services.ask(
        user=request.user, experiment=experiment, row=line.row, subject=Subject.EXPLANATION,  # type: ignore[arg-type]
        asked=asked_of(segment),
    )  # fmt: skip
    given = {name: request.POST[name] for name in KEPT if request.POST.get(name)}
    return HttpResponseRedirect(reverse("experiment_why", args=[experiment.pk]) + "?" + urlencode(given))


def _reason_tables(row: LeaderboardRow, seen: Seen, shown: dict[str, Any]) -> dict[str, Any]:
    """Put beside each chart of reasons the same numbers as a table."""
    asked, explained = {"column": shown["column"], "customer": shown["customer_name"]}, seen.explained
    return {
        "partial_table": partial_table(seen.look.partial[shown["column"]])
        if seen.look and shown["column"] in seen.look.partial
        else None,
        "factor_table": reasons_table("importance", row, explained, asked),
        "dependence_table": reasons_table("dependence", row, explained, asked),
        "waterfall_table": reasons_table("waterfall", row, explained, asked),
        "column_query": "&" + urlencode({"column": asked["column"], **seen.address}),
        "segment_query": "&" + urlencode(seen.address) if seen.address else "",
        "customer_query": "&" + urlencode({"customer": asked["customer"]}),
    }
