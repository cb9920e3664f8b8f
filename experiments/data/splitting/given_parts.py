"""Reads a column that already says which rows train, which validate and which are set aside."""

import re
import unicodedata
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from experiments.errors import BadInput, gettext_noop
from experiments.yes_no import NO, YES

NO_PART, TRAIN, VALIDATION, TEST = -1, 0, 1, 2
VALUES_SHOWN = 8
# Python makes no number of thousands of digits.
MOST_DIGITS = 30

NO_SPLIT_COLUMN = gettext_noop(
    "A split given by a column needs that column: name the one that says which rows are for training and which are "
    "held out."
)
PART_NOT_UNDERSTOOD = gettext_noop(
    "The column %(column)s holds %(value)s, which means neither training, validation nor test. Its values are: "
    "%(values)s. Write train, validation and test instead."
)
TOO_MANY_PARTS = gettext_noop(
    "The column %(column)s holds %(count)s different values, but a split has two or three parts. Write train, "
    "validation and test instead."
)
ONE_PART = gettext_noop(
    "The column %(column)s puts all labelled rows into one part (%(value)s). Mark some rows as test, or choose "
    "another scheme."
)
WHICH_IS_TRAINING = gettext_noop(
    "In the column %(column)s it is not clear whether %(first)s or %(second)s means training: the names do not "
    "say, and the smaller part comes first. Write train and test instead."
)
NO_TRAINING = gettext_noop("The column %(column)s marks no labelled row for training. Its values are: %(values)s.")

NO_OUTCOME_IN_PART = gettext_noop(
    "%(column)s is %(value)s in %(count)s rows, none with a target value; they are left out."
)

_TRAIN = frozenset(
    {"train", "training", "trn", "build", "insample", "ins", "intime", "development", "model", "modeling", "modelling"}
    | {"fit", "训练", "建模", "开发", "模型开发", "样本内", "时间内", "拟合"}
)
# In a bank "dev" is the development sample; beside a part called "train" it is the one to validate on.
_DEVELOPMENT = frozenset({"dev"})
_VALIDATION = frozenset(
    {"validation", "valid", "val", "vld", "validate", "eval", "evaluation", "tune", "tuning"}
    | {"验证", "校验", "评估", "调参", "内部验证"}
)
_TEST = frozenset({"test", "testing", "tst", "测试", "检验"})
_SET_ASIDE = frozenset(
    {"oos", "outofsample", "hold", "holdout", "heldout", "unseen", "blind"}
    | {"留出", "保留", "样本外", "样本外验证", "样本外测试", "盲测", "外部验证"}
)
_OUT_OF_TIME = frozenset(
    {"oot", "ott", "outoftime", "outtime", "backtest"} | {"跨期", "跨时间", "跨时间窗", "时间外", "外推", "回测"}
)
# Of the parts a table names, the strongest word is the test, and weaker ones are there to validate on.
_WEAK_TO_STRONG = (_VALIDATION | _DEVELOPMENT, _TEST, _SET_ASIDE, _OUT_OF_TIME)
_UNSEEN = _SET_ASIDE | _OUT_OF_TIME
_KNOWN = _TRAIN.union(*_WEAK_TO_STRONG)
_SUFFIX = re.compile(r"(datasets?|sets?|samples?|data|part|split|集|样本|数据|组|部分)$")
_OF_OUT_OF_TIME = re.compile(r"(validation|valid|val|test|testing|验证|测试|检验)$")


def _say_nothing(message: str, **params: object) -> None:
    """Note of a caller that shows none."""


def read_parts(
    column: pd.Series, name: str, labelled: np.ndarray, *, note: Callable[..., None] = _say_nothing
) -> np.ndarray:
    """Return the part of each row: ``TRAIN``, ``VALIDATION``, ``TEST`` or, for an empty cell, ``NO_PART``.

    Words in English and Chinese are read, and numbers in their order (0 and 1: training and test; 0, 1, 2 or 1, 2, 3:
    training, validation, test). A yes/no column is read by its name: ``is_train`` or ``is_test``. Beside a part called
    out of time, ``test`` is the part to validate on, as banks name their samples. Without any test rows, those
    for validation are the test. A word that only stands beside unknown outcomes, such as rejects, names no part.

    Parameters
    ----------
    column : what the table says, one cell a row. labelled : positions of the rows whose outcome is known.
    note : told ``(message, **params)`` of a word whose rows carry no outcome.

    Raises
    ------
    BadInput : a value cannot be understood, or all labelled rows are in one part.
    """
    words = _words_of(column)
    codes, values = pd.factorize(words, use_na_sentinel=True)
    sizes = np.bincount(codes[labelled][codes[labelled] >= 0], minlength=len(values))
    written = _as_written(column, codes)
    values = [str(value) for value in values]
    if len(values) == 0:
        raise BadInput(NO_TRAINING, column=name, values="–")
    part_of = _by_number(values, sizes, name) or _by_word(_with_outcome(values, sizes), name, written)
    parts = np.where(codes < 0, NO_PART, np.array([part_of.get(value, NO_PART) for value in values])[codes])
    found = set(parts[labelled].tolist()) - {NO_PART}
    if TRAIN not in found:
        raise BadInput(NO_TRAINING, column=name, values=_shown(list(written.values())))
    if len(found) < 2:
        raise BadInput(ONE_PART, column=name, value=written[values[int(np.argmax(sizes))]])
    for value, size, rows in zip(values, sizes, np.bincount(codes[codes >= 0]), strict=True):
        if not size:
            note(NO_OUTCOME_IN_PART, column=name, value=written[value], count=int(rows))
    return np.where(parts == VALIDATION, TEST, parts) if TEST not in found else parts


