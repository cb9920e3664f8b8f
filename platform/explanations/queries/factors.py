"""The columns of a model by weight, with what each does, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import isnan
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from experiments.artifact.explanation import Explanation, Extremes
from experiments.charts.dependence import DependenceData
from experiments.charts.waterfall import value_text
from experiments.generation.units import unit_of
from experiments.privacy.protected_attributes import protected_attribute
from experiments.telling import minus
from results.queries.columns import in_words, meanings_of, names_of
from training.models import Experiment
from training.words import words_for

STEADY = 0.8
LEAST_SHARE = 0.0005


@dataclass(frozen=True)
class Factor:
    """A column of the model with its weight and what it does, in words."""

    column: str
    label: str
    mean_effect: float | None
    share: float | None
    sentence: str


def factors_of(experiment: Experiment, explained: Explanation, directions: Mapping[str, int]) -> list[Factor]:
    """Return all columns from the weightiest down; ``directions`` are those that were asked for and hold."""
    found, names = explained.importance, names_of(experiment)
    if found is None:
        return []
    return [
        Factor(
            column, names.get(column, column), value, None if isnan(share) else share,
            _act(experiment, explained.dependence.get(column), explained.extremes, directions),
        )
        for column, value, share in zip(found.columns, found.values, found.shares, strict=True)
        if isnan(share) or share >= LEAST_SHARE
    ]  # fmt: skip


def _act(
    experiment: Experiment,
    curve: DependenceData | None,
    extremes: Mapping[str, Extremes],
    held: Mapping[str, int],
) -> str:
    """Say what a factor does: steadily up, steadily down, or highest and lowest somewhere."""
    if curve is None or len(curve.effects) < 2:
        return ""
    words, effects = words_for(experiment), curve.effects
    labels = experiment.asked.labels.get(curve.column, {})
    names = [*(labels[language] for language in ("zh", "en") if labels.get(language)), curve.column]
    if curve.kind == "categorical":
        shown = Extremes(best=curve.levels[_place(effects, max)], worst=curve.levels[_place(effects, min)])
        return words.highest_for % extremes.get(curve.column, shown).to_dict()
    if told := _codes_told(experiment, curve):
        return words.highest_for % told
    # A direction that holds is said even where a sampled curve wavers.
    if way := held.get(curve.column):
        return str(words.the_higher if way > 0 else words.the_lower)
    # A card's curve has level stretches, which go neither way.
    moves = [later > earlier for earlier, later in pairwise(effects) if later != earlier]
    if not moves:
        return ""
    share = sum(moves) / len(moves)
    if share >= STEADY:
        return str(words.the_higher)
    if share <= 1 - STEADY:
        return str(words.the_lower)
    return words.highest_for % {
        "best": _about(curve, _place(effects, max), names),
        "worst": _about(curve, _place(effects, min), names),
    }


def _codes_told(experiment: Experiment, curve: DependenceData) -> dict[str, str]:
    """Name the best and the worst of codes that stand as numbers; nothing of a column whose numbers are quantities."""
    column, effects = curve.column, curve.effects
    if column not in meanings_of(experiment) or curve.is_date:
        return {}
    ends = {
        "best": value_text(curve.x[_place(effects, max)]),
        "worst": value_text(curve.x[_place(effects, min)]),
    }
    told = {end: in_words(experiment, column, value) for end, value in ends.items()}
    return told if all(told[end] != value for end, value in ends.items()) else {}


def _place(effects: tuple[float, ...], pick: Any) -> int:
    return effects.index(pick(effects))


def _about(curve: DependenceData, place: int, names: list[str]) -> str:
    """Say a value as people round it, with its unit where the names of its column tell one: about 51 years."""
    value = curve.x[place]
    if curve.is_date:
        return f"{datetime.fromtimestamp(value / 1000, tz=UTC):%Y-%m-%d}"
    number = minus(f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}")
    unit = "age" if protected_attribute(names) == "age" else unit_of(names)
    about = {
        "age": pgettext("age", "about %(value)s years"),
        "years": pgettext("span", "about %(value)s years"),
        "months": _("about %(value)s months"),
        "days": _("about %(value)s days"),
    }
    return about.get(unit or "", _("about %(value)s")) % {"value": number}
