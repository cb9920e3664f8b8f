"""The parts of a comparison against numbers by hand: tests, swap sets by segment, moves and what explains them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from experiments.comparison.differences import paired_differences
from experiments.comparison.drift import months_compared
from experiments.comparison.evidence import share_chosen
from experiments.comparison.moves import Explained, moved_most, reliance_of, tenths_counted
from experiments.comparison.on_rows import compare_on_rows
from experiments.comparison.scored_rows import ScoredRows
from experiments.comparison.swaps import Asked, swaps_against
from experiments.comparison.words import change_in_events, verdict_on
from experiments.evaluation.intervals import MATERIALITY
from experiments.evaluation.metrics import ks
from experiments.evaluation.paired import SLIGHT
from experiments.evaluation.ranking import tenth_of
from experiments.house_rules import MIN_EVENTS
from tests.experiments.loans import loans, model_of

ROWS = 500


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list:
    made = [model_of("baseline"), model_of("linear"), model_of("lightgbm")]
    for model in made:
        model.save(tmp_path_factory.mktemp("model") / model.learner)
    return made


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, models: list) -> ScoredRows:
    """Outcomes drawn by what the third says, so that it is the best; every row stands in a table on disk."""
    frame = loans().assign(id=[f"customer-{number}" for number in range(ROWS)])
    table = tmp_path_factory.mktemp("rows") / "rows.parquet"
    frame.to_parquet(table)
    scores = tuple(model.predict(frame) for model in models)
    y = (np.random.default_rng(3).random(ROWS) < scores[2]).astype(float)
    months = pd.to_datetime(frame["opened"]).dt.strftime("%Y").to_numpy(dtype=str)
    return ScoredRows(table, np.arange(ROWS), y, scores, months=months, id_column="id", hidden=("is_client",))


def _delong(y: np.ndarray, one: np.ndarray, two: np.ndarray) -> tuple[float, float]:
    """DeLong's variance as in the paper, pair by pair."""
    placements = []
    for p in (one, two):
        kernel = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
        placements.append((kernel.mean(axis=1), kernel.mean(axis=0)))
    (v1, w1), (v2, w2) = placements
    variance = np.var(v1 - v2, ddof=1) / len(v1) + np.var(w1 - w2, ddof=1) / len(w1)
    return v1.mean() - v2.mean(), variance**0.5


def test_differences_of_auc_are_delongs_and_holm_doubles_the_smaller_p_of_two(rows: ScoredRows) -> None:
    found = [each["auc"] for each in paired_differences(rows, share=0.1, seed=1)]
    by_hand = [_delong(rows.y, p, rows.scores[0]) for p in rows.scores[1:]]
    for each, (difference, error) in zip(found, by_hand, strict=True):
        assert each.difference == pytest.approx(difference)
        assert each.p_value == pytest.approx(2 * norm.sf(abs(difference) / error), rel=1e-6, abs=1e-12)
    small, large = sorted(found, key=lambda each: each.p_value)
    assert small.p_holm == pytest.approx(min(1, 2 * small.p_value))
    assert large.p_holm == pytest.approx(max(2 * small.p_value, large.p_value))


def test_the_bootstrap_interval_is_at_the_level_at_which_holm_judged(rows: ScoredRows) -> None:
    alone = ScoredRows(rows.table, rows.places, rows.y, (rows.scores[0], rows.scores[2]))
    [one] = paired_differences(alone, share=0.1, seed=1)
    _, two = paired_differences(rows, share=0.1, seed=1)
    assert one["ks"].difference == pytest.approx(ks(rows.y, rows.scores[2]).value - ks(rows.y, rows.scores[0]).value)
    assert two["ks"].difference == one["ks"].difference
    assert two["ks"].level > one["ks"].level
    assert two["ks"].high - two["ks"].low > one["ks"].high - one["ks"].low


