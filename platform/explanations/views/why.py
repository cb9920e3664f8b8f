"""Why a model decides as it does: factors, one factor, one customer, segments."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from experiments.artifact.explanation import Explanation
from explanations.figures.reason_charts import reasons_table
from explanations.queries.explanation import explanation_of
from explanations.queries.why import why_of
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import chosen_line, for_viewers_of_results, frame_of
from results.views.parts import parts_of
from training.models import Experiment, LeaderboardRow

WHY_PARTS = {
    "factors": _("All factors"),
    "factor": _("One factor"),
    "customer": _("One customer"),
    "segments": _("Where it is weaker"),
}


@require_safe
@for_viewers_of_results
def experiment_why(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    leaderboard = leaderboard_for(experiment)
    line = chosen_line(request, leaderboard)
    explained = explanation_of(line.row)
    context = frame_of(request, experiment, leaderboard, line, tab="why")
    context |= why_of(experiment, line, explained, request.GET)
    context |= _reason_tables(line.row, explained, context)
    has = {"customer": context["customer"], "segments": context["segments"], "factor": context["columns"]}
    context |= parts_of(request, WHY_PARTS, has, candidate=context["chosen"])
    return render(request, "explanations/why.html", context)


def _reason_tables(row: LeaderboardRow, explained: Explanation, shown: dict[str, Any]) -> dict[str, Any]:
    """Put beside each chart of reasons the same numbers as a table."""
    asked = {"column": shown["column"], "customer": shown["customer_name"]}
    return {
        "factor_table": reasons_table("importance", row, explained, asked),
        "dependence_table": reasons_table("dependence", row, explained, asked),
        "waterfall_table": reasons_table("waterfall", row, explained, asked),
        "column_query": "&" + urlencode({"column": asked["column"]}),
        "customer_query": "&" + urlencode({"customer": asked["customer"]}),
    }
