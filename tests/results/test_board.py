"""The leaderboard in the order somebody asks for: by a measure, by a contact quota, by profit, and filtered."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from experiments.strategy.money import outcome
from experiments.strategy.stakes import Stakes
from results.queries.act import curve_of
from results.queries.evidence import evidence_of
from results.queries.leaderboard import leaderboard_for
from results.queries.ranking import asked_of, ranked
from training.models import Experiment, LeaderboardRow


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[[Experiment], Experiment], explain: Callable[[Experiment], None]
) -> Experiment:
    finished = finish(draft)
    explain(finished)
    return finished


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


def third(experiment: Experiment, name: str, **values: Any) -> LeaderboardRow:
    """Add a finalist like the first, with other values: {"auc": …} of cross-validation, evidence by name."""
    row = experiment.leaderboard.get(candidate="lightgbm")
    metrics, evidence = row.metrics, dict(row.evidence)
    for key, value in values.items():
        if key in metrics["validation"]:
            metrics["validation"][key] = {"value": value, "low": value - 0.02, "high": value + 0.02}
        else:
            evidence[key] = value
    row.pk, row.candidate, row.learner, row.rank = None, name, name, 9
    row.metrics, row.evidence, row.is_tie, row.model_path = metrics, evidence, False, ""
    row.save()
    return row


def order(experiment: Experiment, **asked: Any) -> list[tuple[str, str]]:
    leaderboard = leaderboard_for(experiment)
    board = ranked(experiment, leaderboard, asked_of(experiment, asked, leaderboard.test_sample))
    return [(each.label, each.line.row.candidate) for each in board.lines]


def test_a_measure_on_a_sample_puts_the_models_in_its_order_and_those_that_may_be_as_good_share_the_first_place(
    experiment: Experiment,
) -> None:
    third(experiment, "xgboost", auc=0.86)
    assert order(experiment, by="auc") == [("1", "xgboost"), ("2", "lightgbm"), ("3", "scorecard")]
    # On the newest months lightgbm and xgboost have the same, and theirs lies within the scorecard's interval.
    assert [label for label, _name in order(experiment, by="auc", sample="out_of_time")] == ["=1", "=1", "=1"]


def test_where_less_is_better_the_least_comes_first(experiment: Experiment) -> None:
    third(experiment, "xgboost", brier=0.05)
    assert order(experiment, by="brier")[0] == ("1", "xgboost")


def test_filters_hide_models_but_neither_the_scorecard_nor_the_baseline(experiment: Experiment) -> None:
    third(experiment, "xgboost", features=40)
    third(experiment, "baseline", features=40)
    assert [name for _label, name in order(experiment, most_columns=5)] == ["lightgbm", "scorecard", "baseline"]
    assert [name for _label, name in order(experiment, family="xgboost")] == ["scorecard", "xgboost", "baseline"]


def test_the_quota_and_the_profit_are_those_of_the_strategy_curve(browser: Client, experiment: Experiment) -> None:
    query = "?by=profit&customers=10000&number=4000&gain=100&cost=300"
    address = reverse("experiment_leaderboard_csv", args=[experiment.pk]) + query
    content = b"".join(browser.get(address).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(content)))
    curve = curve_of(evidence_of(experiment.leaderboard.get(candidate="lightgbm")), "validation")
    assert curve is not None
    found = outcome(curve, 0.4, Stakes.of_credit(gain=100, loss=300), 10_000)
    (row,) = (each for each in rows if each["candidate"] == "lightgbm")
    assert float(row["customers"]) == 4_000
    assert float(row["events"]) == pytest.approx(found.events.value)
    assert float(row["profit_low"]) == pytest.approx(found.profit.low)
    # Both finalists have the same evidence here, so neither is better.
    assert [each["rank"] for each in rows] == ["1", "1"]


def test_the_page_asks_for_money_before_it_ranks_by_profit(browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_result", args=[experiment.pk])
    text = browser.get(address + "?by=profit").content.decode()
    assert "To rank by profit, enter what a customer brings in and what one costs." in text
    told = browser.get(address + "?by=profit&gain=100&cost=300").content.decode()
    assert "To rank by profit, enter" not in told
    assert ">Profit <i" in told


def test_an_order_nobody_knows_is_refused_at_its_field_and_the_run_s_own_is_shown(
    browser: Client, experiment: Experiment
) -> None:
    text = browser.get(reverse("experiment_result", args=[experiment.pk]) + "?by=beauty&most_columns=-1").content
    assert text.decode().count('aria-invalid="true"') == 2
    assert order(experiment, by="run")[0] == ("=1", "lightgbm")


def test_the_api_gives_the_order_with_its_intervals(analyst: User, experiment: Experiment) -> None:
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=analyst, name="test", digest=ApiToken.digest_of(secret))
    browser = Client(headers={"Authorization": f"Bearer {secret}"})
    third(experiment, "xgboost", auc=0.86)
    address = f"/api/v1/experiments/{experiment.pk}/leaderboard/ranking"
    found = json.loads(browser.get(address + "?by=auc").content)["finalists"]
    assert (found[0]["rank"], found[0]["candidate"]) == ("1", "xgboost")
    assert found[0]["value"] == {"value": 0.86, "low": 0.84, "high": 0.88}
    assert browser.get(address + "?by=beauty").status_code == 422


def test_where_pairs_were_compared_the_comparison_decides_and_not_the_intervals(experiment: Experiment) -> None:
    pair = {"value": 0.01, "low": 0.004, "high": 0.016}
    row = experiment.leaderboard.get(candidate="lightgbm")
    row.evidence = row.evidence | {"difference": {"scorecard": pair}}
    row.save()
    assert order(experiment, by="auc") == [("1", "lightgbm"), ("2", "scorecard")]
    assert order(experiment, by="ks") == [("=1", "lightgbm"), ("=1", "scorecard")]