def test_swapped_customers_are_those_of_two_sorted_lists(rows: ScoredRows) -> None:
    jittered = tuple(p + np.random.default_rng(place).random(ROWS) * 1e-9 for place, p in enumerate(rows.scores))
    rows = ScoredRows(rows.table, rows.places, rows.y, jittered, id_column="id", hidden=rows.hidden)
    asked = Asked(share=0.2, is_risk=True, amount="age", cut_by=("job",), shown=("age", "income"))
    swaps = {swap.share: swap for swap in swaps_against(rows, 2, asked)}
    assert sorted(swaps) == [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95]
    swap = swaps[0.8]
    own, other = (np.isin(np.arange(ROWS), np.argsort(p)[:400]) for p in (jittered[0], jittered[2]))
    come, leave = other & ~own, own & ~other
    assert swap.equal_share.swap_in.customers == pytest.approx(come.sum())
    assert swap.equal_share.swap_in.mean_amount == pytest.approx(loans()["age"][come].mean())
    assert swap.events_change.value * ROWS == pytest.approx(rows.y[come].sum() - rows.y[leave].sum())
    jobs = loans()["job"].to_numpy()
    for segment in swap.segments:
        own_rows = pd.isna(jobs) if segment.kind == "missing" else jobs == segment.label
        assert segment.swap_in == pytest.approx((come & own_rows).sum())
        assert segment.change_in_events == pytest.approx(rows.y[come & own_rows].sum() - rows.y[leave & own_rows].sum())
    assert sum(segment.rows for segment in swap.segments) == ROWS
    assert all(abs(each.equal_rate.event_rate_change) < 0.02 for each in swaps.values())


def test_rows_shown_are_of_those_who_swap_and_tell_nobody(rows: ScoredRows) -> None:
    asked = Asked(share=0.2, is_risk=True, shown=("age", "income"))
    shown = next(swap for swap in swaps_against(rows, 2, asked) if swap.share == 0.8).rows
    assert 2 <= len(shown) <= 20
    for each in shown:
        place = each.row - 1
        assert each.customer.startswith("****")
        assert "customer" not in each.customer
        assert each.outcome == rows.y[place]
        assert each.values["age"] == str(loans()["age"].iloc[place])
        assert "is_client" not in each.values


def test_tenths_hold_a_tenth_each_and_equal_scores_stand_together() -> None:
    p = np.random.default_rng(1).random(1_000)
    assert np.bincount(tenth_of(p))[1:].tolist() == [100] * 10
    assert tenth_of(p)[p.argmax()] == 1
    assert len(set(tenth_of(np.round(p, 1))[np.round(p, 1) == 0.5])) == 1


def test_what_moves_a_customer_adds_up_to_the_move_of_the_score(rows: ScoredRows, models: list) -> None:
    first, other = (Explained.of(models[place], rows) for place in (0, 2))
    counted = np.array(tenths_counted(rows, 2))
    assert counted.sum() == ROWS
    moved = moved_most(rows, 2, first=first, other=other)
    steps = [abs(each.first_tenth - each.second_tenth) for each in moved]
    assert steps == sorted(steps, reverse=True)
    assert max(steps) == max(abs(i - j) for i in range(10) for j in range(10) if counted[i, j])
    frame = rows.at(np.array([each.row - 1 for each in moved]))
    before, after = first.parts(frame), other.parts(frame)
    margins = [model.margin(frame) for model in (models[0], models[2])]
    everybody = [model.margin(loans()) for model in (models[0], models[2])]
    standardised = [
        (own - everyone.mean()) / (everyone.std() or 1) for own, everyone in zip(margins, everybody, strict=True)
    ]
    assert sum(after.values()) - sum(before.values()) == pytest.approx(standardised[1] - standardised[0], abs=1e-6)
    for each in moved:
        assert [abs(one.difference) for one in each.why] == sorted((abs(w.difference) for w in each.why), reverse=True)
    hidden = replace(rows, hidden=("age",))
    told = [one for each in moved_most(hidden, 2, first=first, other=other) for one in each.why]
    assert any(one.column == "age" for one in told)
    assert all(one.value == "" for one in told if one.column == "age")
    assert any(one.value for one in told if one.column == "income")


