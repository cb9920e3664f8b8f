"""What the result says beside the numbers: the offer of an ensemble, verdicts on limits, directions, made columns."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from checks.models import DataCheck
from experiments.generation.feature import GeneratedFeature
from experiments.leakage.doubted import CARRIED_BY_ONE
from planning.plans.plan import Plan
from planning.services.drafting import save_column_rules, save_plan
from results.queries.leaderboard import leaderboard_for
from tests.training.conftest import metrics_of
from training.models import Experiment, LeaderboardRow

ClientOf = Callable[[User], Client]


@pytest.fixture
def browser(client_of: ClientOf, analyst: User) -> Client:
    return client_of(analyst)


@pytest.fixture
def finished(draft: Experiment, finish: Callable[[Experiment], Experiment]) -> Experiment:
    return finish(draft)


def limit(code: str, value: float, bound: float, *, is_kept: bool = True) -> dict[str, Any]:
    return {"code": code, "value": value, "limit": bound, "is_kept": is_kept, "message": f"About {code}.", "params": {}}


def put(experiment: Experiment, candidate: str, **evidence: Any) -> None:
    row = experiment.leaderboard.get(candidate=candidate)
    row.evidence = {**row.evidence, **evidence}
    row.save()


def result(browser: Client, experiment: Experiment, candidate: str = "scorecard", part: str = "") -> str:
    address = reverse("experiment_result", args=[experiment.pk])
    return browser.get(address, {"candidate": candidate, "part": part}).content.decode()


@pytest.fixture
def ensemble(finished: Experiment) -> LeaderboardRow:
    return LeaderboardRow.objects.create(
        experiment=finished, candidate="ensemble", learner="ensemble", rank=3, metrics=metrics_of_both(0.79),
        evidence={
            "ms_per_row": 0.0213,
            "difference": {"scorecard": {"value": 0.0123, "low": 0.0021, "high": 0.0225}},
            "limits": [],
        },
        reason={"message": "Combines several models."}, model_path=f"experiments/{finished.pk}/models/ensemble",
    )  # fmt: skip


def metrics_of_both(auc: float) -> dict[str, Any]:
    return {"validation": metrics_of(auc), "out_of_time": metrics_of(auc - 0.02)}


def test_an_ensemble_is_offered_with_what_it_adds_and_what_it_costs(
    browser: Client, finished: Experiment, ensemble: LeaderboardRow
) -> None:
    shown = result(browser, finished)

    assert "Alternative" in shown
    assert "AUC +0.012 (+0.002 to +0.022) against the recommended model" in shown
    assert "0.021 ms per row" in shown
    assert ": not significant" not in shown


def test_a_result_that_leans_on_columns_in_doubt_says_first_what_it_is_without_them(
    browser: Client, finished: Experiment
) -> None:
    params = {"columns": "Lead Quality", "auc_with": "0.951", "auc_without": "0.868"}
    doubts = {"message": CARRIED_BY_ONE, "params": params, "columns": ["Lead Quality"]}
    assert "This result depends on" not in result(browser, finished)
    Experiment.objects.filter(pk=finished.pk).update(result={**finished.result, "data": {"doubts": doubts}})

    shown = " ".join(result(browser, finished).split())

    assert "This result depends on Lead Quality" in shown
    assert "0.868 without" in shown
    assert shown.index("This result depends on") < shown.index('class="cd mb winner"')


def test_what_an_ensemble_adds_within_chance_is_said_to_be_so(
    browser: Client, finished: Experiment, ensemble: LeaderboardRow
) -> None:
    put(finished, "ensemble", difference={"scorecard": {"value": 0.001, "low": -0.002, "high": 0.004}})

    assert "AUC +0.001 (−0.002 to +0.004) against the recommended model: not significant" in result(browser, finished)


def test_every_finalist_is_told_apart_from_the_recommended_one_by_their_paired_difference(
    browser: Client, finished: Experiment
) -> None:
    put(finished, "lightgbm", difference={"scorecard": {"value": -0.0123, "low": -0.0225, "high": -0.0021}})

    shown = result(browser, finished)

    assert "AUC −0.012 (−0.022 to −0.002)" in " ".join(shown.split())
    assert "Below each name: the AUC difference to the recommended model on the same rows" in shown
    assert ": not significant" not in shown
    assert re.search(r"\d ms per row", shown) is None


def test_the_one_who_prefers_the_ensemble_submits_it_like_any_other(
    browser: Client, finished: Experiment, ensemble: LeaderboardRow
) -> None:
    submit = reverse("submit", args=[finished.pk]) + "?candidate=ensemble"

    assert submit in result(browser, finished, "ensemble")
    assert "Submit Ensemble for approval" in browser.get(submit).content.decode()


@pytest.mark.parametrize(
    ("limits", "state", "badge"),
    [
        ([limit("ks_gap", 0.04, 0.05)], "kept", "Within limits"),
        ([limit("ks_gap", 0.09, 0.05), limit("score_psi", 0.01, 0.1)], "unproven", "Possibly over the limit"),
        ([limit("ks_gap", 0.09, 0.05), limit("score_psi", 0.4, 0.1, is_kept=False)], "broken", "Over the limit"),
        ([], "", ""),
    ],
)
def test_a_row_of_the_leaderboard_carries_the_gravest_verdict_on_its_limits(
    browser: Client, finished: Experiment, limits: list[dict[str, Any]], state: str, badge: str
) -> None:
    put(finished, "lightgbm", limits=limits)

    line = leaderboard_for(finished).line_of("lightgbm")
    shown = result(browser, finished)
    board = shown[shown.index("leaderboard") :]

    assert line is not None
    assert line.limits_state == state
    badges = ("Within limits", "Possibly over the limit", "Over the limit")
    assert [each for each in badges if each in board] == ([badge] if badge else [])


def test_directions_are_told_with_their_price(browser: Client, finished: Experiment) -> None:
    found = {"features": ["age", "debt"], "violations": 0, "checked_steps": 896, "ks_price": 0.0042}
    put(finished, "scorecard", constraints=found, limits=[limit("monotone", 0.0, 0.0)])

    shown = result(browser, finished)

    assert "The monotone constraints on 2 columns hold: no violations in 896 checks. Cost in KS: 0.0042." in shown
    assert "About monotone." not in shown


def test_broken_directions_are_not_called_kept(browser: Client, finished: Experiment) -> None:
    found = {"features": ["age"], "violations": 7, "checked_steps": 500}
    put(finished, "scorecard", constraints=found)

    assert "The monotone constraint on 1 column is violated in 7 of 500 checks." in result(browser, finished)


def test_derived_columns_are_read_from_beside_the_model_and_told_with_label_and_formula(
    browser: Client, finished: Experiment
) -> None:
    made = GeneratedFeature(
        "debt ÷ income", "ratio", ["debt", "income"], {"en": "%(a)s by %(b)s", "zh": "%(a)s 除以 %(b)s"},
        formula="debt ÷ max(income, 1)",
    )  # fmt: skip
    folder = Path(django_settings.MEDIA_ROOT) / finished.leaderboard.get(candidate="scorecard").model_path
    folder.mkdir(parents=True)
    (folder / "features.json").write_text(json.dumps({"features": [made.to_dict()]}))
    finished.spec["labels"] = {"debt": {"en": "Debt", "zh": "负债"}}
    finished.save()

    shown = result(browser, finished, part="derived")

    assert "1 derived column used by this model" in shown
    assert "Debt by income" in shown
    assert "debt ÷ max(income, 1)" in shown


@pytest.mark.parametrize(
    ("sample", "told"), [("out_of_time", "Out-of-time rows used: 2×"), ("held_out", "Held-out rows used: 2×")]
)
def test_every_look_at_the_rows_kept_for_the_end_is_counted(
    browser: Client, finished: Experiment, sample: str, told: str
) -> None:
    for row in finished.leaderboard.all():
        row.metrics = {"validation": metrics_of(0.7), sample: metrics_of(0.68)}
        row.save()
    Experiment.objects.filter(pk=finished.pk).update(out_of_time_readings=2)

    assert told in result(browser, finished)


def test_the_trial_list_is_downloaded_with_all_that_is_needed_to_replay_it(
    browser: Client, finished: Experiment
) -> None:
    DataCheck.objects.filter(pk=finished.data_check_id).update(sample={"performance_months": 6})
    answer = browser.get(reverse("experiment_trials_json", args=[finished.pk]))

    plain = json.loads(b"".join(answer.streaming_content))
    assert 'filename="bad-loans-trials.json"' in answer["Content-Disposition"]
    assert (plain["seed"], plain["data_sha256"]) == (1, finished.version.sha256)
    assert plain["spec"] == finished.spec
    assert plain["sample"] == {"performance_months": 6}
    assert (plain["file"], plain["types"]) == (finished.version.file_name, {})
    assert [trial["learner"] for trial in plain["trials"]] == ["baseline", "scorecard", "lightgbm"]


def test_a_stranger_gets_no_trial_list(client_of: ClientOf, stranger: User, finished: Experiment) -> None:
    assert client_of(stranger).get(reverse("experiment_trials_json", args=[finished.pk])).status_code == 404


def test_settings_tell_every_decision_of_the_plan(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    plan = Plan(budget="trials", trials=60, feature_effort="deep", ensemble=False, embargo_days=30, scheme="time")
    save_plan(draft, plan)
    save_column_rules(draft, "age", direction=-1, special_values=[-999.0])

    shown = browser.get(reverse("experiment_settings", args=[finish(draft).pk])).content.decode()

    for words in ("60 trials", "Deep", "By time: each fold is validated on later rows", "-999", "≤ 0.05", ">30<"):
        assert words in shown, words


def test_the_settings_tell_which_customers_the_model_learnt_from(browser: Client, finished: Experiment) -> None:
    page = reverse("experiment_settings", args=[finished.pk])
    assert "All rows are used." in browser.get(page).content.decode()

    sample = {"performance_months": 6, "exclusions": [{"column": "age", "operator": "less", "value": "18"}]}
    DataCheck.objects.filter(pk=finished.data_check_id).update(sample=sample)
    told = browser.get(page).content.decode()
    assert "The performance window is 6 months." in told
    assert "Left out: age" in told
