"""The chart of a run, as it happens."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from training.models import Experiment
from training.queries.best_score_chart import best_score_figure
from training.views.access import for_viewers


def figure_response(figure: dict[str, Any]) -> JsonResponse:
    """Answer with a chart as Plotly JSON in the reader's language; the page colours it."""
    response = JsonResponse(figure)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@for_viewers
def experiment_best_score(request: HttpRequest, experiment: Experiment) -> JsonResponse:
    """The course of the search: every finished trial and the best so far."""
    return figure_response(best_score_figure(experiment))
