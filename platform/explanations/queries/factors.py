"""The columns of a model by weight, with what each does, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from experiments.artifact.explanation import Explanation
from experiments.charts.dependence import DependenceData
from experiments.charts.waterfall import value_text
from experiments.generation.units import unit_of
from experiments.privacy.protected_attributes import protected_attribute
from experiments.telling import minus
from results.queries.columns import in_words, meanings_of, names_of, secret_columns
from training.models import Experiment
from training.words import words_for

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
    secret = secret_columns(experiment)
    return [
        Factor(
            column, names.get(column, column), value, None if isnan(share) else share,
            _act(experiment, explained, column, directions.get(column, 0))
            or (_("Sensitive: its values are not shown") if column in secret else ""),
        )
        for column, value, share in zip(found.columns, found.values, found.shares, strict=True)
        if isnan(share) or share >= LEAST_SHARE
    ]  # fmt: skip


def _act(experiment: Experiment, explained: Explanation, column: str, held: int) -> str:
    """Say what a factor does: up, down, or highest and lowest somewhere."""
    curve, words = explained.dependence.get(column), words_for(experiment)
    found = explained.tendency_of(column, held=held, meanings=meanings_of(experiment).get(column))
    if found and found.way:
        return str(words.the_higher if found.way > 0 else words.the_lower)
    if found is None or curve is None or found.best is None or found.worst is None:
        return ""
    return words.highest_for % {
        "best": _value(experiment, curve, found.best), "worst": _value(experiment, curve, found.worst)
    }  # fmt: skip


def _value(experiment: Experiment, curve: DependenceData, value: str | float) -> str:
    """Say a level, a code by its meaning, or a number as people round it."""
    if isinstance(value, str):
        return value
    if not curve.is_date:
        shown = value_text(value)
        if (told := in_words(experiment, curve.column, shown)) != shown:
            return told
    labels = experiment.asked.labels.get(curve.column, {})
    names = [*(labels[language] for language in ("zh", "en") if labels.get(language)), curve.column]
    return _about(curve, value, names)


def _about(curve: DependenceData, value: float, names: list[str]) -> str:
    """Say a value as people round it, with its unit where the names of its column tell one: about 51 years."""
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
