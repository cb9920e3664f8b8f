"""The charts of a result, and the numbers behind them."""

from django.http import Http404, HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from results.figures.by_name import draw, table_of
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import chosen_line, csv_response, for_viewers_of_results
from training.models import Experiment
from training.views.access import for_viewers
from training.views.charts import figure_response


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
