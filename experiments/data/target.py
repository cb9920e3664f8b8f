"""Reads the target column: which rows are events, which are not, and which carry no answer."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import BadInput, gettext_noop
from experiments.yes_no import NO, YES

__all__ = ["one_value_each", "plain_word", "read_target", "spellings_of", "told_event", "values_of"]

NAMED_VALUES = 6
# Beyond so many values a column is no target, however they are written.
MOST_SPELLINGS = 1_000
UNSEEN_SPACE = dict.fromkeys(map(ord, "\ufeff\u200b"), "")

ALL_MISSING = gettext_noop(
    "The target column %(column)s is empty. Choose a column that says for each customer whether the event happened."
)
ONE_VALUE = gettext_noop(
    "The target column %(column)s has only one value, %(value)s. A model needs rows with the event and rows without: "
    "choose another column, or a file that holds both."
)
MANY_VALUES = gettext_noop(
    "The target column %(column)s has %(count)s different values (%(values)s). It must have exactly two, such as "
    "yes and no: choose another column, or leave out or merge values before uploading."
)
UNKNOWN_EVENT = gettext_noop(
    "The target column %(column)s has no value %(event)s. Its values are %(values)s: choose one of them as the event."
)

EVENT_AS_ASKED = gettext_noop(
    "The event is %(event)s in %(column)s, as asked: %(events)s of %(rows)s rows. The other value is %(other)s."
)
EVENT_IS_RARER = gettext_noop(
    "The event is %(event)s in %(column)s, the rarer value: %(events)s of %(rows)s rows. The other value is %(other)s."
)
EVENT_BY_ORDER = gettext_noop(
    "The event is taken to be %(event)s in %(column)s, although %(other)s is just as frequent (%(events)s each). "
    "If the event is %(other)s, say so."
)
READ_AS_ONE = gettext_noop("In %(column)s, %(values)s are read as one value.")


def plain_word(text: str) -> str:
    """Return the word that a cell holds, whatever its case, width and spaces; a number as it is usually written.

    Parameters
    ----------
    text : of a cell.

    Returns
    -------
    str

    Examples
    --------
    >>> [plain_word(text) for text in (" YES", "Ｙｅｓ", "Charged  Off", "1.0", "０")]
    ['yes', 'yes', 'charged off', '1', '0']
    """
    word = " ".join(unicodedata.normalize("NFKC", text).translate(UNSEEN_SPACE).split()).casefold()
    return _spell_number(word)


def one_value_each(counts: Mapping[str, int]) -> dict[str, str]:
    """Return for each spelling of a value the most frequent one that means the same.

    Spellings of one word are one value. Where more than two are left and all of them say yes or no (Y, 是, 1, TRUE …),
    those that say yes are one value, too.

    Parameters
    ----------
    counts : rows by spelling.

    Returns
    -------
    dict
        By spelling.

    Examples
    --------
    >>> one_value_each({"Yes": 5, "YES": 2, "no": 9})
    {'Yes': 'Yes', 'YES': 'Yes', 'no': 'no'}
    >>> one_value_each({"TRUE": 3, "true": 2, "1": 1, "0": 9})
    {'TRUE': 'TRUE', 'true': 'TRUE', '1': 'TRUE', '0': '0'}
    """
    if len(counts) > MOST_SPELLINGS:
        return {text: text for text in counts}
    words = {text: plain_word(text) for text in counts}
    distinct = set(words.values())
    if len(distinct) > 2 and distinct <= YES | NO:
        words = {text: "yes" if word in YES else "no" for text, word in words.items()}
    usual: dict[str, str] = {}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        usual.setdefault(words[text], text)
    return {text: usual[word] for text, word in words.items()}


def values_of(counts: Mapping[str, int]) -> list[str]:
    """Return the values that are left when spellings of one word count as one, as first written in ``counts``.

    Parameters
    ----------
    counts : rows by spelling.

    Returns
    -------
    list of str

    Examples
    --------
    >>> values_of({"Yes": 5, "YES": 2, "no": 9})
    ['Yes', 'no']
    """
    return list(dict.fromkeys(one_value_each(counts).values()))


def spellings_of(event: str, texts: Iterable[str]) -> set[str]:
    """Return those of a column's texts that mean the event.

    Parameters
    ----------
    event : the value that is meant. texts : of the column.

    Returns
    -------
    set of str

    Examples
    --------
    >>> sorted(spellings_of("yes", ["Yes", "YES", "no"]))
    ['YES', 'Yes']
    """
    same = one_value_each(dict.fromkeys(texts, 1))
    meant = {same[text] for text in same if text == event} or {
        same[text] for text in same if plain_word(text) == plain_word(event)
    }
    return {text for text, usual in same.items() if usual in meant}


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
    return str(value).translate(UNSEEN_SPACE).strip()


def read_target(series: pd.Series, event: str | None = None) -> tuple[np.ndarray, str]:
    """Turn a target column into 1 (event), 0 (no event) and NaN (no answer: the row is left out of training).

    Parameters
    ----------
    series : the target column, of any type, one value a row; spellings of one word (Yes, YES, yes) are one value.
    event : the value that counts as the event, as text; the rarer of the two when ``None``.

    Returns
    -------
    y : float array of the series' length, and the event's value as text.

    Raises
    ------
    BadInput : no value at all, one value, more than two values, or an event that is not among them.

    Examples
    --------
    >>> y, event = read_target(pd.Series(["yes", "no", "No", None]))
    >>> y.tolist(), event
    ([1.0, 0.0, 0.0, nan], 'yes')
    """
    texts, same = _spelled_alike(series)
    counts = texts.value_counts()
    column = str(series.name)
    values = [str(value) for value in counts.index]
    if not values:
        raise BadInput(ALL_MISSING, column=column)
    if len(values) == 1:
        raise BadInput(ONE_VALUE, column=column, value=values[0])
    if len(values) > 2:
        raise BadInput(MANY_VALUES, column=column, count=len(values), values=_name_some(values))
    chosen = _rarer(counts) if event is None else _match_event(event, same, column)
    y = np.where(texts.isna(), np.nan, (texts == chosen).to_numpy(dtype=float))
    return y.astype(float), chosen


def told_event(series: pd.Series, asked: str | None = None) -> list[dict[str, Any]]:
    """Return as ``{"message", "params"}`` which value is the event and why, and which spellings were read as one.

    Parameters
    ----------
    series : the target column. asked : the event that somebody named.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> told_event(pd.Series(["yes", "no", "no"]))[0]["params"]["event"]
    'yes'
    """
    texts, same = _spelled_alike(series)
    counts = texts.value_counts()
    _, event = read_target(series, asked)
    (other,) = (str(value) for value in counts.index if value != event)
    message = EVENT_AS_ASKED if asked else EVENT_BY_ORDER if counts[event] == counts[other] else EVENT_IS_RARER
    params = {
        "event": event, "other": other, "column": str(series.name), "events": int(counts[event]),
        "rows": int(counts.sum()),
    }  # fmt: skip
    found = [{"message": message, "params": params}]
    for value in (event, other):
        spellings = sorted(text for text, usual in same.items() if usual == value)
        if len(spellings) > 1:
            found.append(
                {"message": READ_AS_ONE, "params": {"column": str(series.name), "values": _name_some(spellings)}}
            )
    return found


def _spelled_alike(series: pd.Series) -> tuple[pd.Series, dict[str, str]]:
    """Return the values as text, each as it is most often written, and ``{spelling: most frequent one}``."""
    texts = value_text(series)
    same = one_value_each({str(text): int(count) for text, count in texts.value_counts().items()})
    if all(text == usual for text, usual in same.items()):
        return texts, same
    return texts.map(same, na_action="ignore").astype(object), same


def _rarer(counts: pd.Series) -> str:
    # On a tie the later in the alphabet: 1 before 0, yes before no.
    return max(counts.index, key=lambda value: (-counts[value], plain_word(str(value)), str(value)))


def _match_event(event: str, same: dict[str, str], column: str) -> str:
    if event.strip() in same:
        return same[event.strip()]
    wanted = plain_word(event)
    for text, usual in same.items():
        if plain_word(text) == wanted:
            return usual
    raise BadInput(UNKNOWN_EVENT, column=column, event=event, values=_name_some(sorted(set(same.values()))))


def _spell_number(text: str) -> str:
    try:
        return _spell(float(text))
    except (ValueError, OverflowError):
        return str(text).strip()


def _name_some(values: list[str]) -> str:
    shown = ", ".join(sorted(values)[:NAMED_VALUES])
    return shown if len(values) <= NAMED_VALUES else shown + ", …"
