"""Which settings the results of a search hang on."""

import numpy as np
import pytest

from experiments.search.setting_importance import importance_of_settings


def trials(count: int = 60) -> list[tuple[str, dict[str, object], float | None]]:
    random = np.random.default_rng(1)
    return [
        ("lightgbm", {"rate": 10 ** float(x), "leaves": int(random.integers(2, 60)), "kind": "ab"[b], "fixed": 1},
         float(0.7 + 0.05 * x))
        for x, b in zip(random.uniform(-3, 0, count), random.integers(0, 2, count), strict=True)
    ]  # fmt: skip


def test_the_setting_that_decides_explains_nearly_all_and_the_shares_of_a_family_sum_to_1() -> None:
    found = importance_of_settings(trials())
    assert found[0].setting == "rate"
    assert found[0].share > 0.8
    assert sum(each.share for each in found) == pytest.approx(1.0)
    assert {each.setting for each in found} == {"rate", "leaves", "kind"}


def test_a_family_with_few_trials_or_none_that_finished_says_nothing() -> None:
    assert importance_of_settings(trials(19)) == []
    assert importance_of_settings([(name, params, None) for name, params, _auc in trials()]) == []


def test_of_many_trials_an_even_sample_is_used() -> None:
    assert {each.trials for each in importance_of_settings(trials(450))} == {200}
