"""Whether what is asked of a run can be done: every number within its range, every name one that there is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from experiments.errors import BadInput, gettext_noop
from experiments.families import names_of
from experiments.meant import Fault, no_column, no_such_name
from experiments.spec.asked import Asked, spelled

__all__ = ["faults_of", "refuse"]

Faults = dict[str, Fault]
Schema = Mapping[str, Asked]

NO_LEARNER = gettext_noop("Choose at least one algorithm: %(names)s.")
TARGET_TWICE = gettext_noop("%(column)s is the target, so it cannot be the %(role)s too. Name another column.")
DIRECTION_OF_ABSENT = gettext_noop(
    "%(column)s is left out, so it cannot have a monotone constraint. Put it back, or remove the constraint."
)
SPECIAL_OF_ABSENT = gettext_noop(
    "%(column)s is left out, so it cannot have special values. Put it back, or remove them."
)
DIRECTION_OF_ROLE = gettext_noop(
    "%(column)s is the %(role)s, so the model does not use it and it cannot have a monotone constraint."
)
TOO_LONG = gettext_noop("%(field)s holds %(count)s characters; at most %(most)s fit.")
NO_DAY = gettext_noop("%(value)s is not a date. Enter it like 2026-01-31.")
BAD_NUMBER = gettext_noop("%(field)s cannot be %(value)s. %(rule)s")
ROLES = {
    "id_column": gettext_noop("customer ID"),
    "time_column": gettext_noop("date column"),
    "group_column": gettext_noop("group column"),
    "weight_column": gettext_noop("weight column"),
    "response_column": gettext_noop("response column"),
    "split_column": gettext_noop("split column"),
}


class Question(Protocol):
    """As much of a spec as can be at fault; see ``ExperimentSpec``."""

    @property
    def budget(self) -> Any: ...
    @property
    def validation(self) -> Any: ...
    @property
    def target(self) -> str: ...
    @property
    def learners(self) -> tuple[str, ...]: ...
    @property
    def excluded(self) -> tuple[str, ...]: ...
    @property
    def protected(self) -> tuple[str, ...]: ...
    @property
    def monotone(self) -> dict[str, int]: ...
    @property
    def special_values(self) -> dict[str, list[float]]: ...


def refuse(faults: Faults) -> None:
    """Raise the first fault as the sentence it is.

    Parameters
    ----------
    faults : as ``faults_of`` gave them.

    Raises
    ------
    BadInput : there is a fault; the first is told.

    Examples
    --------
    >>> refuse({})
    """
    for message, params in faults.values():
        raise BadInput(message, **params)


def faults_of(spec: Question, asked: Schema, *, columns: Sequence[str] | None = None) -> Faults:
    """Return what a spec asks for that cannot be, by field: see ``ExperimentSpec.faults``.

    Parameters
    ----------
    asked : how everything of the spec is asked for, by name.

    Returns
    -------
    dict
        Message and params by field; empty where all can be done.

    Examples
    --------
    >>> from experiments.spec import ASKED, ExperimentSpec
    >>> list(faults_of(ExperimentSpec("bad", "1", kind="fraud"), ASKED))
    ['kind']
    """
    found = _number_faults(spec, asked) | _text_faults(spec, asked) | _name_faults(spec, asked)
    found |= day_faults(spec.validation.held_out_from)
    return found if columns is None else found | column_faults(spec, columns)


def day_faults(day: str | None) -> Faults:
    """Return what is wrong with the day from which on rows are set aside."""
    try:
        date.fromisoformat(day or "2026-01-31")
    except ValueError:
        return {"held_out_from": (NO_DAY, {"value": day})}
    return {}


def _number_faults(spec: Question, asked: Schema) -> Faults:
    """Return the numbers that are out of their range."""
    # One of the two counts, and the other is nothing.
    uncounted = "trials" if spec.budget.trials is None else "seconds"
    ranges = {name: one.numbers for name, one in asked.items() if one.numbers is not None and name != uncounted}
    wanted = {name: _wanted(spec, asked[name]) for name in ranges}
    return {
        name: (BAD_NUMBER, {"field": name, "value": spelled(value), "rule": asked[name].rule})
        for name, value in wanted.items()
        if value not in ranges[name]
    }


def _text_faults(spec: Question, asked: Schema) -> Faults:
    """Return the texts that are too long."""
    texts = {name: _wanted(spec, one) or "" for name, one in asked.items() if one.most_letters}
    return {
        name: (TOO_LONG, {"field": name, "count": len(text), "most": asked[name].most_letters})
        for name, text in texts.items()
        if len(text) > asked[name].most_letters
    }


def _wanted(spec: Question, one: Asked) -> Any:
    return getattr(getattr(spec, one.part) if one.part else spec, one.name)


def _name_faults(spec: Question, asked: Schema) -> Faults:
    """Return the names of things other than columns that there are none of."""
    named: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for name, one in asked.items():
        if one.choices:
            named[name] = ((_wanted(spec, one),), one.choices)
    named["learners"] = (spec.learners, names_of())
    found: Faults = {
        field: no_such_name(field, name, known)
        for field, (names, known) in named.items()
        for name in names
        if name not in known
    }
    return found if spec.learners else found | {"learners": (NO_LEARNER, {"names": ", ".join(names_of("usual"))})}


def column_faults(spec: Question, columns: Sequence[str]) -> Faults:
    """Return the columns asked for that the table has not, or that would be the target and something else."""
    known, found = set(columns), dict[str, Fault]()
    for field, names in _columns_named(spec).items():
        missing = next((name for name in names if name not in known), None)
        if missing is not None:
            found[field] = no_column(missing, columns)
        elif field in ROLES and spec.target in names:
            found[field] = (TARGET_TWICE, {"column": spec.target, "role": {"message": ROLES[field], "params": {}}})
    return absent_faults(spec) | found


def absent_faults(spec: Question) -> Faults:
    """Return what is asked of columns that no model would learn from: a wish is refused, never passed over."""
    found = dict[str, Fault]()
    out, roles = set(spec.excluded), {name: role for role in ROLES for name in _columns_named(spec).get(role, ())}
    for field, names, message in (
        ("monotone", [name for name, way in spec.monotone.items() if way], DIRECTION_OF_ABSENT),
        ("special_values", list(spec.special_values), SPECIAL_OF_ABSENT),
    ):
        absent = next((name for name in names if name in out), None)
        if absent is not None:
            found[field] = (message, {"column": absent})
    directed = next((name for name, way in spec.monotone.items() if way and name in roles), None)
    if directed is not None and "monotone" not in found:
        role = {"message": ROLES[roles[directed]], "params": {}}
        found["monotone"] = (DIRECTION_OF_ROLE, {"column": directed, "role": role})
    return found


def _columns_named(spec: Question) -> dict[str, tuple[str, ...]]:
    """Return the columns that a spec names, by the field that does."""
    single = {field: getattr(spec, field, None) for field in ("target", *ROLES)}
    single["split_column"] = spec.validation.split_column
    named = {field: (name,) for field, name in single.items() if name is not None}
    return named | {
        "excluded": spec.excluded, "protected": spec.protected, "monotone": tuple(spec.monotone),
        "special_values": tuple(spec.special_values),
    }  # fmt: skip
