"""Whether what is asked of a run can be done: every number within its range, every name one that there is."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from experiments.errors import BadInput, gettext_noop
from experiments.spec import FEATURE_EFFORTS, LEARNERS, SCHEMES, TARGET_KINDS, ExperimentSpec

Fault = tuple[str, dict[str, Any]]
Faults = dict[str, Fault]
NAMES_SHOWN = 12
# How alike two names must be, from 0 to 1, to take one for a slip of the other.
LIKE_A_SLIP = 0.6

NO_COLUMN = gettext_noop("The table has no column %(column)s. Its columns are: %(columns)s.")
NEAR_COLUMN = gettext_noop("The table has no column %(column)s. Do you mean %(nearest)s?")
NO_SUCH_NAME = gettext_noop("%(field)s cannot be %(name)s. Choose from: %(names)s.")
NEAR_NAME = gettext_noop("%(field)s cannot be %(name)s. Do you mean %(nearest)s?")
NO_LEARNER = gettext_noop("Name at least one family of models: %(names)s.")
TARGET_TWICE = gettext_noop("%(column)s is the target, so it cannot be the %(role)s too. Name another column.")
DIRECTION_OF_ABSENT = gettext_noop(
    "%(column)s is to be left out, so it cannot be given a direction. Take it in again, or take the direction away."
)
SPECIAL_OF_ABSENT = gettext_noop(
    "%(column)s is to be left out, so it cannot be given special values. Take it in again, or take them away."
)
DIRECTION_OF_ROLE = gettext_noop(
    "%(column)s is the %(role)s, so no model learns from it and it cannot be given a direction."
)
BAD_NUMBER = gettext_noop("%(field)s cannot be %(value)s. %(rule)s")
WHOLE_NUMBER = gettext_noop("Enter a whole number from %(least)s to %(most)s, for example %(example)s.")
ANY_NUMBER = gettext_noop("Enter a number from %(least)s to %(most)s, for example %(example)s.")
WHOLE_OR_NOTHING = gettext_noop(
    "Enter a whole number from %(least)s to %(most)s, for example %(example)s, or nothing for no limit."
)
NUMBER_OR_NOTHING = gettext_noop(
    "Enter a number from %(least)s to %(most)s, for example %(example)s, or nothing for no limit."
)
ROLES = {
    "id_column": gettext_noop("customer id"),
    "time_column": gettext_noop("date column"),
    "group_column": gettext_noop("group column"),
    "weight_column": gettext_noop("weight column"),
    "response_column": gettext_noop("response column"),
    "split_column": gettext_noop("split column"),
}


@dataclass(frozen=True)
class Range:
    """The numbers that may be asked for."""

    least: float
    most: float
    example: float
    is_whole: bool = False
    may_be_empty: bool = False

    def __contains__(self, value: object) -> bool:
        if value is None:
            return self.may_be_empty
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            return False
        return self.least <= value <= self.most and (not self.is_whole or float(value).is_integer())

    @property
    def rule(self) -> dict[str, Any]:
        """Return the sentence that says what may be entered, as ``{"message", "params"}``."""
        messages = {
            (True, False): WHOLE_NUMBER, (False, False): ANY_NUMBER, (True, True): WHOLE_OR_NOTHING,
            (False, True): NUMBER_OR_NOTHING,
        }  # fmt: skip
        numbers = {"least": _spelled(self.least), "most": _spelled(self.most), "example": _spelled(self.example)}
        return {"message": messages[self.is_whole, self.may_be_empty], "params": numbers}


RANGES = {
    "seconds": Range(5, 86_400, 300),
    "trials": Range(1, 50_000, 60, is_whole=True),
    "seed": Range(0, 2**31 - 1, 1, is_whole=True),
    "folds": Range(2, 20, 5, is_whole=True),
    "embargo_days": Range(0, 3_650, 30, is_whole=True),
    "held_out_share": Range(0.01, 0.9, 0.2),
    "contact_share": Range(0.001, 1, 0.1),
    "ks_gap": Range(0.001, 1, 0.05, may_be_empty=True),
    "ks_gap_share": Range(0, 1, 0.2),
    "score_psi": Range(0.001, 5, 0.1, may_be_empty=True),
    "features": Range(1, 10_000, 30, is_whole=True, may_be_empty=True),
    "milliseconds": Range(0.0001, 10_000, 0.5, may_be_empty=True),
}


def refuse_faults(spec: ExperimentSpec, columns: Sequence[str] | None = None) -> None:
    """Raise the first of ``faults_of`` as the sentence it is."""
    for message, params in faults_of(spec, columns).values():
        raise BadInput(message, **params)


def faults_of(spec: ExperimentSpec, columns: Sequence[str] | None = None) -> Faults:
    """Return what a spec asks for that cannot be, by field, as a message and its params.

    Parameters
    ----------
    columns : names of the table's columns; without them only numbers and names of other things are looked at.

    Examples
    --------
    >>> faults = faults_of(ExperimentSpec("bad", "1", excluded=("incme",)), ["bad", "income", "age"])
    >>> {field: message % params for field, (message, params) in faults.items()}
    {'excluded': 'The table has no column incme. Do you mean income?'}
    """
    found = number_faults(spec) | name_faults(spec)
    return found if columns is None else found | column_faults(spec, columns)


def number_faults(spec: ExperimentSpec) -> Faults:
    """Return the numbers that are out of their range."""
    scheme, limits = spec.validation, spec.limits
    # One of the two counts, and the other is nothing.
    budget = "seconds" if spec.budget.trials is None else "trials"
    asked = {
        budget: getattr(spec.budget, budget), "seed": spec.seed, "folds": scheme.folds,
        "embargo_days": scheme.embargo_days, "held_out_share": scheme.held_out_share,
        "contact_share": spec.contact_share,
        **{name: getattr(limits, name) for name in ("ks_gap", "ks_gap_share", "score_psi", "features", "milliseconds")},
    }  # fmt: skip
    return {
        name: (BAD_NUMBER, {"field": name, "value": _spelled(value), "rule": RANGES[name].rule})
        for name, value in asked.items()
        if value not in RANGES[name]
    }


def name_faults(spec: ExperimentSpec) -> Faults:
    """Return the names of things other than columns that there are none of."""
    # The families are known where they are made, which numbers and columns need not load.
    from experiments.search.learners import LEARNERS as FAMILIES

    asked = {
        "kind": ((spec.kind,), TARGET_KINDS), "scheme": ((spec.validation.scheme,), SCHEMES),
        "feature_effort": ((spec.feature_effort,), FEATURE_EFFORTS), "learners": (spec.learners, tuple(FAMILIES)),
    }  # fmt: skip
    found: Faults = {
        field: no_such_name(field, name, known)
        for field, (names, known) in asked.items()
        for name in names
        if name not in known
    }
    return found if spec.learners else found | {"learners": (NO_LEARNER, {"names": ", ".join(LEARNERS)})}


def column_faults(spec: ExperimentSpec, columns: Sequence[str]) -> Faults:
    """Return the columns asked for that the table has not, or that would be the target and something else."""
    known, found = set(columns), dict[str, Fault]()
    for field, names in columns_named(spec).items():
        missing = next((name for name in names if name not in known), None)
        if missing is not None:
            found[field] = no_column(missing, columns)
        elif field in ROLES and spec.target in names:
            found[field] = (TARGET_TWICE, {"column": spec.target, "role": {"message": ROLES[field], "params": {}}})
    return absent_faults(spec) | found


def absent_faults(spec: ExperimentSpec) -> Faults:
    """Return what is asked of columns that no model would learn from: a wish is refused, never passed over."""
    found = dict[str, Fault]()
    out, roles = set(spec.excluded), {name: role for role in ROLES for name in columns_named(spec).get(role, ())}
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


def columns_named(spec: ExperimentSpec) -> dict[str, tuple[str, ...]]:
    """Return the columns that a spec names, by the field that does."""
    single = {field: getattr(spec, field, None) for field in ("target", *ROLES)}
    single["split_column"] = spec.validation.split_column
    named = {field: (name,) for field, name in single.items() if name is not None}
    return named | {
        "excluded": spec.excluded, "protected": spec.protected, "monotone": tuple(spec.monotone),
        "special_values": tuple(spec.special_values),
    }  # fmt: skip


def no_column(name: str, columns: Iterable[str]) -> Fault:
    """Say that a table has no such column, and which one is meant or which there are."""
    columns = list(map(str, columns))
    meant = nearest(name, columns)
    if meant is not None:
        return NEAR_COLUMN, {"column": name, "nearest": meant}
    return NO_COLUMN, {"column": name, "columns": some_of(columns)}


def refuse_column(name: str, columns: Iterable[str]) -> NoReturn:
    """Raise that a table has no such column."""
    message, params = no_column(name, columns)
    raise BadInput(message, **params)


def no_such_name(field: str, name: str, names: Sequence[str]) -> Fault:
    """Say that there is no such thing, and which one is meant or which there are."""
    meant = nearest(name, names)
    if meant is not None:
        return NEAR_NAME, {"field": field, "name": name, "nearest": meant}
    return NO_SUCH_NAME, {"field": field, "name": name, "names": some_of(names)}


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that this one is most likely a slip of, ``None`` where none is like it.

    Examples
    --------
    >>> nearest("INCOME ", ["age", "income"]), nearest("lightgmb", ["xgboost", "lightgbm"]), nearest("x", ["age"])
    ('income', 'lightgbm', None)
    """
    plain: dict[str, str] = {}
    for known in names:
        plain.setdefault(_plain(known), known)
    alike = get_close_matches(_plain(name), plain, n=1, cutoff=LIKE_A_SLIP)
    return plain[alike[0]] if alike else None


def some_of(names: Sequence[str]) -> str:
    """Return the first names with commas between them."""
    return ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")


def _plain(name: str) -> str:
    return "".join(sign for sign in str(name).casefold() if sign.isalnum()) or str(name)


def _spelled(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