def name_parts(words: Iterable[str]) -> bool:
    """Return whether the values of a column are words for the parts of a sample, training among them.

    Examples
    --------
    >>> name_parts(["Train", "OOT"]), name_parts(["test", "holdout"]), name_parts(["A", "B"])
    (True, False, False)
    """
    values = sorted({word for word in map(_word, words) if word})
    try:
        parts = set(_by_word(values, "", dict(zip(values, values, strict=True))).values())
    except BadInput:
        return False
    return TRAIN in parts and len(parts) > 1


def _with_outcome(values: list[str], sizes: np.ndarray) -> list[str]:
    return [value for value, size in zip(values, sizes, strict=True) if size]


def _words_of(column: pd.Series) -> pd.Series:
    """Return each cell as one plain word, empty ones as None."""
    known = {cell: _word(cell) for cell in column.dropna().unique()}
    return column.map(known).astype(object).where(column.notna(), None)


def _word(cell: object) -> str | None:
    """Return a cell as one plain word: ``Out-of-time`` → ``outoftime``, ``1.0`` → ``1``, ``2_训练集`` → ``训练``."""
    text = re.sub(r"\.0+$", "", unicodedata.normalize("NFKC", str(cell)).strip().casefold())
    word = re.sub(r"[\s_\-./、:()]+", "", text)
    if not word.isdecimal():
        word = re.sub(r"^\d+|\d+$", "", word)
    while word not in _KNOWN and (shorter := _SUFFIX.sub("", word)) and shorter != word:
        word = shorter
    plain = _OF_OUT_OF_TIME.sub("", word)
    return (plain if plain in _OUT_OF_TIME else word) or None


def _as_written(column: pd.Series, codes: np.ndarray) -> dict[str, str]:
    """Return ``{word: how the table first writes it}``."""
    found, first = np.unique(codes, return_index=True)
    return {str(_word(column.iloc[at])): str(column.iloc[at]).strip() for at in first[found >= 0]}


def _by_number(values: list[str], sizes: np.ndarray, name: str) -> dict[str, int] | None:
    """Read yes/no by the column's name and up to three numbers in a row by their order; None for anything else."""
    if len(values) <= 2 and all(value in YES | NO for value in values):
        return _by_flag(values, sizes, name)
    if not all(value.isdecimal() and len(value) <= MOST_DIGITS for value in values):
        return None
    if len(values) > 3:
        raise BadInput(TOO_MANY_PARTS, column=name, count=len(values))
    ordered = sorted(values, key=int)
    if int(ordered[0]) > 1 or int(ordered[-1]) - int(ordered[0]) != len(ordered) - 1:
        raise BadInput(PART_NOT_UNDERSTOOD, column=name, value=ordered[-1], values=_shown(ordered))
    parts = (TRAIN, VALIDATION, TEST) if len(ordered) == 3 else (TRAIN, TEST)
    if len(ordered) == 2:
        _require_larger_first(ordered, [sizes[values.index(value)] for value in ordered], name)
    return dict(zip(ordered, parts, strict=False))


def _by_flag(values: list[str], sizes: np.ndarray, name: str) -> dict[str, int]:
    is_train, is_test = _speaks_of(name, _TRAIN | _DEVELOPMENT), _speaks_of(name, _VALIDATION | _TEST | _UNSEEN)
    if is_train == is_test:
        ordered = sorted(values, key=lambda value: value in YES)
        _require_larger_first(ordered, [sizes[values.index(value)] for value in ordered], name)
    yes, no = (TRAIN, TEST) if is_train and not is_test else (TEST, TRAIN)
    return {value: yes if value in YES else no for value in values}


def _require_larger_first(ordered: list[str], sizes: list[int], name: str) -> None:
    if len(ordered) == 2 and sizes[0] < sizes[1]:
        raise BadInput(WHICH_IS_TRAINING, column=name, first=ordered[0], second=ordered[1])


def _speaks_of(name: str, words: Iterable[str]) -> bool:
    told = re.split(r"[\s_\-./]+", name.casefold())
    return any(word in told or (not word.isascii() and word in name) for word in words)


def _by_word(values: list[str], name: str, written: dict[str, str]) -> dict[str, int]:
    has_train = any(value in _TRAIN for value in values)
    strength = {value: _strength(value, has_train) for value in values}
    for value, found in strength.items():
        if found is None:
            raise BadInput(
                PART_NOT_UNDERSTOOD, column=name, value=written[value], values=_shown(list(written.values()))
            )
    strongest = max((found for found in strength.values() if found is not None), default=0)
    return {
        value: TRAIN if not found else TEST if found == strongest else VALIDATION for value, found in strength.items()
    }


def _strength(word: str, has_train: bool) -> int | None:
    """Return 0 for training, more the farther a part is from it, and None for a word that names none."""
    if word in _TRAIN or (word in _DEVELOPMENT and not has_train):
        return 0
    return next((place for place, words in enumerate(_WEAK_TO_STRONG, start=1) if word in words), None)


def _shown(values: list[str]) -> str:
    more = ["…"] if len(values) > VALUES_SHOWN else []
    return ", ".join(values[:VALUES_SHOWN] + more)
