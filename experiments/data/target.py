"""Reads the target column: which rows are events, which are not, and which carry no answer."""

import numpy as np
import pandas as pd

from experiments.errors import BadInput, gettext_noop

NAMED_VALUES = 6

ALL_MISSING = gettext_noop(
    "The target column %(column)s has no value in any row. Choose a column that says for each customer whether "
    "the event happened."
)
ONE_VALUE = gettext_noop(
    "The target column %(column)s has only one value, %(value)s. A model needs rows with the event and rows without: "
    "choose another column, or a file that holds both."
)
MANY_VALUES = gettext_noop(
    "The target column %(column)s has %(count)s different values (%(values)s). It must have exactly two, such as yes "
    "and no: choose another column, or leave out or merge the values in between before uploading."
)
UNKNOWN_EVENT = gettext_noop(
    "The target column %(column)s has no value %(event)s. Its values are %(values)s: choose one of them as the event."
)


def value_text(series: pd.Series) -> pd.Series:
    """Return values as a person would write them (``1.0`` as ``1``); missing stays missing.

    Examples
    --------
    >>> value_text(pd.Series([1.0, None, 0.5])).tolist()
    ['1', nan, '0.5']
    """
    present = series.notna()
    texts = pd.Series(np.nan, index=series.index, dtype=object)
    distinct = series[present].unique()
    spelled = {value: _spell(value) for value in distinct}
    texts[present] = series[present].map(spelled).astype(object)
    return texts.where(texts != "", np.nan)


def _spell(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def read_target(series: pd.Series, event: str | None = None) -> tuple[np.ndarray, str]:
    """Turn a target column into 1 (event), 0 (no event) and NaN (no answer: the row is left out of training).

    Parameters
    ----------
    series : the target column, of any type, one value a row.
    event : the value that counts as the event, as text; the rarer of the two when ``None``.

    Returns
    -------
    y : float array of the series' length, and the event's value as text.

    Raises
    ------
    BadInput : no value at all, one value, more than two values, or an event that is not among them.
    """
    texts = value_text(series)
    counts = texts.value_counts()
    column = str(series.name)
    values = [str(value) for value in counts.index]
    if not values:
        raise BadInput(ALL_MISSING, column=column)
    if len(values) == 1:
        raise BadInput(ONE_VALUE, column=column, value=values[0])
    if len(values) > 2:
        raise BadInput(MANY_VALUES, column=column, count=len(values), values=_name_some(values))
    chosen = _rarer(counts) if event is None else _match_event(event, values, column)
    y = np.where(texts.isna(), np.nan, (texts == chosen).to_numpy(dtype=float))
    return y.astype(float), chosen


def _rarer(counts: pd.Series) -> str:
    # On a tie the later in the alphabet: 1 before 0, yes before no.
    return max(counts.index, key=lambda value: (-counts[value], str(value)))


def _match_event(event: str, values: list[str], column: str) -> str:
    wanted = _spell_number(event)
    for same in (str.__eq__, lambda left, right: left.casefold() == right.casefold()):
        for value in values:
            if same(_spell_number(value), wanted):
                return value
    raise BadInput(UNKNOWN_EVENT, column=column, event=event, values=_name_some(values))


def _spell_number(text: str) -> str:
    try:
        return _spell(float(text))
    except (ValueError, OverflowError):
        return str(text).strip()


def _name_some(values: list[str]) -> str:
    shown = ", ".join(sorted(values)[:NAMED_VALUES])
    return shown if len(values) <= NAMED_VALUES else shown + ", …"
