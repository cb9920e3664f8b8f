"""The event rate of those chosen at every share, of a model and the one it is set against."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from experiments.charts.strategy import StrategyData, strategy_data, strategy_drawing
from results.figures.tables import Table
from results.queries.act import curve_of
from results.queries.evidence import evidence_of
from results.queries.rivals import rival_asked
from training.models import Experiment, LeaderboardRow
from training.words import learner_name, words_for

ROLES = ("champion", "challenger")


def draw_strategy(
    experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str], labels: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the chart as plain Plotly JSON; ``None`` for a run that kept no curve."""
    found = _curves(experiment, row, asked)
    if not found:
        return None
    data = {role: curve for role, (_name, curve) in zip(ROLES, found, strict=False)}
    names = {role: name for role, (name, _curve) in zip(ROLES, found, strict=False)}
    return strategy_drawing(data, {**labels, **names}, title=str(words_for(experiment).rate)).to_dict()


def strategy_table(experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]) -> Table | None:
    """Return the rate of every model at every share, with its interval."""
    found = _curves(experiment, row, asked)
    if not found:
        return None
    header = [_("Share")]
    for name, _curve in found:
        header += [name, f"{name}: {_('From')}", f"{name}: {_('To')}"]
    curves = [curve for _name, curve in found]
    rows = [
        [share, *(value for curve in curves for value in (curve.rate[at], curve.low[at], curve.high[at]))]
        for at, share in enumerate(curves[0].share)
    ]
    return Table(header, rows)


def _curves(experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str]) -> list[tuple[str, StrategyData]]:
    """Return the model looked at and the one it is set against, the champion or the recommended one first."""
    pair, rival = [(row, learner_name(row.candidate))], rival_asked(row, asked)
    if rival is not None:
        comes_first = rival.is_champion or rival.row.is_recommended
        pair.insert(0 if comes_first else 1, (rival.row, rival.name))
    curves = [(name, curve_of(evidence_of(each), "validation")) for each, name in pair]
    return [(name, strategy_data(curve)) for name, curve in curves if curve is not None]
