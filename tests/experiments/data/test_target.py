"""The target is read as a person means it."""

import numpy as np
import pandas as pd
import pytest

from experiments.data.target import read_target, spellings_of, told_event, value_text
from experiments.errors import BadInput


def test_the_rarer_value_is_the_event_unless_one_is_named():
    answers = pd.Series(["no", "no", "yes", None], name="y")
    y, event = read_target(answers)
    assert event == "yes"
    np.testing.assert_array_equal(y, [0, 0, 1, np.nan])
    assert read_target(answers, "no")[1] == "no"


def test_a_tie_goes_to_the_later_word():
    assert read_target(pd.Series([0, 1]))[1] == "1"


@pytest.mark.parametrize("event", ["1", "1.0", " 1 "])
def test_numbers_are_matched_however_written(event):
    y, found = read_target(pd.Series([0.0, 1.0, np.nan]), event)
    assert found == "1"
    np.testing.assert_array_equal(y, [0, 1, np.nan])


def test_words_are_matched_whatever_the_case():
    assert read_target(pd.Series(["Yes", "No"]), "yes")[1] == "Yes"


def test_values_are_spelled_as_a_person_would():
    spelled = value_text(pd.Series([1.0, 0.5, None], dtype=object))
    assert spelled.tolist()[:2] == ["1", "0.5"]
    assert value_text(pd.Series([True, False])).tolist() == ["true", "false"]


@pytest.mark.parametrize(
    ("words", "event"),
    [
        (["Yes", "YES", "no", "no", "No "], "YES"),
        (["y", "Y", "Y", "N", "n", "n", "n"], "Y"),
        (["ｙｅｓ", "yes", "NO", "no", "No"], "yes"),
        (["TRUE", "TRUE", "true", "1", "0", "false", "0", "0", "0"], "TRUE"),
        (["是", "是", "Y", "1", "否", "N", "0", "无", "否"], "是"),
        (["Charged  off", "charged off", "Paid", "paid", "PAID "], "Charged  off"),
        (["1", "1.0", "0", "0.0", "0"], "1"),
        (["\u200b坏", "坏", "好", "好", "好\u3000"], "坏"),
    ],
)
def test_spellings_of_one_word_are_one_value(words, event):
    y, found = read_target(pd.Series(words, name="bad"))
    named, _ = read_target(pd.Series(words, name="bad"), words[0])
    assert found == event
    rarer = [index < len(words) - y.tolist().count(0) for index in range(len(words))]
    np.testing.assert_array_equal(y, np.array(rarer, dtype=float))
    np.testing.assert_array_equal(named, y)


def test_two_words_that_both_say_yes_stay_two_values():
    assert read_target(pd.Series(["Y", "1", "1"]))[1] == "Y"


def test_three_words_are_three_values_however_they_are_spelled():
    with pytest.raises(BadInput, match=r"has 3 different values \(maybe, no, yes\)"):
        read_target(pd.Series(["yes", "YES", "yes", "no", "maybe"], name="bad"))


def test_an_event_is_found_in_all_its_spellings():
    assert spellings_of("yes", ["Yes", "YES", "no"]) == {"Yes", "YES"}
    assert spellings_of("TRUE", ["TRUE", "1", "0"]) == {"TRUE", "1"}
    assert spellings_of("maybe", ["yes", "no"]) == set()


@pytest.mark.parametrize(
    ("words", "asked", "sentences"),
    [
        (
            ["Yes", "YES", "no", "no", "no"], None,
            ["The event is YES in bad, the rarer value: 2 of 5 rows. The other value is no.",
             "In bad, YES, Yes are read as one value."],
        ),
        (["yes", "no"], "no", ["The event is no in bad, as asked: 1 of 2 rows. The other value is yes."]),
        (
            [0, 1], None,
            ["The event is taken to be 1 in bad, although 0 is just as frequent (1 each). If the event is 0, say so."],
        ),
    ],
)  # fmt: skip
def test_which_value_is_the_event_and_why_is_told(words, asked, sentences):
    told = told_event(pd.Series(words, name="bad"), asked)
    assert [each["message"] % each["params"] for each in told] == sentences
