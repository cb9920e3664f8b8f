"""The charts of why a model decides as it does, and the tables behind them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from experiments.charts.drawing import draw as draw_stored
from experiments.charts.waterfall import value_text
from experiments.telling import minus
from results.figures.tables import Table
from results.queries.columns import names_of
from results.queries.explanation import example_of, explanation_of
from results.queries.factors import LEAST_SHARE, factors_of
from training.models import Experiment, LeaderboardRow

# A name longer than this leaves no room for the chart; the words beside it tell it whole.
LONGEST_NAME, LONGEST_VALUE, LONGEST_STEP = 24, 14, 27


def draw_reasons(
    name: str, experiment: Experiment, row: LeaderboardRow, asked: Mapping[str, str], labels: dict[str, str]
) -> dict[str, Any] | None:
    explained = explanation_of(row)
    names = names_of(experiment)
    if name == "importance" and explained.get(name):
        return draw_stored(name, _with_weight(explained[name]), labels, names=_short_names(explained, names))
    if name == "beeswarm" and explained.get(name):
        return draw_stored(name, explained[name], labels, names=_short_names(explained, names))
    if name == "dependence":
        column = asked.get("column", "")
        stored = explained.get("dependence", {}).get(column)
        is_stepped = row.learner == "scorecard"
        if stored is None:
            return None
        figure = draw_stored(name, _short_levels(stored), labels, name=names.get(column, column), is_stepped=is_stepped)
        if max((len(level) for level in stored["levels"]), default=0) > LONGEST_VALUE // 2:
            figure["layout"]["xaxis"]["tickangle"] = -30
        return figure
    if name == "waterfall":
        example = example_of(explained, asked.get("customer", ""))
        if example is None:
            return None
        waterfall = example["waterfall"]
        steps = [step | {"value": _short(step["value"], LONGEST_VALUE)} for step in waterfall["steps"]]
        short = {
            step["column"]: _short(names.get(step["column"], step["column"]), LONGEST_STEP - len(step["value"]))
            for step in steps
        }
        figure = draw_stored(name, waterfall | {"steps": steps}, labels, names=short)
        figure["layout"]["margin"] = {"r": 72}
        return figure
    return None


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _with_weight(stored: dict[str, Any]) -> dict[str, Any]:
    """Leave out the columns a model does not use; a scorecard uses few."""
    kept = sum((share or 0) >= LEAST_SHARE for share in stored["shares"])
    return {key: values[:kept] for key, values in stored.items()}


def _short_names(explained: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    columns = explained["importance"]["columns"]
    return {column: _short(names.get(column, column), LONGEST_NAME) for column in columns}


def _short_levels(stored: dict[str, Any]) -> dict[str, Any]:
    """Shorten the names of levels, and keep those apart that would become the same."""
    seen: dict[str, int] = {}
    levels = []
    for level in stored["levels"]:
        short = _short(level, LONGEST_VALUE)
        seen[short] = seen.get(short, 0) + 1
        levels.append(short if seen[short] == 1 else f"{short} {seen[short]}")
    return stored | {"levels": levels}


def reasons_table(
    name: str, experiment: Experiment, explained: dict[str, Any], asked: Mapping[str, str]
) -> Table | None:
    """Return the numbers behind a chart of reasons."""
    names = names_of(experiment)
    if name in ("importance", "beeswarm"):
        factors = factors_of(experiment, explained)
        header = [_("Factor"), _("Mean effect"), _("Share"), _("In words")]
        return (
            Table(header, [[one.label, one.mean_effect, one.share, one.sentence] for one in factors])
            if factors
            else None
        )
    if name == "dependence":
        stored = explained.get("dependence", {}).get(asked.get("column", ""))
        return _dependence_table(stored) if stored else None
    if name == "waterfall":
        example = example_of(explained, asked.get("customer", ""))
        return _waterfall_table(example, names) if example else None
    return None


def _dependence_table(stored: dict[str, Any]) -> Table:
    places = stored["levels"] if stored["kind"] == "categorical" else stored["x"]
    header = [_("Value"), _("Mean effect"), _("Lowest tenth"), _("Highest tenth")]
    rows = [list(cells) for cells in zip(places, stored["effects"], stored["low"], stored["high"], strict=True)]
    if stored.get("missing_effect") is not None:
        rows.append([_("Missing"), stored["missing_effect"], None, None])
    rows += [
        [f"{_('Special value')} {minus(value_text(each['code']))}", each["effect"], None, None]
        for each in stored.get("specials", [])
    ]
    return Table(header, rows)


def _waterfall_table(example: dict[str, Any], names: dict[str, str]) -> Table:
    waterfall = example["waterfall"]
    rows = [
        [names.get(step["column"], step["column"]), step["value"] or _("Missing"), step["contribution"]]
        for step in waterfall["steps"]
    ]
    if waterfall["rest_count"]:
        rows.append([_("%(count)d others") % {"count": waterfall["rest_count"]}, "", waterfall["rest"]])
    base, margin = example.get("base"), example.get("margin")
    if base is not None:
        rows = [[_("Typical customer"), "", base], *rows]
    rows.append([_("This customer"), "", margin if margin is not None else waterfall["total"]])
    return Table([_("Step"), _("Value"), _("Effect")], rows)
