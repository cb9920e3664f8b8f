"""Reads a column that already says which rows train, which validate and which are set aside."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from experiments.errors import BadInput, gettext_noop

NO_PART, TRAIN, VALIDATION, TEST = -1, 0, 1, 2
VALUES_SHOWN = 8

NO_SPLIT_COLUMN = gettext_noop(
    "A given split needs the column that says which rows are for training and which are set aside: name it."
)
PART_NOT_UNDERSTOOD = gettext_noop(
    "The column %(column)s holds %(value)s, which says neither training nor validation nor test. Its values are: "
    "%(values)s. Write train, validation and test there."
)
TOO_MANY_PARTS = gettext_noop(
    "The column %(column)s holds %(count)s different values; a split has two or three parts. Write train, validation "
    "and test there."
)
ONE_PART = gettext_noop(
    "The column %(column)s puts all labelled rows into one part (%(value)s). Mark some rows as test, or choose another "
    "validation scheme."
)
WHICH_IS_TRAINING = gettext_noop(
    "In the column %(column)s it is not clear whether %(first)s or %(second)s means training: the name does not tell, "
    "and the smaller part comes first. Write train and test there."
)
NO_TRAINING = gettext_noop("The column %(column)s marks no labelled row for training. Its values are: %(values)s.")

_TRAIN = frozenset(
    {"train", "training", "trn", "build", "insample", "ins", "development", "model", "训练", "建模", "开发", "样本内"}
)
# In a bank "dev" is the development sample; beside a part called "train" it is the one to validate on.
_DEVELOPMENT = frozenset({"dev"})
_VALIDATION = frozenset(
    {"validation", "valid", "val", "validate", "eval", "evaluation", "tune", "tuning", "验证", "校验"}
)
_TEST = frozenset({"test", "testing", "tst", "测试"})
_UNSEEN = frozenset(
    {"oot", "outoftime", "oos", "outofsample", "holdout", "heldout", "unseen"}
    | {"跨期", "跨时间", "时间外", "时间外验证", "留出", "外推", "样本外"}
)
_YES, _NO = ("1", "true", "yes", "y", "t", "是", "真"), ("0", "false", "no", "n", "f", "否", "假")


def read_parts(column: pd.Series, name: str, labelled: np.ndarray) -> np.ndarray:
    """Return the part of each row: ``TRAIN``, ``VALIDATION``, ``TEST`` or, for an empty cell, ``NO_PART``.

    Words in English and Chinese are read, and numbers in their order (0 and 1: training and test; 0, 1, 2 or 1, 2, 3:
    training, validation, test). A yes/no column is read by its name: ``is_train`` or ``is_test``. Beside a part called
    out of time, ``test`` is the part to validate on, as banks name their samples. Without any test rows, those
    for validation are the test.

    Parameters
    ----------
    column : what the table says, one cell a row. labelled : positions of the rows whose outcome is known.

    Raises
    ------
    BadInput : a value cannot be understood, or all labelled rows are in one part.
    """
    words = _words_of(column)
    codes, values = pd.factorize(words, use_na_sentinel=True)
    sizes = np.bincount(codes[labelled][codes[labelled] >= 0], minlength=len(values))
    values = [str(value) for value in values]
    if len(values) == 0:
        raise BadInput(NO_TRAINING, column=name, values="–")
    part_of = _by_number(values, sizes, name) or _by_word(values, name)
    parts = np.where(codes < 0, NO_PART, np.array([part_of[value] for value in values])[codes])
    found = set(parts[labelled].tolist()) - {NO_PART}
    if TRAIN not in found:
        raise BadInput(NO_TRAINING, column=name, values=_shown(values))
    if len(found) < 2:
        raise BadInput(ONE_PART, column=name, value=values[int(np.argmax(sizes))])
    return np.where(parts == VALIDATION, TEST, parts) if TEST not in found else parts


def _words_of(column: pd.Series) -> pd.Series:
    """Return each cell as one plain word: ``Out-of-time`` → ``outoftime``, ``1.0`` → ``1``, empty → None."""

    def word(cell: object) -> str | None:
        text = re.sub(r"\.0+$", "", str(cell).strip().casefold())
        return re.sub(r"(set|data|集|样本|数据)$", "", re.sub(r"[\s_\-./]+", "", text)) or None

    known = {cell: word(cell) for cell in column.dropna().unique()}
    return column.map(known).astype(object).where(column.notna(), None)


def _by_number(values: list[str], sizes: np.ndarray, name: str) -> dict[str, int] | None:
    """Read yes/no by the column's name and up to three numbers in a row by their order; None for anything else."""
    if len(values) <= 2 and all(value in _YES + _NO for value in values):
        return _by_flag(values, sizes, name)
    if not all(value.isdecimal() for value in values):
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
        ordered = sorted(values, key=lambda value: value in _YES)
        _require_larger_first(ordered, [sizes[values.index(value)] for value in ordered], name)
    yes, no = (TRAIN, TEST) if is_train and not is_test else (TEST, TRAIN)
    return {value: yes if value in _YES else no for value in values}


def _require_larger_first(ordered: list[str], sizes: list[int], name: str) -> None:
    if len(ordered) == 2 and sizes[0] < sizes[1]:
        raise BadInput(WHICH_IS_TRAINING, column=name, first=ordered[0], second=ordered[1])


def _speaks_of(name: str, words: Iterable[str]) -> bool:
    told = re.split(r"[\s_\-./]+", name.casefold())
    return any(word in told or (not word.isascii() and word in name) for word in words)


def _by_word(values: list[str], name: str) -> dict[str, int]:
    part_of = {}
    has_train = any(value in _TRAIN for value in values)
    has_unseen = any(value in _UNSEEN for value in values)
    for value in values:
        if value in _TRAIN or (value in _DEVELOPMENT and not has_train):
            part_of[value] = TRAIN
        elif value in _VALIDATION or value in _DEVELOPMENT or (value in _TEST and has_unseen):
            part_of[value] = VALIDATION
        elif value in _TEST or value in _UNSEEN:
            part_of[value] = TEST
        else:
            raise BadInput(PART_NOT_UNDERSTOOD, column=name, value=value, values=_shown(values))
    return part_of


def _shown(values: list[str]) -> str:
    more = ["…"] if len(values) > VALUES_SHOWN else []
    return ", ".join(values[:VALUES_SHOWN] + more)
