"""The charts of a result, the numbers behind them, and the report."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from experiments.errors import ExperimentError
from results.figures.by_name import draw, table_of
from results.queries.evidence import report_of
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import attachment, chosen_line, csv_response, for_viewers_of_results
from training.models import Experiment
from training.views.access import for_viewers
from training.views.charts import figure_response
from training.words import sentence


@require_safe
@for_viewers
def experiment_chart(request: HttpRequest, experiment: Experiment, name: str) -> JsonResponse:
    if not experiment.has_result:
        raise Http404
    row = chosen_line(request, leaderboard_for(experiment)).row
    figure = draw(name, experiment, row, request.GET)
    if figure is None:
        raise Http404
    return figure_response(figure)


@require_safe
@for_viewers_of_results
def experiment_chart_table(request: HttpRequest, experiment: Experiment, name: str) -> StreamingHttpResponse:
    """The numbers behind a chart as CSV."""
    table = table_of(name, experiment, chosen_line(request, leaderboard_for(experiment)).row, request.GET)
    if table is None:
        raise Http404
    return csv_response([table.header, *table.rows], f"{experiment.name}-{name}")


@require_safe
@for_viewers_of_results
def experiment_report(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The engine's own report on the chosen model, as one HTML file to keep."""
    line = chosen_line(request, leaderboard_for(experiment))
    try:
        page = report_of(line.row)
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
        return redirect(reverse("experiment_result", args=[experiment.pk]) + f"?candidate={line.row.candidate}")
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = attachment(f"{experiment.name}-{line.row.candidate}", "html")
    return response
