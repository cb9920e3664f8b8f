"""The charts of why a model decides as it does, and the tables behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from experiments.artifact.explanation import Example, Explanation
from experiments.charts.dependence import DependenceData
from experiments.charts.drawing import draw as draw_stored
from experiments.charts.importance import ImportanceData
from experiments.charts.waterfall import WaterfallData, value_text
from experiments.telling import minus
from explanations.queries.explanation import example_of, kept_directions
from explanations.queries.factors import LEAST_SHARE, factors_of
from explanations.queries.looks import Seen, seen_by
from results.figures.tables import Table
from results.queries.columns import names_of
from training.models import Experiment, LeaderboardRow

# A name longer than this leaves no room for the chart; the words beside it tell it whole.
LONGEST_NAME, LONGEST_VALUE, LONGEST_STEP = 24, 14, 27


def draw_reasons(
    name: str, experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str], labels: dict[str, str]
) -> dict[str, Any] | None:
    seen, names = seen_by(row, asked), names_of(experiment)
    explained = seen.explained
    if name == "importance" and explained.importance:
        weights = _with_weight(explained.importance)
        return draw_stored(name, weights, labels, names=_short_names(explained.importance, names))
    if name == "beeswarm" and explained.beeswarm and explained.importance:
        return draw_stored(name, explained.beeswarm, labels, names=_short_names(explained.importance, names))
    if name == "dependence":
        return _draw_dependence(seen, asked.get("column", ""), labels, names, is_stepped=row.learner == "scorecard")
    if name == "partial_dependence":
        column = asked.get("column", "")
        partial = seen.look.partial.get(column) if seen.look else None
        return draw_stored(name, partial, labels, name=names.get(column, column)) if partial else None
    if name == "waterfall":
        waterfall = _waterfall_of(explained, asked)
        return draw_waterfall(waterfall, labels, names) if waterfall else None
    return None


def _draw_dependence(
    seen: Seen, column: str, labels: dict[str, str], names: Mapping[str, str], *, is_stepped: bool
) -> dict[str, Any] | None:
    """Draw a curve; coloured by the column that it interacts with most, where a worker found one."""
    curve = seen.explained.dependence.get(column)
    if curve is None:
        return None
    called = names.get(column, column)
    coloured = seen.look.coloured.get(column) if seen.look else None
    if coloured is None:
        return draw_stored("dependence", curve, labels, name=called, is_stepped=is_stepped)
    partner = names.get(coloured.partner, coloured.partner)
    return draw_stored("coloured_dependence", coloured, labels, name=called, partner=partner, is_stepped=is_stepped)


def draw_waterfall(waterfall: WaterfallData, labels: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """Draw a customer's way from the typical one, names and values as short as they can be read."""
    steps = tuple(replace(step, value=_short(step.value, LONGEST_VALUE)) for step in waterfall.steps)
    short = {step.column: _short(names.get(step.column, step.column), LONGEST_STEP - len(step.value)) for step in steps}
    figure = draw_stored("waterfall", replace(waterfall, steps=steps), labels, names=short)
    figure["layout"]["margin"] = {"r": 72}
    return figure


def _waterfall_of(explained: Explanation, asked: Mapping[str, str]) -> WaterfallData | None:
    found = example_of(explained, asked.get("customer", ""))
    return found[1].waterfall if found else None


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _with_weight(found: ImportanceData) -> ImportanceData:
    """Leave out the columns a model does not use; a scorecard uses few."""
    kept = sum(share >= LEAST_SHARE for share in found.shares)
    return ImportanceData(found.columns[:kept], found.values[:kept], found.shares[:kept])


def _short_names(found: ImportanceData, names: dict[str, str]) -> dict[str, str]:
    return {column: _short(names.get(column, column), LONGEST_NAME) for column in found.columns}


def reasons_table(name: str, row: LeaderboardRow, explained: Explanation, asked: Mapping[str, str]) -> Table | None:
    """Return the numbers behind a chart of reasons."""
    experiment = row.experiment
    names = names_of(experiment)
    if name in ("importance", "beeswarm"):
        factors = factors_of(experiment, explained, kept_directions(row))
        header = [_("Factor"), _("Mean effect"), _("Share"), _("In words")]
        return (
            Table(header, [[one.label, one.mean_effect, one.share, one.sentence] for one in factors])
            if factors
            else None
        )
    if name == "dependence":
        curve = explained.dependence.get(asked.get("column", ""))
        return _dependence_table(curve) if curve else None
    if name == "waterfall":
        example = example_of(explained, asked.get("customer", ""))
        return _waterfall_table(example[1], names) if example else None
    return None


def _dependence_table(curve: DependenceData) -> Table:
    places: Sequence[Any] = curve.levels if curve.kind == "categorical" else curve.x
    header = [_("Value"), _("Mean effect"), _("Lowest decile"), _("Highest decile")]
    rows = [list(cells) for cells in zip(places, curve.effects, curve.low, curve.high, strict=True)]
    if curve.missing_effect is not None:
        rows.append([_("Missing"), curve.missing_effect, None, None])
    rows += [
        [f"{_('Special value')} {minus(value_text(each.code))}", each.effect, None, None] for each in curve.specials
    ]
    return Table(header, rows)


def _waterfall_table(example: Example, names: dict[str, str]) -> Table | None:
    waterfall, base, margin = example.waterfall, example.base, example.margin
    if waterfall is None:
        return None
    rows: list[list[Any]] = [
        [names.get(step.column, step.column), step.value or _("Missing"), step.contribution] for step in waterfall.steps
    ]
    if waterfall.rest_count:
        rows.append([_("%(count)d others") % {"count": waterfall.rest_count}, "", waterfall.rest])
    if base is not None:
        rows = [[_("Typical customer"), "", base], *rows]
    rows.append([_("This customer"), "", margin if margin is not None else waterfall.total])
    return Table([_("Step"), _("Value"), _("Effect")], rows)
