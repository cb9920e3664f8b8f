"""Comparisons of one column with one value, by which rows are left out or called events."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from experiments.errors import BadInput, gettext_noop

__all__ = ["Rule"]

OperatorName = Literal["is", "is_not", "one_of", "at_least", "more", "at_most", "less", "missing", "present"]
OPERATORS: tuple[OperatorName, ...] = (
    *("is", "is_not", "one_of", "at_least", "more"),
    *("at_most", "less", "missing", "present"),
)
ORDERED = frozenset({"at_least", "more", "at_most", "less"})
WITHOUT_VALUE = frozenset({"missing", "present"})
NO_OPERATOR = gettext_noop("%(operator)s is not a comparison. Choose one from the list.")
NO_ORDER = gettext_noop("%(column)s holds text, which has no order. Compare it with: is, is not, is one of.")
NOT_A_NUMBER = gettext_noop("%(column)s holds numbers, but %(value)s is not a number. Enter a number.")
NOT_A_DATE = gettext_noop("%(value)s is not a date. Enter it like 2025-06-30.")
NO_VALUE = gettext_noop("Enter the value that %(column)s is compared with.")


@dataclass(frozen=True)
class Rule:
    """A comparison of one column with one value.

    Attributes
    ----------
    value : as text; a number for columns of numbers, an ISO date for dates; several, parted by commas, for ``one_of``.

    Examples
    --------
    >>> Rule("days_overdue", "at_least", "90").value
    '90'
    """

    column: str
    operator: OperatorName
    value: str = ""


def unless(rule: Rule, type_: str) -> Callable[[pl.DataFrame], pl.Series]:
    """Return a function that tells which rows of a part do not meet the rule."""
    expression = expression_of(rule, type_)
    return lambda frame: ~frame.select(expression).to_series()


def expression_of(rule: Rule, type_: str) -> pl.Expr:
    """Return the rule as an expression that is true or false in every row; a missing value meets no comparison."""
    if rule.operator not in OPERATORS:
        raise BadInput(NO_OPERATOR, operator=rule.operator)
    column = pl.col(rule.column)
    if rule.operator in WITHOUT_VALUE:
        return column.is_null() if rule.operator == "missing" else column.is_not_null()
    if not rule.value.strip():
        raise BadInput(NO_VALUE, column=rule.column)
    if type_ not in ("numeric", "date"):
        if rule.operator in ORDERED:
            raise BadInput(NO_ORDER, column=rule.column)
        return _compared(column.cast(pl.String).str.strip_chars(), rule, [value.strip() for value in _listed(rule)])
    if type_ == "date":
        return _compared(column.dt.date(), rule, [day_of(value) for value in _listed(rule)])
    return _compared(column.cast(pl.Float64), rule, [_number(rule, value) for value in _listed(rule)])


def _compared(column: pl.Expr, rule: Rule, values: list[Any]) -> pl.Expr:
    value = values[0]
    compared = {
        "is": lambda: column == value,
        "is_not": lambda: column != value,
        "one_of": lambda: column.is_in(values),
        "at_least": lambda: column >= value,
        "more": lambda: column > value,
        "at_most": lambda: column <= value,
        "less": lambda: column < value,
    }
    return compared[rule.operator]().fill_null(False)


def _listed(rule: Rule) -> list[str]:
    if rule.operator != "one_of":
        return [rule.value]
    parted = rule.value.replace("，", ",").replace("、", ",").split(",")
    return [value for value in parted if value.strip()] or [rule.value]


def _number(rule: Rule, value: str) -> float:
    try:
        return float(value.strip())
    except ValueError:
        raise BadInput(NOT_A_NUMBER, column=rule.column, value=value) from None


def day_of(value: str) -> date:
    """Read an ISO date that a person wrote."""
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        raise BadInput(NOT_A_DATE, value=value) from None
