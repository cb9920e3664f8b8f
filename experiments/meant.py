"""Which name is meant by one that there is none of, and the sentence that says so."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from experiments.errors import BadInput, gettext_noop

Fault = tuple[str, dict[str, Any]]
NAMES_SHOWN = 12
# How alike two names must be, from 0 to 1, to take one for a slip of the other.
LIKE_A_SLIP = 0.6

NO_COLUMN = gettext_noop("The table has no column %(column)s. Its columns are: %(columns)s.")
NEAR_COLUMN = gettext_noop("The table has no column %(column)s. Did you mean %(nearest)s?")
NO_SUCH_NAME = gettext_noop("%(field)s cannot be %(name)s. Choose from: %(names)s.")
NEAR_NAME = gettext_noop("%(field)s cannot be %(name)s. Did you mean %(nearest)s?")


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
