"""The charts of why a model decides as it does, and the numbers behind them."""

from django.http import Http404, HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from explanations.figures.look_tables import partial_table, together_table
from explanations.figures.reason_charts import draw_reasons, reasons_table
from explanations.queries.looks import Seen, seen_by
from results.figures.tables import Table
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import chosen_line, csv_response, for_viewers_of_results
from training.models import Experiment
from training.queries.best_score_chart import labels_for
from training.views.charts import figure_response


@require_safe
@for_viewers_of_results
def reasons_chart(request: HttpRequest, experiment: Experiment, name: str) -> JsonResponse:
    row = chosen_line(request, leaderboard_for(experiment)).row
    figure = draw_reasons(name, experiment, row, request.GET, labels_for(experiment))
    if figure is None:
        raise Http404
    return figure_response(figure)


@require_safe
@for_viewers_of_results
def reasons_chart_table(request: HttpRequest, experiment: Experiment, name: str) -> StreamingHttpResponse:
    """The numbers behind a chart as CSV."""
    row = chosen_line(request, leaderboard_for(experiment)).row
    seen = seen_by(row, request.GET)
    table = _look_table(name, seen, request.GET.get("column", "")) or reasons_table(
        name, row, seen.explained, request.GET
    )
    if table is None:
        raise Http404
    return csv_response([table.header, *table.rows], f"{experiment.name}-{name}")


def _look_table(name: str, seen: Seen, column: str) -> Table | None:
    """Return the numbers of what a worker found."""
    if seen.look is None:
        return None
    if name == "together":
        return together_table(seen.experiment, seen.look)
    partial = seen.look.partial.get(column) if name == "partial_dependence" else None
    return partial_table(partial) if partial else None
