"""The numbers behind the charts of what a worker found of a model over many customers."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from experiments.charts.partial_dependence import PartialDependenceData
from experiments.scoring.global_look import GlobalLook
from explanations.queries.looks import pairs_of
from results.figures.tables import Table
from training.models import Experiment


def partial_table(found: PartialDependenceData) -> Table:
    """Return partial dependence by value, with where the middle eight in ten customers lie."""
    places: Sequence[Any] = found.levels if found.kind == "categorical" else found.x
    header = [_("Value"), _("Mean probability"), _("Lowest decile"), _("Highest decile")]
    return Table(header, [list(cells) for cells in zip(places, found.mean, found.low, found.high, strict=True)])


def together_table(experiment: Experiment, found: GlobalLook) -> Table:
    """Return how strongly columns act together."""
    rows = [[one.first, one.second, one.h, one.strength] for one in pairs_of(experiment, found)]
    return Table([_("Factor"), _("Acts together with"), "H", _("Strength")], rows)
