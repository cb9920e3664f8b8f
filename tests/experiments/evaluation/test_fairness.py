"""Fairness by group: against values worked out by hand and by scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency

from experiments.evaluation.fairness import fairness_table, impact_ratio, proxies_of


def loans() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, probability and sex of 1,000 applicants; of 400 women 240 score 0.1, of 600 men 480 do."""
    sex = np.repeat(["f", "f", "m", "m"], [240, 160, 480, 120])
    p = np.repeat([0.1, 0.4, 0.1, 0.4], [240, 160, 480, 120])
    bad = np.zeros(1000)
    bad[:24], bad[240:304], bad[400:448], bad[880:928] = 1, 1, 1, 1
    return bad, p, sex


def test_the_impact_ratio_and_its_test_are_those_of_two_proportions() -> None:
    bad, p, sex = loans()
    found = fairness_table(bad, p, group=sex, share=0.72, chosen="lowest")
    women, men = found.rows if found.rows[0].label == "f" else found.rows[::-1]
    assert found.reference == "m"
    assert men.is_reference
    assert men.impact == 1.0
    assert women.selection_rate == pytest.approx(0.6)
    assert men.selection_rate == pytest.approx(0.8)
    assert women.impact == pytest.approx(0.75)
    assert women.p_value == pytest.approx(chi2_contingency([[240, 160], [480, 120]], correction=False).pvalue, rel=1e-9)
    assert women.verdict == "adverse"


def test_equal_opportunity_is_the_gap_among_those_who_pay_back() -> None:
    bad, p, sex = loans()
    (women,) = (row for row in fairness_table(bad, p, group=sex, share=0.72, chosen="lowest").rows if row.label == "f")
    good_women, good_men = 400 - 24 - 64, 600 - 48 - 48
    assert women.true_positive_rate == pytest.approx(216 / good_women)
    assert women.true_positive_gap == pytest.approx(216 / good_women - 432 / good_men)
    own, other = (
        binomtest(chosen, of).proportion_ci(method="wilson") for chosen, of in ((216, good_women), (432, good_men))
    )
    below = np.hypot(216 / good_women - own.low, other.high - 432 / good_men)
    above = np.hypot(own.high - 216 / good_women, 432 / good_men - other.low)
    assert women.true_positive_gap - women.true_positive_gap_low == pytest.approx(below)
    assert women.true_positive_gap_high - women.true_positive_gap == pytest.approx(above)
    assert women.false_positive_gap == pytest.approx(24 / 88 - 48 / 96)


def test_the_mean_difference_is_in_pooled_standard_deviations_and_above_0_for_the_favoured() -> None:
    bad, p, sex = loans()
    found = fairness_table(bad, p, group=sex, share=0.72, chosen="lowest", reference="f")
    (men,) = (row for row in found.rows if row.label == "m")
    score = -np.log(p / (1 - p))
    women_score, men_score = score[sex == "f"], score[sex == "m"]
    pooled = np.sqrt((399 * women_score.var(ddof=1) + 599 * men_score.var(ddof=1)) / 998)
    assert men.mean_difference == pytest.approx((men_score.mean() - women_score.mean()) / pooled)
    assert men.mean_difference > 0


def test_equal_scores_are_never_parted_by_the_selection() -> None:
    bad, p, sex = loans()
    found = fairness_table(bad, p, group=sex, share=0.5, chosen="lowest")
    assert found.selected_share == pytest.approx(0.72)
    assert found.cutoff == pytest.approx(0.1)


def test_weights_of_whole_numbers_select_as_repeated_rows_do() -> None:
    bad, p, sex = loans()
    twice = fairness_table(np.tile(bad, 2), np.tile(p, 2), group=np.tile(sex, 2), share=0.72, chosen="lowest")
    weighed = fairness_table(bad, p, group=sex, share=0.72, chosen="lowest", weight=np.full(1000, 2.0))
    assert [row.impact for row in weighed.rows] == pytest.approx([row.impact for row in twice.rows])
    assert weighed.rows[0].share == pytest.approx(twice.rows[0].share)


def test_a_group_too_small_is_counted_and_not_judged() -> None:
    bad, p, sex = loans()
    sex = sex.copy()
    sex[:20] = "x"
    (few,) = (row for row in fairness_table(bad, p, group=sex, share=0.72, chosen="lowest").rows if row.label == "x")
    assert few.rows == 20
    assert few.verdict == "too_few"
    assert np.isnan(few.impact)


def test_the_interval_of_the_ratio_holds_1_where_rates_are_alike() -> None:
    found = impact_ratio(50, 100, reference_selected=500, reference_rows=1000)
    assert found.value == 1.0
    assert found.low < 1 < found.high


def test_a_column_that_tells_the_group_is_a_proxy_and_noise_is_none() -> None:
    random = np.random.default_rng(3)
    sex = pd.Series(random.choice(["f", "m"], 2_000))
    frame = pd.DataFrame(
        {
            "height": np.where(sex == "m", 178, 166) + random.normal(0, 6, 2_000),
            "title": np.where(random.random(2_000) < 0.9, np.where(sex == "m", "Mr", "Ms"), "Dr"),
            "noise": random.normal(size=2_000),
        }
    )
    found = {proxy.column: proxy.auc for proxy in proxies_of(frame, sex)}
    assert set(found) == {"height", "title"}
    assert min(found.values()) > 0.85
