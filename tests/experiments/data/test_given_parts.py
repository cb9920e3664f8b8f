"""A column that names the parts is read in English, Chinese and numbers, and refused where it can mean two things."""

import numpy as np
import pandas as pd
import pytest

from experiments.data.splitting.given_parts import NO_PART, TEST, TRAIN, VALIDATION, name_parts, read_parts
from experiments.errors import BadInput


def parts(values: list[object], name: str = "part") -> list[int]:
    return read_parts(pd.Series(values), name, np.arange(len(values))).tolist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["train", "valid", "test"], [TRAIN, VALIDATION, TEST]),
        (["Training Set", "VAL", "Hold-out"], [TRAIN, VALIDATION, TEST]),
        (["DEV", "DEV", "OOT"], [TRAIN, TRAIN, TEST]),
        (["train", "dev", "test"], [TRAIN, VALIDATION, TEST]),
        (["train", "test", "out_of_time"], [TRAIN, VALIDATION, TEST]),
        (["训练集", "验证集", "测试集"], [TRAIN, VALIDATION, TEST]),
        (["建模样本", "跨期样本", "建模样本"], [TRAIN, TEST, TRAIN]),
        (["训练", "测试", "跨时间"], [TRAIN, VALIDATION, TEST]),
        (["train", None, "test"], [TRAIN, NO_PART, TEST]),
        ([0, 1, 2], [TRAIN, VALIDATION, TEST]),
        ([1, 2, 3], [TRAIN, VALIDATION, TEST]),
        ([0, 0, 1], [TRAIN, TRAIN, TEST]),
        ([1.0, 1.0, 2.0], [TRAIN, TRAIN, TEST]),
        (["0", "", "1"], [TRAIN, NO_PART, TEST]),
        (["Train", "Test", "OOT"], [TRAIN, VALIDATION, TEST]),
        (["ＴＲＡＩＮ", "ＴＥＳＴ", "ＯＯＴ"], [TRAIN, VALIDATION, TEST]),
        (["INS", "OOS", "OOT"], [TRAIN, VALIDATION, TEST]),
        (["dev", "val", "hold-out"], [TRAIN, VALIDATION, TEST]),
        (["Dev sample", "Hold-out sample", "Out of time validation"], [TRAIN, VALIDATION, TEST]),
        (["in-sample", "out-of-sample"], [TRAIN, TEST]),
        (["1_train", "2_valid", "3_oot"], [TRAIN, VALIDATION, TEST]),
        (["开发样本", "验证样本", "OOT样本"], [TRAIN, VALIDATION, TEST]),
        (["训练集", "测试集", "跨时间验证集"], [TRAIN, VALIDATION, TEST]),
        (["样本内", "样本外", "时间外"], [TRAIN, VALIDATION, TEST]),
        (["train", "OOT1", "OOT2"], [TRAIN, TEST, TEST]),
        (["train", "valid", "test", "oot"], [TRAIN, VALIDATION, VALIDATION, TEST]),
    ],
)
def test_common_words_and_numbers_are_understood(values, expected):
    assert parts(values) == expected


def test_rows_for_validation_are_the_test_where_there_is_no_other():
    assert parts(["train", "train", "valid"]) == [TRAIN, TRAIN, TEST]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("is_train", [TEST, TRAIN]), ("训练标志", [TEST, TRAIN]), ("is_test", [TRAIN, TEST]), ("oot", [TRAIN, TEST])],
)
def test_a_yes_or_no_is_read_by_the_name_of_its_column(name, expected):
    assert parts([False, True], name) == expected
    assert parts([0, 1], name) == expected
    assert parts(["否", "是"], name) == expected


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["Train", "Blue"], "The column part holds Blue, which means neither training, validation nor test."),
        ([0, 1, 2, 3, 4], "The column part holds 5 different values, but a split has two or three parts."),
        ([3, 7], "The column part holds 7, which means neither"),
        (["0", "9" * 5_000], "The column part holds 0, which means neither"),
        ([0, 1, 1], "it is not clear whether 0 or 1 means training"),
        (["train", "train"], r"The column part puts all labelled rows into one part \(train\)"),
        (["valid", "test"], "The column part marks no labelled row for training. Its values are: valid, test."),
        ([None, None], "The column part marks no labelled row for training"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(values, sentence):
    with pytest.raises(BadInput, match=sentence):
        parts(values)


def test_rows_without_an_outcome_do_not_make_a_part():
    with pytest.raises(BadInput, match="one part"):
        read_parts(pd.Series(["train", "train", "test"]), "part", np.array([0, 1]))


def test_words_without_any_outcome_name_no_part_and_are_told():
    told = []
    column = pd.Series(["train", "test", "OOT", "OOT", "reject"])
    found = read_parts(column, "part", np.arange(2), note=lambda message, **params: told.append(message % params))
    assert found.tolist() == [TRAIN, TEST, NO_PART, NO_PART, NO_PART]
    assert told == [
        "part is OOT in 2 rows, none with a target value; they are left out.",
        "part is reject in 1 rows, none with a target value; they are left out.",
    ]


def test_a_column_names_parts_only_with_training_among_them():
    assert name_parts(["建模样本", "跨期样本"])
    assert name_parts(["INS", "OOS", "OOT"])
    assert not name_parts(["test", "holdout"])
    assert not name_parts(["train"])
    assert not name_parts(["0", "1"])
