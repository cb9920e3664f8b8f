"""Two scores of the same rows are set against each other group by group, with Holm's correction."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.delong import delong_difference
from experiments.evaluation.paired_segments import compare_segments

ROWS = 6_000


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(5)
    y = (random.random(ROWS) < 0.25).astype(float)
    frame = pd.DataFrame({"sex": random.choice(["f", "m"], ROWS), "age": random.normal(45, 12, ROWS)})
    return y, y + random.normal(size=ROWS), frame


def told(found, column, label):
    return next(each for each in found if (each["column"], each["label"]) == (column, label))


def test_a_group_ranked_worse_is_found_and_the_others_are_not(rows):
    y, good, frame = rows
    worse = np.where(frame["sex"] == "f", np.random.default_rng(1).permutation(good), good)

    found = compare_segments(y, worse, second=good, frame=frame)

    assert (told(found, "sex", "f")["auc"]["verdict"], told(found, "sex", "m")["auc"]["verdict"]) == ("worse", "alike")
    assert found[0]["auc"]["verdict"] == "worse"
    is_f = (frame["sex"] == "f").to_numpy()
    plain = delong_difference(y[is_f], worse[is_f], second=good[is_f])
    assert told(found, "sex", "f")["auc"]["difference"] == pytest.approx(plain.value)


def test_a_group_that_is_chosen_more_often_is_told_with_both_shares(rows):
    y, good, frame = rows
    pushed = good + np.where(frame["sex"] == "m", 1.0, 0.0)

    found = compare_segments(y, pushed, second=good, frame=frame, contact_share=0.2)

    men = told(found, "sex", "m")["chosen"]
    assert (men["verdict"], told(found, "sex", "f")["chosen"]["verdict"]) == ("more", "fewer")
    top = np.argsort(-pushed)[: ROWS // 5]
    is_m = (frame["sex"] == "m").to_numpy()
    assert men["first"] == pytest.approx(is_m[top].sum() / is_m.sum(), abs=1e-3)


def test_two_equal_scores_differ_in_no_group(rows):
    y, good, frame = rows
    found = compare_segments(y, good, second=good, frame=frame)
    assert {each["auc"]["verdict"] for each in found} == {"alike"}
    assert {each["chosen"]["verdict"] for each in found} == {"alike"}


def test_of_many_groups_without_a_difference_hardly_one_is_called_different():
    random = np.random.default_rng(8)
    alarms = 0
    for _ in range(30):
        y = (random.random(2_000) < 0.3).astype(float)
        one, two = (y + random.normal(size=2_000) for _ in range(2))
        frame = pd.DataFrame({f"g{n}": random.choice(list("abcd"), 2_000) for n in range(5)})
        found = compare_segments(y, one, second=two, frame=frame)
        alarms += any(each["auc"]["verdict"] in ("better", "worse") for each in found)
    assert alarms <= 4


def test_groups_of_few_events_are_left_out(rows):
    y, good, _frame = rows
    few = pd.DataFrame({"branch": np.where(np.arange(ROWS) < 20, "tiny", "large")})
    assert [each["label"] for each in compare_segments(y, good, second=good, frame=few)] == ["large"]