def test_reliance_sums_to_one_a_model_and_leaves_out_what_is_not_used(rows: ScoredRows, models: list) -> None:
    found = reliance_of([Explained.of(model, rows) for model in models[1:]])
    for place in range(2):
        assert sum(each.shares[place] or 0 for each in found) == pytest.approx(1)
    assert [max(share or 0 for share in each.shares) for each in found] == sorted(
        (max(share or 0 for share in each.shares) for each in found), reverse=True
    )


def test_too_few_events_give_no_verdict_and_say_how_many_are_needed(rows: ScoredRows, models: list) -> None:
    few = np.flatnonzero(rows.y == 1)[: MIN_EVENTS - 1]
    kept = np.sort(np.concatenate([few, np.flatnonzero(rows.y == 0)]))
    part = ScoredRows(rows.table, kept, rows.y[kept], tuple(p[kept] for p in rows.scores[:2]))
    found = compare_on_rows(part, models[:2], names=["A", "B"], event="1", share=0.1)
    assert found.against[0].verdict == "too_few"
    assert "At least 30 events" in str(verdict_on(found, found.against[0]))


def test_months_and_curves_are_those_of_the_rows(rows: ScoredRows, models: list) -> None:
    said: list[float] = []
    found = compare_on_rows(
        rows, models, names=["A", "B", "C"], event="1", share=0.2, cut_by=["job"],
        tell=lambda percent, **_more: said.append(percent),
    )  # fmt: skip
    assert sum(month.rows for month in found.months) == ROWS
    first = found.months[0]
    own = rows.months == first.month
    shift = models[2].psi_bins.compare(rows.scores[2][own])
    assert first.models[2].psi == pytest.approx(shift.psi)
    spread = found.models[1].curves.spread
    assert sum(spread.events) == pytest.approx(1, abs=1e-3)
    assert spread.edges == found.models[0].curves.spread.edges
    assert found.models[0].curves.approvals.rates[-1] == pytest.approx(rows.y.mean())
    assert said == sorted(said)
    swap = found.against[1].swaps[3]
    assert swap.share == found.chosen_share == 0.8
    fewer, low, high = (
        -ROWS * each for each in (swap.events_change.value, swap.events_change.high, swap.events_change.low)
    )
    assert str(change_in_events(found, found.against[1])) == (
        f"At the same approval rate of 80% it lets in {fewer:.0f} fewer events, from {low:.0f} to {high:.0f}."
    )


def test_rows_without_a_date_make_no_month(rows: ScoredRows, models: list) -> None:
    assert rows.months is not None
    undated = np.arange(ROWS) % 5 == 0
    baselines = [model.psi_bins for model in models]
    found = months_compared(replace(rows, months=np.where(undated, "", rows.months), weight=np.ones(ROWS)), baselines)
    assert [month.month for month in found] == sorted(set(rows.months))
    assert sum(month.rows for month in found) == ROWS - undated.sum()
    assert months_compared(replace(rows, months=np.full(ROWS, "")), baselines) == ()


def test_a_change_too_small_to_matter_is_told_with_the_least_that_does(rows: ScoredRows, models: list) -> None:
    found = compare_on_rows(rows, models, names=["A", "B", "C"], event="1", share=0.2)
    for measure, least in MATERIALITY.items():
        told = {measure: replace(found.against[0].measures[measure], difference=0.001, verdict=SLIGHT)}
        slight = replace(found.against[0], verdict=SLIGHT, measures=told)
        assert str(verdict_on(found, slight)).endswith(f"a change of model needs {least:g}.")


@pytest.mark.parametrize(("is_risk", "share"), [(True, 0.7), (False, 0.3)])
def test_the_share_chosen_is_that_approved_where_the_event_is_a_loss(is_risk: bool, share: float) -> None:
    assert share_chosen(0.3, is_risk=is_risk) == share
    assert Asked(share=0.3, is_risk=is_risk).chosen_share == share
