"""Defines which rows of a table a model is built on, and refuses what the table cannot support."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from experiments.data.sample.rules import Rule, day_of, expression_of
from experiments.data.schema import ColumnSchema
from experiments.errors import BadInput, about, gettext_noop
from experiments.meant import refuse_column

__all__ = ["SampleDefinition", "definition_hash"]

MOST_MONTHS = 60
NOT_DATES = gettext_noop("%(column)s is not a date, so it cannot say when a customer was observed.")
NO_OBSERVATION = gettext_noop("A performance window begins at the observation point. Choose the column that holds it.")
BAD_MONTHS = gettext_noop("A window is 1 to 60 months long. Leave it empty if there is none.")
NOT_NUMERIC_EVENT = gettext_noop("%(column)s does not hold numbers, so no threshold can define the event.")


@dataclass(frozen=True)
class SampleDefinition:
    """Which rows a model is built on.

    Attributes
    ----------
    observed_at : date column of the observation point.
    observation_months, performance_months : months looked back for features, and forward for the event.
    known_until : ISO date up to which the outcome is known; the newest observation when ``None``.
    event : makes the event of a column of numbers (days overdue at least 90); the target as it is when ``None``.
    indeterminate : rows that are neither; a row with the event is one all the same.
    exclusions : rows left out, in this order.

    Examples
    --------
    >>> SampleDefinition().leaves_all_rows
    True
    """

    observed_at: str | None = None
    observation_months: int | None = None
    performance_months: int | None = None
    known_until: str | None = None
    event: Rule | None = None
    indeterminate: Rule | None = None
    exclusions: tuple[Rule, ...] = ()

    @property
    def leaves_all_rows(self) -> bool:
        """Whether every row stays as it is."""
        return not (self.performance_months or self.event or self.indeterminate or self.exclusions)

    @property
    def placed_rules(self) -> list[tuple[tuple[str | int, ...], Rule]]:
        """Return each rule with the steps that lead to it."""
        single = ("event", self.event), ("indeterminate", self.indeterminate)
        left_out = ((("exclusions", place), rule) for place, rule in enumerate(self.exclusions))
        return [*(((name,), rule) for name, rule in single if rule), *left_out]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules of the definition."""
        return tuple(rule for _steps, rule in self.placed_rules)

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as JSON-ready plain data."""
        return {**asdict(self), "exclusions": [asdict(rule) for rule in self.exclusions]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "SampleDefinition":
        """Build a definition from what ``to_dict`` gave; other keys are left aside."""
        values = {name: plain[name] for name in cls.__dataclass_fields__ if name in plain}
        for name in ("event", "indeterminate"):
            values[name] = Rule(**values[name]) if values.get(name) else None
        values["exclusions"] = tuple(Rule(**rule) for rule in values.get("exclusions", ()))
        return cls(**values)


def refuse_faults(definition: SampleDefinition, schema: Sequence[ColumnSchema]) -> None:
    """Refuse a definition that this table cannot support.

    Raises
    ------
    BadInput : a column that is not there, a comparison its type does not know, a window without a beginning.
    """
    types = {column.name: column.type for column in schema}
    named = [(("observed_at",), definition.observed_at)] if definition.observed_at else []
    for steps, name in [*named, *(((*steps, "column"), rule.column) for steps, rule in definition.placed_rules)]:
        if name not in types:
            with about(*steps):
                refuse_column(name, list(types))
    if definition.observed_at and types[definition.observed_at] != "date":
        raise BadInput(NOT_DATES, column=definition.observed_at).about("observed_at")
    for field_ in ("observation_months", "performance_months"):
        months = getattr(definition, field_)
        if months is not None and not 1 <= months <= MOST_MONTHS:
            raise BadInput(BAD_MONTHS).about(field_)
    if definition.performance_months and not definition.observed_at:
        raise BadInput(NO_OBSERVATION).about("observed_at")
    if definition.known_until:
        with about("known_until"):
            day_of(definition.known_until)
    if definition.event and types[definition.event.column] != "numeric":
        raise BadInput(NOT_NUMERIC_EVENT, column=definition.event.column).about("event", "column")
    for steps, rule in definition.placed_rules:
        with about(*steps, "value"):
            expression_of(rule, types[rule.column])


def definition_hash(definition: SampleDefinition, types: Mapping[str, str], *, source_sha256: str) -> str:
    """Return the SHA-256 of everything a sample table is made of; equal ones need not be made again.

    Parameters
    ----------
    definition, types : of the sample. source_sha256 : of the table it is made of.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> len(definition_hash(SampleDefinition(), {}, source_sha256="ab" * 32))
    64
    """
    made_of = [definition.to_dict(), dict(sorted(types.items())), source_sha256]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
