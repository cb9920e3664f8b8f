"""Any chart of a result by its name, as a drawing and as a table."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.numbers import whole_number
from experiments.charts.drawing import draw as draw_stored
from results.figures.choice_chart import choice_table, draw_choice
from results.figures.result_charts import BY_NAME, by_period_table, curve_table, decile_table, scores_table
from results.figures.strategy_chart import draw_strategy, strategy_table
from results.figures.tables import Table
from results.queries.deciles import GROUPS, table_of_scores
from results.queries.evidence import evidence_of, periods_of
from training.models import Experiment, LeaderboardRow
from training.queries.best_score_chart import labels_for


def draw(name: str, experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a chart as plain Plotly JSON with colours as token names; ``None`` when there is no such chart."""
    labels = labels_for(experiment)
    if name in BY_NAME:
        chart, found = BY_NAME[name], evidence_of(row)
        samples = ("validation", "held_out", "out_of_time") if chart.both_samples else ("validation",)
        curves = {sample: curve for sample in samples if (curve := chart.of(found, sample)) is not None}
        if not curves:
            return None
        return draw_stored(chart.chart, curves if chart.both_samples else curves["validation"], labels)
    if name == "scores":
        scores = evidence_of(row).validation.scores
        return draw_stored("histogram", scores, labels, title=_("Points, higher is safer")) if scores else None
    if name == "by_period":
        by_period = periods_of(evidence_of(row))
        return draw_stored("by_period", by_period, labels) if by_period else None
    if name == "choice":
        return draw_choice(experiment, row, asked, labels)
    if name == "strategy":
        return draw_strategy(experiment, row, asked, labels)
    return None


def table_of(name: str, experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]) -> Table | None:
    """Return the numbers behind a chart; ``None`` when there is no such chart."""
    found = evidence_of(row)
    if name in BY_NAME:
        return curve_table(BY_NAME[name], found, found.unseen_name)
    if name == "scores":
        scores = found.validation.scores
        return scores_table(scores) if scores else None
    if name == "by_period":
        by_period = periods_of(found)
        return by_period_table(by_period) if by_period else None
    if name == "deciles":
        groups = whole_number(asked.get("groups"))
        count = groups if groups in GROUPS else GROUPS[0]
        return decile_table(table_of_scores(row, found, asked.get("sample", "validation"), count))
    if name == "choice":
        return choice_table(experiment, row, asked)
    if name == "strategy":
        return strategy_table(experiment, row, asked)
    return None
