"""Small rules that stood in several places have one home, and everybody asks there."""

import os

import numpy as np
import pandas as pd
import pytest

from experiments import learners, processor
from experiments.artifact import model as artifact
from experiments.data.splitting.given_parts import read_parts
from experiments.data.target import read_target
from experiments.data.values import is_yes_no
from experiments.explanation.values import value_text
from experiments.features.levels import as_flags
from experiments.labels import label_of, words_for
from experiments.search.run import Run
from experiments.spec import SearchBudget
from experiments.spec.question import NAMED_LEARNERS
from experiments.yes_no import PAIRS, is_ticked, meaning_of


@pytest.fixture
def container(tmp_path, monkeypatch):
    """Give this process 64 cores, of which a container grants what its files say."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))
    for name in ("QUOTA", "EARLIER_QUOTA", "EARLIER_PERIOD"):
        monkeypatch.setattr(processor, name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 64),
        ({"QUOTA": "150000 100000\n"}, 2),
        ({"QUOTA": "50000 100000\n"}, 1),
        ({"QUOTA": "max 100000\n"}, 64),
        ({"EARLIER_QUOTA": "300000\n", "EARLIER_PERIOD": "100000\n"}, 3),
        ({"EARLIER_QUOTA": "-1\n", "EARLIER_PERIOD": "100000\n"}, 64),
    ],
)
def test_a_container_says_how_many_cores_a_run_and_a_scoring_may_use(files, expected, container):
    for name, text in files.items():
        (container / name).write_text(text)

    assert processor.cores() == expected
    assert Run.begun(SearchBudget(60), lambda event: None).workers.threads == expected
    assert artifact._threads_for(10**9) == expected


@pytest.mark.parametrize("pair", PAIRS)
def test_a_pair_of_words_for_yes_and_no_means_the_same_to_every_reader(pair):
    cells = pd.Series(pair * 3, dtype=object)

    assert [meaning_of(word.upper()) for word in pair] == [is_ticked(word) for word in pair] == [True, False]
    assert is_yes_no(pair) == (pair != ("1", "0"))
    assert as_flags(cells)[0].tolist() == [1.0, 0.0] * 3
    assert read_target(cells, pair[0])[0].tolist() == [1.0, 0.0] * 3
    assert read_parts(cells, "is_train", np.arange(6)).tolist() == [0, 2] * 3
    assert [value_text(word, "boolean", "zh-hans") for word in pair] == ["是", "否"]


def test_a_column_is_called_by_its_word_in_the_other_language_before_its_bare_name():
    labels = {"bal": {"zh": "余额"}, "age": {"en": "Age", "zh": "年龄"}, "rate": {"reason_en": "Dear."}}

    assert [label_of(name, labels, "en") for name in ("age", "bal", "rate", "x")] == ["Age", "余额", "rate", "x"]
    assert label_of("age", labels, "zh-hans") == "年龄"
    assert words_for("rate", labels, None) == ""


def test_the_families_that_can_be_asked_for_are_those_there_are():
    assert set(NAMED_LEARNERS) == set(learners.LEARNERS)
