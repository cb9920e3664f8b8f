"""The stored explanation of a model, codes in the reader's words."""

from collections.abc import Collection
from dataclasses import replace

from experiments.artifact.explanation import Example, Explanation, Extremes
from experiments.artifact.manifest import EXPLANATION
from experiments.charts.dependence import DependenceData
from experiments.charts.waterfall import WaterfallData
from explanations.queries.hidden import hidden_reasons, hidden_steps
from results.queries.columns import in_words, meanings_of
from results.queries.evidence import kept_beside
from training.models import Experiment, LeaderboardRow
from training.queries.hidden import hidden_columns


def explanation_of(row: LeaderboardRow) -> Explanation:
    """Return importance, beeswarm, dependence and examples; empty where there is none.

    Codes are in the reader's words. Of columns whose values no page shows, weight and direction are told.
    """
    return shown_explanation(row.experiment, kept_beside(row, EXPLANATION, Explanation))


def shown_explanation(experiment: Experiment, found: Explanation) -> Explanation:
    """Return an explanation as pages show it: without what is hidden today, in the reader's words."""
    rule = hidden_columns([experiment])
    hidden = rule.unshown
    found = without_hidden(found, hidden=hidden, sensitive=rule.secret)
    examples = {name: _example_in_words(experiment, each, hidden) for name, each in found.examples.items()}
    found = replace(found, examples=examples)
    if not meanings_of(experiment):
        return found
    return replace(
        found,
        dependence={name: _curve_in_words(experiment, name, each) for name, each in found.dependence.items()},
        extremes={
            name: Extremes(in_words(experiment, name, each.best), in_words(experiment, name, each.worst))
            for name, each in found.extremes.items()
        },
    )


def without_hidden(found: Explanation, *, hidden: Collection[str], sensitive: Collection[str]) -> Explanation:
    """Leave out the values of sensitive columns, and whatever is told of a hidden one customer by customer."""
    swarm = found.beeswarm and replace(
        found.beeswarm,
        factors=tuple(replace(one, ranks=()) if one.column in hidden else one for one in found.beeswarm.factors),
    )
    return replace(
        found,
        beeswarm=swarm,
        dependence={name: curve for name, curve in found.dependence.items() if name not in sensitive},
        extremes={name: ends for name, ends in found.extremes.items() if name not in sensitive},
    )


def _example_in_words(experiment: Experiment, example: Example, hidden: Collection[str]) -> Example:
    told = example.waterfall
    return replace(
        example,
        waterfall=None if told is None else waterfall_in_words(experiment, told, hidden),
        reasons=hidden_reasons(example.reasons, hidden),
    )


def waterfall_in_words(experiment: Experiment, waterfall: WaterfallData, hidden: Collection[str]) -> WaterfallData:
    """Return a waterfall with codes in the reader's words, and without the values of hidden columns."""
    steps = (replace(step, value=in_words(experiment, step.column, step.value)) for step in waterfall.steps)
    return hidden_steps(replace(waterfall, steps=tuple(steps)), hidden)


def _curve_in_words(experiment: Experiment, column: str, curve: DependenceData) -> DependenceData:
    return replace(curve, levels=tuple(in_words(experiment, column, level) for level in curve.levels))


def kept_directions(row: LeaderboardRow) -> dict[str, int]:
    """Return the directions that were asked of a model's columns and that the check found kept, by column."""
    checked = row.kept.constraints
    return checked.kept if checked else {}


def example_of(explained: Explanation, which: str) -> tuple[str, Example] | None:
    """Return the customer asked for (high, near, low), or the first there is, with its name."""
    name = which if which in explained.examples else next(iter(explained.examples), "")
    return (name, explained.examples[name]) if name else None
