"""What of a customer no page shows and nobody tries: columns that are sensitive or protected."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from experiments.artifact.explanation import ToldReason
from experiments.charts.waterfall import WaterfallData
from experiments.explanation.reason_codes.hiding import HIDDEN
from explanations.errors import NOT_TRIED, ChangeRefused
from explanations.models import CustomerLook
from explanations.queries.places import version_behind
from training.models import Experiment
from training.queries.hidden import hidden_columns

PLAIN = "plain"


def unshown_columns(experiment: Experiment, look: CustomerLook | None = None) -> set[str]:
    """Return the columns whose values no page tells of a customer, by the table in which the customer stands too."""
    return set(hidden_columns([experiment], [version_behind(look)] if look else ()).unshown)


def refuse_hidden(hidden: Collection[str], tried: Iterable[str]) -> None:
    """Refuse other values of hidden columns: where the score stays as it was, the own value would be found.

    Raises
    ------
    ChangeRefused : one of the columns is hidden.
    """
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
    """Return reasons without the values of hidden columns, and without saying whether these are high or low."""
    return tuple(
        replace(each, value=HIDDEN, state=PLAIN) if each.column in hidden and each.value else each for each in reasons
    )
