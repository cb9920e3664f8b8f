"""The columns of a model by weight, with what each does, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

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


def factors_of(experiment: Experiment, explained: dict[str, Any]) -> list[Factor]:
    """Return all columns from the weightiest down."""
    stored, names = explained.get("importance"), names_of(experiment)
    if not stored:
        return []
    dependence, extremes = explained.get("dependence", {}), explained.get("extremes", {})
    return [
        Factor(
            column, names.get(column, column), value, share,
            _act(experiment, dependence.get(column), extremes, explained.get("kept_directions", {})),
        )
        for column, value, share in zip(stored["columns"], stored["values"], stored["shares"], strict=True)
        if share is None or share >= LEAST_SHARE
    ]  # fmt: skip


def _act(
    experiment: Experiment,
    stored: dict[str, Any] | None,
    extremes: dict[str, dict[str, str]],
    held: Mapping[str, int],
) -> str:
    """Say what a factor does: steadily up, steadily down, or highest and lowest somewhere."""
    if not stored or len(stored["effects"]) < 2:
        return ""
    words, effects = words_for(experiment), stored["effects"]
    labels = experiment.spec.get("labels", {}).get(stored["column"], {})
    names = [*(labels[language] for language in ("zh", "en") if labels.get(language)), stored["column"]]
    if stored["kind"] == "categorical":
        shown = {"best": stored["levels"][_place(effects, max)], "worst": stored["levels"][_place(effects, min)]}
        return words.highest_for % extremes.get(stored["column"], shown)
    if told := _codes_told(experiment, stored):
        return words.highest_for % told
    # A direction that holds is said even where a sampled curve wavers.
    if way := held.get(stored["column"]):
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
        "best": _about(stored, _place(effects, max), names),
        "worst": _about(stored, _place(effects, min), names),
    }


def _codes_told(experiment: Experiment, stored: dict[str, Any]) -> dict[str, str]:
    """Name the best and the worst of codes that stand as numbers; nothing of a column whose numbers are quantities."""
    column, effects = stored["column"], stored["effects"]
    if column not in meanings_of(experiment) or stored.get("is_date"):
        return {}
    ends = {
        "best": value_text(stored["x"][_place(effects, max)]),
        "worst": value_text(stored["x"][_place(effects, min)]),
    }
    told = {end: in_words(experiment, column, value) for end, value in ends.items()}
    return told if all(told[end] != value for end, value in ends.items()) else {}


def _place(effects: list[float], pick: Any) -> int:
    return effects.index(pick(effects))


def _about(stored: dict[str, Any], place: int, names: list[str]) -> str:
    """Say a value as people round it, with its unit where the names of its column tell one: about 51 years."""
    value = stored["x"][place]
    if stored.get("is_date"):
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
