"""What each possible choice brings, with the one that is looked at: as a chart and as a table."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from experiments.charts.choice import choice_data, choice_drawing
from experiments.strategy.curve import StrategyCurve
from experiments.strategy.money import outcome
from experiments.strategy.stakes import Stakes
from results.figures.tables import Table
from results.queries.act import Choice, asked_in, choice_of, curve_of
from results.queries.evidence import evidence_of
from training.models import Experiment, LeaderboardRow


def draw_choice(
    experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str], labels: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the chart as plain Plotly JSON; ``None`` for a run that kept no curve."""
    found = _asked_for(experiment, row, asked)
    if found is None:
        return None
    curve, choice = found
    data = choice_data(curve, share=choice.share, customers=choice.customers, stakes=choice.stakes)
    return choice_drawing(data, labels).to_dict()


def choice_table(experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]) -> Table | None:
    """Return every share of the curve with what it brings."""
    found = _asked_for(experiment, row, asked)
    if found is None:
        return None
    curve, choice = found
    header = [_("Customers"), _("Share"), _("Cut-off"), _("Events"), _("From"), _("To")]
    if choice.stakes is not None:
        header += [_("Profit"), _("From"), _("To")]
    return Table(header, [_line(curve, share, choice) for share in curve.shares])


def _line(curve: StrategyCurve, share: float, choice: Choice) -> list[Any]:
    found = outcome(curve, share, choice.stakes or Stakes(0.0, 0.0), choice.customers)
    line = [round(found.customers), share, found.cutoff, found.events.value, found.events.low, found.events.high]
    return line if choice.stakes is None else [*line, found.profit.value, found.profit.low, found.profit.high]


def _asked_for(
    experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]
) -> tuple[StrategyCurve, Choice] | None:
    curve = curve_of(evidence_of(row), "validation")
    if curve is None:
        return None
    return curve, choice_of(experiment, curve, asked_in(asked))
