"""A program may decide over HTTP all that a person may, and is told by name what cannot be used."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import create_token
from catalog.models import Column, DatasetVersion
from experiments.spec import RANGES, Limits
from planning.api.plan_schemas import PlanIn
from planning.forms.plan import PlanForm
from planning.plans.plan import Plan
from training.models import Budget, Experiment


def wish(version: DatasetVersion, **more: Any) -> dict[str, Any]:
    return {"name": "Q", "kind": "default", "dataset_version_id": version.pk, "target": "bad", **more}


def call(user: User, version: DatasetVersion, **more: Any) -> Any:
    client = Client(headers={"Authorization": f"Bearer {create_token(user, 'tests')[1]}"})
    return client.post("/api/v1/experiments", json.dumps(wish(version, **more)), content_type="application/json")


def test_a_program_may_decide_all_that_the_page_offers(version: DatasetVersion, analyst: User) -> None:
    answer = call(
        analyst, version, trials=40, seed=9, folds=4, scheme="time", embargo_days=30, learners=["lightgbm"],
        feature_effort="deep", ensemble=False, limits={"ks_gap": None, "features": 25}, monotone={"age": 1},
        special_values={"age": [99, -1]},
    )  # fmt: skip

    plan = Plan.of(Experiment.objects.get(pk=answer.json()["id"]))
    assert (answer.status_code, answer.json()["budget_trials"]) == (201, 40)
    assert plan == Plan(
        budget=Budget.TRIALS, trials=40, seed=9, folds=4, scheme="time", embargo_days=30, learners=("lightgbm",),
        feature_effort="deep", ensemble=False, limits=Limits(ks_gap=None, features=25), monotone={"age": 1},
        special_values={"age": [-1.0, 99.0]},
    )  # fmt: skip


def test_a_limit_that_a_program_sends_is_the_limit_and_the_usual_share_is_for_those_who_send_none(
    version: DatasetVersion, analyst: User
) -> None:
    for sent, gap, share in [
        ({"ks_gap": 0.05}, 0.05, 0.0),
        ({"ks_gap": 0.05, "ks_gap_share": 0.2}, 0.05, 0.2),
        ({"features": 9}, 0.05, 0.2),
        (None, 0.05, 0.2),
    ]:
        answer = call(analyst, version, limits=sent)
        limits = Plan.of(Experiment.objects.get(pk=answer.json()["id"])).limits
        assert (limits.ks_gap, limits.ks_gap_share) == (gap, share)


def test_a_program_is_told_of_an_event_that_the_column_has_not(
    version: DatasetVersion, analyst: User, answered: Column
) -> None:
    refused = call(analyst, version, target="answered", event="maybe")
    assert "The target column answered has no value maybe. Its values are no, yes" in refused.json()["detail"]
    assert not Experiment.objects.exists()
    assert call(analyst, version, target="answered", event=" YES").status_code == 201


def test_a_program_learns_by_name_which_family_is_meant(version: DatasetVersion, analyst: User) -> None:
    answer = call(analyst, version, learners=["lightgmb"])
    assert "learners cannot be lightgmb. Did you mean lightgbm?" in json.dumps(answer.json()["errors"])


def test_pages_and_programs_take_the_numbers_that_the_engine_takes() -> None:
    schema = PlanIn.model_json_schema()
    for name in ("folds", "seed", "embargo_days"):
        numbers, field = RANGES[name], PlanForm.base_fields[name]
        assert (field.min_value, field.max_value) == (numbers.least, numbers.most)  # type: ignore[attr-defined]
        of_program = schema["properties"][name]
        assert (of_program["minimum"], of_program["maximum"]) == (numbers.least, numbers.most)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"monotone": {"aeg": 1}}, "The table has no column aeg. Did you mean age?"),
        ({"special_values": {"bad": [1]}}, "bad is not numeric"),
        ({"scheme": "given"}, "Choose the column that says which rows"),
        ({"learners": ["oracle"]}, "Part of what you sent cannot be used."),
        ({"monotone": {"age": 2}}, "Part of what you sent cannot be used."),
        ({"limits": {"ks_gap": 4}}, "Part of what you sent cannot be used."),
        ({"folds": 0}, "Part of what you sent cannot be used."),
        ({"seed": 2**31}, "Part of what you sent cannot be used."),
        ({"fold": 5}, "Part of what you sent cannot be used."),
        ({"target": "Bad"}, "The table has no column Bad. Did you mean bad?"),
    ],
)
def test_a_program_is_told_what_cannot_be_used(
    version: DatasetVersion, analyst: User, more: dict[str, Any], told: str
) -> None:
    answer = call(analyst, version, **more)

    assert answer.status_code in (409, 422)
    assert told in answer.json()["detail"]
    assert not Experiment.objects.exists()
