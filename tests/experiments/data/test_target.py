"""The target is read as a person means it."""

import numpy as np
import pandas as pd
import pytest

from experiments.data.target import read_target, value_text


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
