"""Sums of trials: their weights, their honesty and the model they make."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.metrics import auc
from experiments.learners import FAMILIES, LEARNERS, FitRequest
from experiments.learners.ensemble import EnsembleModel, Part
from experiments.search.ensemble import (
    MOST_OF_A_FAMILY,
    MOST_PARTS,
    candidates_of,
    compose,
    greedy_weights,
    log_loss_of,
    stacked_weights,
)
from experiments.search.trial import FAILED, FINISHED, TrialLog, TrialRecord
from tests.experiments.customers import customers


def _question(rows: int = 3000, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.normal(size=rows)
    return truth, (random.random(rows) < 1 / (1 + np.exp(-truth))).astype(float)


def _data(y: np.ndarray, folds: int = 5) -> SimpleNamespace:
    rows = np.arange(len(y))
    parts = [(rows[rows % folds != part], rows[rows % folds == part]) for part in range(folds)]
    return SimpleNamespace(y=y, folds=parts, validated_parts=[valid for _, valid in parts], weights=lambda rows: None)


def _trial(number: int, learner: str = "lightgbm", state: str = FINISHED, score: float = 0.7) -> TrialRecord:
    return TrialRecord(number=number, learner=learner, backend="flaml", state=state, auc=score, params={"n": number})


def test_two_views_with_errors_of_their_own_share_the_vote():
    truth, y = _question()
    random = np.random.default_rng(5)
    views = np.column_stack([truth + random.normal(size=len(y)) for _ in range(2)])
    weights = greedy_weights(views, y, np.ones(len(y)))
    assert weights.sum() == pytest.approx(1.0)
    assert np.all(weights > 0.3)
    assert log_loss_of(views @ weights, y, np.ones(len(y))) < min(
        log_loss_of(views[:, number], y, np.ones(len(y))) for number in range(2)
    )


def test_noise_gets_no_vote():
    truth, y = _question()
    noise = np.random.default_rng(1).normal(size=(len(y), 3))
    weights = greedy_weights(np.column_stack([truth, noise]), y, np.ones(len(y)))
    assert weights.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_the_stacker_never_votes_against_a_model():
    truth, y = _question()
    weights = stacked_weights(np.column_stack([truth, -truth, 0.5 * truth]), y, np.ones(len(y)))
    assert np.all(weights >= 0)


def test_what_is_weighed_double_counts_like_two_rows():
    truth, y = _question(400)
    views = np.column_stack([truth, truth**2])
    weight = np.where(np.arange(len(y)) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(len(y)), weight.astype(int))
    np.testing.assert_array_equal(
        greedy_weights(views, y, weight), greedy_weights(views[twice], y[twice], np.ones(len(twice)))
    )


def test_the_margins_of_a_recipe_are_those_of_folds_its_weights_have_not_seen():
    # Of forty models of pure noise the weights find the luckiest; where they have not looked, there is no luck.
    _, y = _question(600)
    random = np.random.default_rng(2)
    library = [(_trial(number), random.normal(scale=0.3, size=len(y))) for number in range(40)]
    recipe = compose(library, _data(y))
    assert recipe is not None
    flattered = sum(one.weight * library[one.record.number][1] for one in recipe.ingredients)
    assert auc(y, flattered) > 0.53
    assert abs(auc(y, recipe.margins) - 0.5) < 0.06


def test_a_recipe_names_few_parts_whose_slopes_turn_votes_into_log_odds():
    truth, y = _question()
    random = np.random.default_rng(5)
    library = [(_trial(number), truth + random.normal(size=len(y))) for number in range(12)]
    votes = 1 / (1 + np.exp(-(truth + random.normal(size=len(y)))))
    recipe = compose([*library, (_trial(12, "random_forest"), votes)], _data(y))
    assert recipe is not None
    assert 2 <= len(recipe.ingredients) <= MOST_PARTS
    forest = [one for one in recipe.ingredients if one.record.learner == "random_forest"]
    assert all(one.slope > 2 * one.weight for one in forest)
    assert recipe.record.params["members"][0]["trial"] == recipe.ingredients[0].record.number


def test_one_trial_is_no_ensemble_and_a_scorecard_is_no_part_of_one():
    truth, y = _question(300)
    assert compose([(_trial(1), truth)], _data(y)) is None
    assert compose([(_trial(1), truth), (_trial(2, "scorecard"), truth)], _data(y)) is None


def test_the_library_holds_the_best_few_of_each_family(tmp_path):
    log = TrialLog(tmp_path)
    for number in range(1, 8):
        log.add(_trial(number, score=0.6 + number / 100), np.zeros(3))
    log.add(_trial(8, "xgboost", score=0.5), np.zeros(3))
    log.add(_trial(9, "xgboost", state=FAILED), None)
    log.add(_trial(10, "scorecard", score=0.9), np.zeros(3))
    assert [record.number for record in candidates_of(log)] == [*[7, 6, 5, 4][:MOST_OF_A_FAMILY], 8]


@pytest.fixture(scope="module")
def whole() -> tuple[EnsembleModel, pd.DataFrame]:
    table = customers(400)
    matrix = pd.DataFrame({"f_0001": table["age"], "f_0002": table["income"]})
    y = (table["bad"] == "yes").to_numpy(dtype=float)
    parts = []
    for name, slope in (("lightgbm", 0.5), ("xgboost", 0.2), ("random_forest", 3.0), ("linear", 0.3)):
        learner = LEARNERS[name]
        iterations = 20 if learner.has_rounds else None
        request = FitRequest(matrix, y, learner.first_configurations(400, 2)[0], iterations=iterations)
        parts.append(Part(name, learner.fit(request), slope))
    return EnsembleModel(parts, -0.4), matrix


def test_the_margin_is_the_weighted_sum_of_the_parts(whole):
    model, matrix = whole
    expected = -0.4 + sum(part.slope * part.model.margin(matrix) for part in model.parts)
    np.testing.assert_allclose(model.margin(matrix), expected, atol=1e-12)


def test_the_contributions_of_all_parts_add_up_to_the_margin(whole):
    model, matrix = whole
    phi, base = model.contributions(matrix)
    np.testing.assert_allclose(phi.sum(axis=1) + base, model.margin(matrix), atol=1e-5)


def test_a_saved_ensemble_gives_the_same_numbers(whole, tmp_path):
    model, matrix = whole
    model.save(tmp_path, "member_0")
    again = FAMILIES["ensemble"].model.load(tmp_path, "member_0")
    np.testing.assert_array_equal(again.margin(matrix), model.margin(matrix))
    assert not list(tmp_path.glob("*.pkl"))


def test_one_row_scores_as_it_does_in_a_table(whole):
    model, matrix = whole
    together = model.margin(matrix)
    alone = np.concatenate([model.margin(matrix.iloc[[row]]) for row in range(20)])
    np.testing.assert_array_equal(alone, together[:20])
