"""Other values for a customer's columns, as they are typed, checked against what the model knows of each column."""

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput, gettext_noop
from experiments.features.levels import level_text
from experiments.yes_no import meaning_of

__all__ = ["changed", "read_change", "read_value"]

NO_CHANGE = gettext_noop("Write a change as COLUMN=VALUE, not %(text)s.")
NOT_OF_MODEL = gettext_noop("The model has no column %(column)s.")
NOT_OF_MODEL_BUT = gettext_noop("The model has no column %(column)s. Did you mean %(near)s?")
NO_NUMBER = gettext_noop("%(column)s takes a number; %(value)s is not a number.")
NO_DATE = gettext_noop("%(column)s takes a date such as 2026-11-30; %(value)s is not a date.")
NO_FLAG = gettext_noop("%(column)s takes yes or no; %(value)s is neither.")
NO_LEVEL = gettext_noop("%(column)s has no value %(value)s. It takes one of: %(known)s.")
LEVELS_TOLD = 12


def read_change(text: str) -> tuple[str, str]:
    """Return column and value of ``COLUMN=VALUE``; nothing after the sign means that the value is missing.

    Parameters
    ----------
    text : as typed.

    Returns
    -------
    tuple
        Column and value.

    Raises
    ------
    BadInput : there is no sign, or nothing before it.

    Examples
    --------
    >>> read_change("income=5000"), read_change(" job = ")
    (('income', '5000'), ('job', ''))
    """
    column, sign, value = text.partition("=")
    if not sign or not column.strip():
        raise BadInput(NO_CHANGE, text=text)
    return column.strip(), value.strip()


def changed(artifact: ModelArtifact, row: pd.DataFrame, *, changes: Mapping[str, str]) -> pd.DataFrame:
    """Return the row with other values in some columns.

    Parameters
    ----------
    artifact : the model. row : of one customer. changes : by column, as typed; an empty text is a missing value.

    Returns
    -------
    DataFrame

    Raises
    ------
    BadInput : the model has no such column, or the column no such value; the sentence says what it takes.

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> row = pd.DataFrame({"age": [25], "income": [4e3], "job": ["none"], "noise": [0.0]})
    >>> changed(model, row, changes={"age": "60", "job": "clerk"}).to_dict("records")
    [{'age': 60.0, 'income': 4000.0, 'job': 'clerk', 'noise': 0.0}]
    """
    columns = {column["name"]: column for column in artifact.signature}
    other = row.copy(deep=False)
    for name, text in changes.items():
        if name not in columns:
            raise _unknown(name, list(columns))
        other[name] = pd.Series([read_value(columns[name], text)], index=row.index, dtype=_dtype(columns[name]["type"]))
    return other


def read_value(column: Mapping[str, Any], text: str) -> object:
    """Return a typed value as a cell of a column of the model's signature; nothing for a missing one.

    Parameters
    ----------
    column : of ``ModelArtifact.signature``. text : as typed.

    Returns
    -------
    object

    Raises
    ------
    BadInput : the column takes no such value.

    Examples
    --------
    >>> read_value({"name": "income", "type": "numeric"}, "5,000")
    5000.0
    """
    text = text.strip()
    if not text:
        return float("nan") if column["type"] == "numeric" else None
    return _READERS.get(column["type"], _level)(column, text)


def _number(column: Mapping[str, Any], text: str) -> float:
    try:
        number = float(text.replace(",", "").replace("−", "-"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(NO_NUMBER, column=column["name"], value=text)
    return number


def _date(column: Mapping[str, Any], text: str) -> object:
    found = pd.to_datetime(text, errors="coerce")
    if pd.isna(found):
        raise BadInput(NO_DATE, column=column["name"], value=text)
    return found


def _flag(column: Mapping[str, Any], text: str) -> object:
    if meaning_of(text) is None and text not in _levels(column):
        raise BadInput(NO_FLAG, column=column["name"], value=text)
    return text


def _level(column: Mapping[str, Any], text: str) -> object:
    known = _levels(column)
    if known and text not in known:
        shown = ", ".join(known[:LEVELS_TOLD]) + (" …" if len(known) > LEVELS_TOLD else "")
        raise BadInput(NO_LEVEL, column=column["name"], value=text, known=shown)
    return text


def _levels(column: Mapping[str, Any]) -> list[str]:
    return [text for level in column.get("levels") or () if (text := level_text(level)) is not None]


def _dtype(kind: str) -> Any:
    return {"numeric": "float64", "date": "datetime64[ns]"}.get(kind, object)


def _unknown(name: str, known: Sequence[str]) -> BadInput:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return BadInput(NOT_OF_MODEL_BUT, column=name, near=near[0]) if near else BadInput(NOT_OF_MODEL, column=name)


_READERS = {"numeric": _number, "date": _date, "boolean": _flag}
