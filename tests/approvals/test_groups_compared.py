"""The check of fairness is settled by whoever compares groups under the very model, before or after its submission."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from approvals.services.decision import decide
from diagnostics.models import Inquiry, Subject
from experiments.evaluation.fairness import fairness_table
from registry.models import ApprovalRequest, EvidenceCheck
from registry.queries.shown_checks import shown_checks
from tests.approvals.test_submitted_model import check_of, told_of
from tests.conftest import PASSWORD
from tests.diagnostics.looking import taken
from tests.registry.conftest import submit_gathered
from training.models import LeaderboardRow


def compared(
    row: LeaderboardRow, person: User, *, column: str = "age", second: float = 0.5, share: float = 0.5
) -> None:
    """Take a look at two groups, of whose second that share has the high score that is selected."""
    scores = np.concatenate([np.resize([0.2, 0.7], 400), np.where(np.arange(400) < 400 * second, 0.7, 0.2)])
    table = fairness_table(
        np.resize([0, 1], 800), scores, group=["a"] * 400 + ["b"] * 400, share=share, reference="a"
    )  # fmt: skip
    answer = {"column": column, "table": table.to_dict(), "proxies": []}
    taken(row, Subject.FAIRNESS, {"column": column, "share": share, "second": second}, answer, person)


def again(request: ApprovalRequest) -> ApprovalRequest:
    return ApprovalRequest.objects.get(pk=request.pk)


@pytest.mark.parametrize(("second", "state", "told"), [
    (0.5, "passed", "none differs significantly from the reference"),
    (0.2, "failed", "1 of 1 selected significantly less than four fifths as often as the reference; lowest ratio"),
    (0.42, "warning", "1 of 1 different from the reference"),
])  # fmt: skip
def test_the_engines_verdict_on_the_groups_is_what_the_check_says(
    submitted: Any, modeler: User, second: float, state: str, told: str
) -> None:
    request = submitted(candidate="lightgbm")
    compared(request.model_version.leaderboard_row, modeler, second=second, share=0.55)

    assert check_of(request, "fairness").state == state
    assert told in told_of(request, "fairness")
    assert str(modeler) in told_of(request, "fairness")
    assert "(age)" in told_of(request, "fairness")


def test_every_protected_column_has_to_be_looked_at(finished_experiment: Any, analyst: User, modeler: User) -> None:
    experiment = finished_experiment()
    experiment.spec |= {"protected": ["sex", "age"]}
    experiment.save(update_fields=["spec"])
    row = experiment.leaderboard.get(candidate="scorecard")
    request = submit_gathered(row, analyst)
    compared(row, modeler, column="income")
    compared(row, modeler, column="age")

    assert check_of(again(request), "fairness").state == "missing"
    assert "missing: sex" in told_of(again(request), "fairness")

    compared(row, modeler, column="sex")
    assert check_of(again(request), "fairness").state == "passed"
    assert "(age, sex)" in told_of(again(request), "fairness")


def test_a_bad_ratio_is_not_looked_away_and_a_selection_of_all_compares_nothing(submitted: Any, modeler: User) -> None:
    request = submitted()
    row = request.model_version.leaderboard_row
    compared(row, modeler, share=1.0)
    assert check_of(request, "fairness").state == "missing"

    compared(row, modeler, second=0.2, share=0.55)
    compared(row, modeler, second=0.5)
    assert check_of(request, "fairness").state == "failed"


def test_groups_under_another_model_settle_nothing(submitted: Any, modeler: User) -> None:
    request = submitted(candidate="lightgbm")
    compared(request.model_version.leaderboard_row.experiment.leaderboard.get(candidate="scorecard"), modeler)
    row = request.model_version.leaderboard_row
    row.model_hash = "0" * 64
    compared(row, modeler)

    assert check_of(again(request), "fairness").state == "missing"


def test_groups_compared_before_the_submission_are_kept_with_it(
    finished_experiment: Any, analyst: User, modeler: User
) -> None:
    row = finished_experiment().leaderboard.get(candidate="lightgbm")
    compared(row, modeler)

    kept = submit_gathered(row, analyst).model_version.evidence_checks.get(code="fairness")
    assert kept.state == EvidenceCheck.State.PASSED


def test_a_decided_request_shows_the_groups_as_they_were_known_then(submitted: Any, admin: User, modeler: User) -> None:
    request = submitted()
    decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="The call list only")
    compared(request.model_version.leaderboard_row, modeler)
    Inquiry.objects.update(created_at=timezone.now() + timedelta(minutes=1))

    assert check_of(again(request), "fairness").state == "missing"


def test_the_grey_check_leads_to_where_groups_of_the_very_model_are_compared(
    submitted: Any, client_of: Callable[[User], Client], admin: User
) -> None:
    request = submitted(candidate="lightgbm")
    url = next(check.url for check in shown_checks(request.model_version) if check.code == "fairness")

    run = request.model_version.leaderboard_row.experiment_id
    assert url == reverse("experiment_look", args=[run, "fairness"]) + "?candidate=lightgbm"
    assert client_of(admin).get(url).context["candidate"] == "lightgbm"


def test_every_check_without_evidence_says_what_settles_it_and_opens_the_page(
    submitted: Any, client_of: Callable[[User], Client], admin: User
) -> None:
    request = submitted(candidate="lightgbm", evidence={"score_psi": None})
    grey = [check for check in shown_checks(request.model_version) if check.state == "missing"]
    client = client_of(admin)
    page = client.get(reverse("approval_detail", args=[request.pk])).content.decode()

    assert {check.code for check in grey} == {"stability", "fairness", "signs", "rerun", "report"}
    for check in grey:
        assert check.to_do
        assert f">{check.to_do}</a>" in page
        assert client.get(check.url).status_code == 200, check.code
    assert not [check for check in shown_checks(request.model_version) if check.state == "passed" and check.to_do]


def test_what_only_more_customers_would_settle_asks_nothing_of_anybody(submitted: Any) -> None:
    found = {check.code: check.to_do for check in shown_checks(submitted(events=20).model_version)}

    assert found["sample"] == ""
