"""What of a customer no page shows and nobody tries: columns that are sensitive or protected."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from dictionary.queries import sensitive_columns
from experiments.artifact.explanation import ToldReason
from experiments.charts.waterfall import WaterfallData
from explanations.errors import NOT_TRIED, ChangeRefused
from training.models import Experiment

HIDDEN = "***"


def hidden_columns(experiment: Experiment) -> set[str]:
    """Return the columns whose values no page shows: sensitive by the dictionary, or protected in the experiment."""
    return sensitive_columns(experiment.version.dataset) | set(experiment.asked.protected)


def refuse_hidden(experiment: Experiment, tried: Iterable[str]) -> None:
    """Refuse other values of hidden columns: where the score stays as it was, the own value would be found.

    Raises
    ------
    ChangeRefused : one of the columns is hidden.
    """
    hidden = hidden_columns(experiment)
    for column in tried:
        if column in hidden:
            raise ChangeRefused(NOT_TRIED, column=column)


def hidden_value(column: str, value: str, hidden: Collection[str]) -> str:
    """Return a value as pages show it; one that is missing is nobody's."""
    return HIDDEN if column in hidden and value else value


def hidden_steps(waterfall: WaterfallData, hidden: Collection[str]) -> WaterfallData:
    """Return a waterfall without the values of hidden columns."""
    steps = (replace(step, value=hidden_value(step.column, step.value, hidden)) for step in waterfall.steps)
    return replace(waterfall, steps=tuple(steps))


def hidden_reasons(reasons: Iterable[ToldReason], hidden: Collection[str]) -> tuple[ToldReason, ...]:
    """Return reasons without the values of hidden columns."""
    return tuple(replace(each, value=hidden_value(each.column, each.value, hidden)) for each in reasons)
