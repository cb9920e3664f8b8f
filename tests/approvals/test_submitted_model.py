"""What the approver reads and opens is of the model that was submitted, whichever was recommended."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from approvals.services.decision import decide
from audit.services import record
from registry.evidence.later import current_checks
from registry.models import ApprovalRequest, EvidenceCheck
from registry.queries.shown_checks import shown_checks
from tests.conftest import PASSWORD
from tests.registry.conftest import submit_gathered
from training.models import Experiment, ExperimentState

KEPT = {"features": ["age", "income"], "violations": 0, "checked_steps": 12_000, "checked_rows": 500}


def check_of(request: ApprovalRequest, code: str) -> EvidenceCheck:
    return next(check for check in current_checks(request.model_version) if check.code == code)


def told_of(request: ApprovalRequest, code: str) -> str:
    return next(check.sentence for check in shown_checks(request.model_version) if check.code == code)


def repeat(experiment: Experiment, owner: User, *, hashes: dict[str, str], **values: Any) -> Experiment:
    """Finish a repetition of a run, with the hashes that came out of it."""
    known = dict(experiment.leaderboard.values_list("candidate", "model_hash"))
    again = Experiment.objects.get(pk=experiment.pk)
    check = again.data_check
    check.pk, check._state.adding = None, True
    check.save()
    again.pk, again._state.adding, again.owner, again.data_check = None, True, owner, check
    again.result = {"repeats": {"experiment": experiment.pk, "hashes": known}} | values.pop("result", {})
    again.state, again.finished_at = ExperimentState.FINISHED, timezone.now()
    for name, value in values.items():
        setattr(again, name, value)
    again.save()
    for row in experiment.leaderboard.all():
        row.pk, row._state.adding, row.experiment = None, True, again
        row.model_hash = hashes.get(row.candidate, known[row.candidate])
        row.save()
    return again


@pytest.mark.parametrize("page", ["approval_detail", "model_version_detail"])
def test_every_page_opened_from_a_version_shows_the_submitted_model(
    page: str, submitted: Any, client_of: Callable[[User], Client], admin: User
) -> None:
    request = submitted(candidate="lightgbm")
    client = client_of(admin)
    address = {"approval_detail": request.pk, "model_version_detail": request.model_version_id}[page]
    text = client.get(reverse(page, args=[address])).content.decode()
    run = request.model_version.leaderboard_row.experiment_id
    links = {unescape(link) for link in re.findall(rf'href="(/experiments/{run}/(?:result|why)/[^"]*)"', text)}

    assert {"overfit", "reasons", "signs", "deciles"} <= {c.code for c in shown_checks(request.model_version) if c.url}
    assert len(links) >= 5
    for link in links:
        assert "candidate=lightgbm" in link
        shown = client.get(link)
        assert shown.context["candidate"] == "lightgbm", link
        assert shown.context["line"].name == "LightGBM", link


def test_the_submit_page_leads_back_to_the_finalist_in_question(
    finished_experiment: Any, client_of: Callable[[User], Client], analyst: User
) -> None:
    address = reverse("submit", args=[finished_experiment().pk])

    page = client_of(analyst).get(address, {"candidate": "lightgbm"}).content.decode()

    assert re.search(r'href="/experiments/\d+/result/\?candidate=lightgbm"', page)


def test_directions_that_were_given_are_evidence(finished_experiment: Any, analyst: User) -> None:
    experiment = finished_experiment(evidence={"constraints": KEPT})
    experiment.spec["monotone"] = {"age": 1, "income": -1, "job": 0}
    experiment.save()

    booster = submit_gathered(experiment.leaderboard.get(candidate="lightgbm"), analyst, "Booster")
    card = submit_gathered(experiment.leaderboard.get(candidate="scorecard"), analyst, "Card")

    assert check_of(booster, "signs").state == "passed"
    assert told_of(booster, "signs") == "Monotone constraints on 2 columns hold at all points checked: 12,000."
    assert check_of(card, "signs").state == "passed"
    assert "points checked: 12,000. 2 of 2 coefficients have the right sign." in told_of(card, "signs")


@pytest.mark.parametrize(
    ("constraints", "state", "told"),
    [
        ({**KEPT, "violations": 3}, "failed", "violated at 3 of 12,000 points"),
        (None, "missing", "Monotone constraints were set on 2 columns; whether they hold was not checked"),
    ],
)
def test_directions_that_are_broken_or_were_not_measured_are_told(
    finished_experiment: Any, analyst: User, constraints: Any, state: str, told: str
) -> None:
    experiment = finished_experiment(evidence={"constraints": constraints})
    experiment.spec["monotone"] = {"age": 1, "income": -1}
    experiment.save()

    request = submit_gathered(experiment.leaderboard.get(candidate="scorecard"), analyst)

    assert check_of(request, "signs").state == state
    assert told in told_of(request, "signs")


def test_columns_used_are_those_that_the_submitted_model_uses(
    submitted: Any, client_of: Callable[[User], Client], admin: User
) -> None:
    request = submitted()

    assert request.model_version.metrics["features"] == ["age", "income"]
    page = client_of(admin).get(reverse("model_version_detail", args=[request.model_version_id])).content.decode()
    assert re.search(r"<dt>Columns used</dt>\s*<dd>2</dd>", page)


def test_a_matching_repetition_settles_its_check_before_and_after_the_submission(
    finished_experiment: Any, analyst: User, modeler: User, client_of: Callable[[User], Client], admin: User
) -> None:
    experiment = finished_experiment()
    row = experiment.leaderboard.get(candidate="lightgbm")
    request = submit_gathered(row, analyst)
    assert check_of(request, "rerun").state == "missing"

    # Another finalist that came out otherwise says nothing of this one.
    repeat(experiment, modeler, hashes={"scorecard": "0" * 64})

    assert check_of(request, "rerun").state == "passed"
    assert f"got the same model, hash {row.model_hash[:12]}" in told_of(request, "rerun")
    assert str(modeler) in told_of(request, "rerun")
    inbox = client_of(admin).get(reverse("approval_list"))
    missing = sum(check.state == "missing" for check in current_checks(request.model_version))
    assert inbox.context["waiting"][0]["checks"].missing == missing
    assert submit_gathered(experiment.leaderboard.get(candidate="lightgbm"), analyst, "Other").model_version
    later = ApprovalRequest.objects.get(model_version__registered_model__name="Other")
    assert later.model_version.evidence_checks.get(code="rerun").state == "passed"


def test_a_repetition_by_who_ran_the_experiment_is_no_independent_one_but_fails_where_it_differs(
    submitted: Any, analyst: User
) -> None:
    request = submitted(candidate="lightgbm")
    experiment = request.model_version.leaderboard_row.experiment

    repeat(experiment, analyst, hashes={})
    assert check_of(request, "rerun").state == "missing"
    assert "Someone else must re-run it." in told_of(request, "rerun")

    repeat(experiment, analyst, hashes={"lightgbm": "0" * 64})
    assert check_of(request, "rerun").state == "failed"


@pytest.mark.parametrize("part", ["changed it", "submitted it"])
def test_a_repetition_by_anybody_who_had_a_part_is_no_independent_one(submitted: Any, modeler: User, part: str) -> None:
    request = submitted(candidate="lightgbm")
    experiment = request.model_version.leaderboard_row.experiment
    repeat(experiment, modeler, hashes={})
    assert check_of(request, "rerun").state == "passed"

    if part == "changed it":
        record(modeler, "experiment.planned", workspace=experiment.workspace, obj=experiment)
    else:
        submit_gathered(experiment.leaderboard.get(candidate="scorecard"), modeler, "Other")

    assert check_of(request, "rerun").state == "missing"
    assert f"{modeler}, who worked on the experiment" in told_of(request, "rerun")


def test_who_takes_part_after_the_decision_changes_nothing_of_what_was_decided(
    submitted: Any, admin: User, modeler: User
) -> None:
    request = submitted(candidate="lightgbm")
    experiment = request.model_version.leaderboard_row.experiment
    repeat(experiment, modeler, hashes={})
    decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="The call list only")
    request.refresh_from_db()

    record(modeler, "experiment.planned", workspace=experiment.workspace, obj=experiment)
    submit_gathered(experiment.leaderboard.get(candidate="scorecard"), modeler, "Other")

    assert check_of(request, "rerun").state == "passed"


def test_a_repetition_that_differs_fails_whatever_others_say(submitted: Any, modeler: User) -> None:
    request = submitted(candidate="lightgbm")
    experiment = request.model_version.leaderboard_row.experiment

    repeat(experiment, modeler, hashes={"lightgbm": "0" * 64})
    repeat(experiment, modeler, hashes={})

    assert check_of(request, "rerun").state == "failed"
    assert "got a different model, hash 000000000000" in told_of(request, "rerun")


@pytest.mark.parametrize(
    "values",
    [
        {"state": ExperimentState.RUNNING, "finished_at": None},
        {"result": {"continuations": 1}},
        {"result": {"repeats": {"experiment": 0, "hashes": {}}}},
    ],
)
def test_a_run_under_way_gone_on_or_of_another_model_settles_nothing(
    submitted: Any, modeler: User, values: dict[str, Any]
) -> None:
    request = submitted()

    repeat(request.model_version.leaderboard_row.experiment, modeler, hashes={}, **values)

    assert check_of(request, "rerun").state == "missing"


def test_a_decided_request_shows_what_was_known_when_it_was_decided(submitted: Any, admin: User, modeler: User) -> None:
    request = submitted()
    decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="The call list only")
    request.refresh_from_db()

    repeat(
        request.model_version.leaderboard_row.experiment,
        modeler,
        hashes={},
        finished_at=request.decided_at + timedelta(minutes=1),
    )

    assert check_of(request, "rerun").state == "missing"
