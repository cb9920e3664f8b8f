"""Which finalist is recommended, and why."""

from dataclasses import replace

from experiments.evaluation.holm import judged_together
from experiments.evaluation.intervals import Difference
from experiments.search.finalist import Finalist
from experiments.search.leaderboard import rank, rank_beside
from experiments.search.reasons import ABOVE, CUT_ON_ALL
from experiments.spec import ExperimentSpec

SPEC = ExperimentSpec("bad", "yes")


def _row(
    name: str, auc: float, *, objective: float = 0.3, is_kept: bool = True, tied_with: str = "", features: int = 9,
    log_loss: float = 0.4,
) -> Finalist:  # fmt: skip
    difference = {tied_with: {"value": 0.0, "low": -0.01, "high": 0.01}} if tied_with else {}
    return Finalist(
        candidate=name, learner=name, objective=objective,
        metrics={"validation": {"auc": {"value": auc}, "log_loss": {"value": log_loss}}},
        evidence={"limits": [{"code": "ks_gap", "is_kept": is_kept}], "difference": difference, "features": features},
    )  # fmt: skip


def _chosen(rows, spec=SPEC):
    return next(row for row in rank(rows, spec) if row.is_recommended)


def test_the_best_model_within_the_limits_is_recommended():
    assert _chosen([_row("lightgbm", 0.80), _row("xgboost", 0.82, is_kept=False)]).candidate == "lightgbm"


def test_of_several_models_one_that_differs_by_a_hair_is_a_tie_and_a_clearly_worse_one_is_not():
    rows = [_row("lightgbm", 0.80), _row("xgboost", 0.796), _row("linear", 0.72)]
    # Alone, p = 0.04 would tell the second and the fourth apart; of several set against the first, Holm's does not.
    pairs = {"xgboost": (0.004, 0.0019), "catboost": (0.0041, 0.00199), "linear": (0.08, 0.01)}
    rows.append(_row("catboost", 0.7959))
    alone = {name: Difference.by_error(value, error) for name, (value, error) in pairs.items()}
    for (name, own), one in zip(alone.items(), judged_together(list(alone.values())), strict=True):
        rows[0].evidence["difference"][name] = _kept(one.difference, one.p_holm, one.level)
        other = next(row for row in rows if row.candidate == name)
        other.evidence["difference"]["lightgbm"] = _kept(Difference.by_error(-own.value, own.error), own.p_value, 0.95)

    ranked = {row.candidate: row for row in rank(rows, SPEC)}

    assert ranked["lightgbm"].is_recommended
    assert {name: ranked[name].is_tie for name in pairs} == {"xgboost": True, "catboost": True, "linear": False}
    for name in pairs:
        told = ranked[name].evidence["difference"]["lightgbm"]
        assert (told["low"] <= 0 <= told["high"]) == ranked[name].is_tie


def _kept(difference, p_holm, level):
    return {
        "value": difference.value, "low": difference.low, "high": difference.high, "p_value": difference.p_value,
        "p_holm": p_holm, "level": level,
    }  # fmt: skip


def test_a_baseline_is_not_recommended_while_there_is_a_model():
    assert _chosen([_row("baseline", 0.80), _row("scorecard", 0.79)]).candidate == "scorecard"


def test_explainable_first_takes_the_scorecard_within_a_hundredth():
    spec = ExperimentSpec("bad", "yes", explainable_first=True)
    chosen = _chosen([_row("lightgbm", 0.80), _row("scorecard", 0.791)], spec)
    assert chosen.candidate == "scorecard"
    assert chosen.reason["params"] == {"auc": "0.7910", "price": "0.0090", "limit": "0.01"}
    assert _chosen([_row("lightgbm", 0.80), _row("scorecard", 0.789)], spec).candidate == "lightgbm"


def test_of_models_within_chance_of_the_best_the_one_with_the_lower_log_loss_is_recommended():
    best = _row("explainable_boosting", 0.7959, log_loss=0.2742)
    near = _row("lightgbm", 0.7951, tied_with="explainable_boosting", log_loss=0.2717)
    chosen = _chosen([best, near])
    assert chosen.candidate == "lightgbm"
    assert chosen.reason["params"] == {"auc": "0.7951", "best": "0.7959"}


def test_a_lower_log_loss_does_not_outweigh_an_auc_that_is_behind():
    best = _row("xgboost", 0.80, log_loss=0.30)
    assert _chosen([best, _row("lightgbm", 0.799, log_loss=0.29)]).candidate == "xgboost"
    assert _chosen([best, _row("linear", 0.79, tied_with="xgboost", log_loss=0.29)]).candidate == "xgboost"


def test_a_difference_within_chance_is_called_a_tie():
    rows = rank([_row("lightgbm", 0.80), _row("xgboost", 0.799, tied_with="lightgbm"), _row("linear", 0.7)], SPEC)
    assert {row.candidate: row.is_tie for row in rows} == {"lightgbm": False, "xgboost": True, "linear": False}


def test_ranks_follow_the_measure_of_the_target_kind():
    rows = rank([_row("lightgbm", 0.80, objective=0.3), _row("xgboost", 0.79, objective=0.4)], SPEC)
    assert [(row.rank, row.candidate) for row in rows] == [(1, "xgboost"), (2, "lightgbm")]


def test_equal_to_four_digits_the_model_that_reads_fewer_columns_stands_first_then_the_simpler_family():
    rows = [
        _row("lightgbm", 0.80, objective=0.41234, features=30),
        _row("xgboost", 0.80, objective=0.41229, features=12),
        _row("extra_trees", 0.80, objective=0.41231, features=12),
        _row("linear", 0.80, objective=0.41233, features=12),
        _row("catboost", 0.80, objective=0.4130, features=40),
    ]
    assert [row.candidate for row in rank(rows, SPEC)] == ["catboost", "linear", "xgboost", "extra_trees", "lightgbm"]


def test_a_card_cut_by_hand_says_that_its_cross_validation_is_optimistic_and_is_not_recommended():
    known = rank([_row("lightgbm", 0.80), _row("scorecard", 0.79)], SPEC)
    ranked = rank_beside(replace(_row("scorecard", 0.81), candidate="scorecard_by_hand_1"), known, SPEC)

    by_hand = next(row for row in ranked if row.candidate == "scorecard_by_hand_1")
    assert [told["message"] for told in by_hand.reason["also"]] == [ABOVE, CUT_ON_ALL]
    assert [row.candidate for row in ranked if row.is_recommended] == ["lightgbm"]
