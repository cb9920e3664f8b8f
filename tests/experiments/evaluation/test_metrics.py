"""Ranking and probability measures agree with scikit-learn, with ties, weights and any odd sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from experiments.evaluation.deciles import decile_table, quantile_edges
from experiments.evaluation.metrics import (
    area_under_gains,
    auc,
    average_precision,
    brier,
    brier_skill,
    capture_at,
    gains_curve,
    gini,
    ks,
    lift_at,
    log_loss,
    roc_curve,
)
from tests.experiments.evaluation.samples import weighted_sample


@st.composite
def labelled_scores(draw):
    """Small samples with both classes, many ties and integer weights."""
    size = draw(st.integers(4, 40))
    y = np.array([1.0, 0.0, *draw(st.lists(st.integers(0, 1), min_size=size - 2, max_size=size - 2))])
    p = np.array(draw(st.lists(st.integers(0, 8), min_size=size, max_size=size))) / 8
    weight = np.array(draw(st.lists(st.integers(1, 4), min_size=size, max_size=size)), dtype=float)
    return y, p, weight


def test_tied_scores_have_an_auc_of_one_half():
    assert auc([0, 1, 0, 1, 1], [0.3] * 5) == 0.5


def test_auc_is_never_flipped():
    assert auc([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4]) == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_ranking_metrics_agree_with_scikit_learn(seed):
    y, p, weight = weighted_sample(seed, decimals=2)
    assert auc(y, p, weight=weight) == pytest.approx(sk.roc_auc_score(y, p, sample_weight=weight), abs=1e-12)
    assert average_precision(y, p, weight=weight) == pytest.approx(
        sk.average_precision_score(y, p, sample_weight=weight), abs=1e-12
    )
    false_positive, true_positive, _ = sk.roc_curve(y, p, sample_weight=weight)
    assert ks(y, p, weight=weight).value == pytest.approx(np.abs(true_positive - false_positive).max(), abs=1e-12)


def test_probability_metrics_agree_with_scikit_learn():
    y, p, weight = weighted_sample()
    assert log_loss(y, p, weight=weight) == pytest.approx(sk.log_loss(y, p, sample_weight=weight), abs=1e-12)
    assert brier(y, p, weight=weight) == pytest.approx(sk.brier_score_loss(y, p, sample_weight=weight), abs=1e-12)


def test_log_loss_is_finite_for_probabilities_of_zero_and_one():
    assert log_loss([1, 0], [0.0, 1.0]) == pytest.approx(sk.log_loss([1, 0], [0.0, 1.0]))


def test_saying_the_event_rate_has_no_skill_and_truth_has_all():
    y = np.array([1.0, 0, 0, 0])
    assert brier_skill(y, [0.25] * 4) == pytest.approx(0)
    assert brier_skill(y, y) == 1


@settings(max_examples=150, deadline=None)
@given(labelled_scores())
def test_integer_weights_equal_duplicated_rows(drawn):
    y, p, weight = drawn
    times = weight.astype(int)
    many_y, many_p = np.repeat(y, times), np.repeat(p, times)
    for metric in (auc, gini, average_precision, area_under_gains, log_loss, brier):
        assert metric(y, p, weight=weight) == pytest.approx(metric(many_y, many_p), abs=1e-9, rel=1e-9)
    for share in (0.05, 0.3, 0.77):
        assert capture_at(y, p, share=share, weight=weight) == pytest.approx(
            capture_at(many_y, many_p, share=share), abs=1e-12
        )
    assert ks(y, p, weight=weight).value == pytest.approx(ks(many_y, many_p).value, abs=1e-12)
    assert quantile_edges(p, 5, weight=weight).tolist() == quantile_edges(many_p, 5).tolist()


@settings(max_examples=150, deadline=None)
@given(labelled_scores())
def test_bounds_hold_for_any_sample(drawn):
    y, p, weight = drawn
    table = decile_table(y, p, weight=weight)
    assert 0 <= auc(y, p, weight=weight) <= 1
    assert auc(y, p, weight=weight) + auc(y, -p, weight=weight) == pytest.approx(1)
    assert auc(y, p, weight=weight) == pytest.approx(auc(1 - y, -p, weight=weight))
    assert table.ks_bin <= ks(y, p, weight=weight).value + 1e-12
    assert abs(gini(y, p, weight=weight)) <= ks(y, p, weight=weight).value * 2 + 1e-12
    assert sum(row.rows for row in table.rows) == len(y)
    assert sum(row.event_share for row in table.rows) == pytest.approx(1)
    share, caught = gains_curve(y, p, weight=weight)
    assert np.all(np.diff(share) >= 0)
    assert np.all(np.diff(caught) >= 0)
    assert (share[-1], caught[-1]) == (1, 1)


@settings(max_examples=100, deadline=None)
@given(labelled_scores())
def test_ranking_ignores_row_order_and_any_rising_transform(drawn):
    y, p, weight = drawn
    order = np.random.default_rng(0).permutation(len(y))
    bent = np.exp(3 * p)
    assert auc(y[order], bent[order], weight=weight[order]) == pytest.approx(auc(y, p, weight=weight), abs=1e-12)
    assert ks(y[order], bent[order], weight=weight[order]).value == pytest.approx(
        ks(y, p, weight=weight).value, abs=1e-12
    )


def test_capture_inside_a_tie_is_the_mean_over_random_tie_breaks():
    rng = np.random.default_rng(3)
    y = np.array([1, 0, 1, 1, 0, 0, 0, 1, 0, 0])
    p = np.array([0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.2, 0.2, 0.2])
    draws = []
    for _ in range(10_000):
        order = np.lexsort((rng.random(10), -p))
        draws.append(y[order][:4].sum() / y.sum())
    assert capture_at(y, p, share=0.4) == pytest.approx(np.mean(draws), abs=0.005)
    assert capture_at(y, p, share=0.4) == pytest.approx((1 + 2 * 2 / 5) / 4)


def test_lift_of_everyone_is_one():
    y, p, weight = weighted_sample()
    assert lift_at(y, p, share=1.0, weight=weight) == pytest.approx(1)


def test_a_share_outside_zero_to_one_is_refused():
    with pytest.raises(ValueError, match="share must be above 0"):
        lift_at([0, 1], [0.1, 0.2], share=0)


def test_ks_reports_threshold_and_population_share():
    found = ks([0, 0, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert (found.value, found.threshold, found.share) == (0.75, 0.4, 0.5)


def test_unlabelled_rows_are_left_out():
    y, p, _ = weighted_sample()
    y_more, p_more = np.append(y, [np.nan] * 50), np.append(p, [0.9] * 50)
    assert auc(y_more, p_more) == auc(y, p)
    assert brier(y_more, p_more) == brier(y, p)


@pytest.mark.parametrize("y", [[0, 0, 0], [1, 1, 1]])
def test_one_class_has_no_auc_and_no_ks(y):
    assert np.isnan(auc(y, [0.1, 0.2, 0.3]))
    assert np.isnan(ks(y, [0.1, 0.2, 0.3]).value)


@pytest.mark.parametrize(
    ("y", "p", "weight", "sentence"),
    [
        ([0, 1], [0.1], None, "same length"),
        ([0, 2], [0.1, 0.2], None, "0, 1 or NaN"),
        ([0, 1], [0.1, np.nan], None, "scores must not be NaN"),
        ([0, 1], [0.1, 0.2], [1, -1], "at least 0"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(y, p, weight, sentence):
    with pytest.raises(ValueError, match=sentence):
        auc(y, p, weight=weight)


def test_probabilities_above_one_are_refused_where_they_matter():
    with pytest.raises(ValueError, match="between 0 and 1"):
        brier([0, 1], [600, 620])


def test_roc_curve_holds_the_auc():
    y, p, weight = weighted_sample(decimals=2)
    false_positive, true_positive = roc_curve(y, p, weight=weight)
    assert np.trapezoid(true_positive, false_positive) == pytest.approx(auc(y, p, weight=weight))
