"""Nobody decides on own work, whoever's name stands on it and whoever's account is used, on any way in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Membership, Role, User
from accounts.services import create_token
from approvals.queries import deciders
from approvals.queries.approvals import waiting_for
from approvals.services.decision import decide
from audit.services import record
from common.inbox import inbox_for
from planning.plans.plan import Plan
from planning.services.drafting import save_plan
from registry.models import ApprovalRequest
from tests.conftest import PASSWORD
from tests.registry.conftest import submit_gathered
from training.models import Experiment, ExperimentState
from training.queries.participants import participants_in

pytestmark = pytest.mark.database

LIMITS = "Ranking only"
WISH = {"decision": "approved", "comment": "Mine", "password": PASSWORD, "limits_of_use": LIMITS}


def member(user: User) -> Membership:
    return Membership.objects.get(user=user)


def make_account(author: User) -> User:
    workspace = member(author).workspace
    return accounts.add_person(workspace=workspace, username="second", role=Role.ADMIN, password=PASSWORD, actor=author)


def reset_account(author: User) -> User:
    second = accounts.add_person(
        workspace=member(author).workspace, username="second", role=Role.ADMIN, password="another word 7"
    )
    accounts.reset_password(member(second), PASSWORD, actor=author)
    second.refresh_from_db()
    return second


def promote_account(author: User) -> User:
    second = accounts.add_person(
        workspace=member(author).workspace, username="second", role=Role.MODELER, password=PASSWORD
    )
    accounts.change_role(member(second), Role.ADMIN, actor=author)
    return second


def reopen_account(author: User) -> User:
    second = accounts.add_person(
        workspace=member(author).workspace, username="second", role=Role.ADMIN, password=PASSWORD
    )
    accounts.deactivate(member(second), actor=author)
    accounts.reactivate(member(second), actor=author)
    second.refresh_from_db()
    return second


HOLDS = {
    make_account: "created your account on",
    reset_account: "reset your password on",
    promote_account: "changed your role on",
    reopen_account: "reactivated your account on",
}


def is_refused_everywhere(approval: ApprovalRequest, person: User, because: str) -> None:
    """By the service, the page, the API, the inbox and the database itself."""
    with pytest.raises(PermissionDenied, match=because):
        decide(approval, person, "approved", "Mine", PASSWORD, limits_of_use=LIMITS)
    browser = Client()
    browser.force_login(person)
    address = reverse("approval_detail", args=[approval.pk])
    page = browser.get(address)
    assert because in page.context["refusal"]
    assert 'name="password"' not in page.content.decode()
    assert browser.post(address, WISH).status_code == 403
    _token, secret = create_token(person, "tests")
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = program.post(f"/api/v1/approvals/{approval.pk}/decision", WISH, content_type="application/json")
    assert (answer.status_code, because in answer.json()["detail"]) == (403, True)
    workspace = approval.model_version.registered_model.workspace
    assert waiting_for(person, workspace) == 0
    assert not any("asks for approval of" in item.title for item in inbox_for(person, workspace))
    rows = ApprovalRequest.objects.filter(pk=approval.pk)
    with pytest.raises(IntegrityError, match="nobody decides on own work"), transaction.atomic():
        rows.update(decision="approved", decided_by=person, comment="Mine", decided_at=timezone.now())
    assert ApprovalRequest.objects.get(pk=approval.pk).is_pending


@pytest.mark.parametrize("hold", HOLDS)
def test_an_account_that_the_author_has_a_hold_on_decides_nothing(
    submitted: Any, admin: User, hold: Callable[[User], User]
) -> None:
    approval = submitted(owner=admin)
    second = hold(admin)

    is_refused_everywhere(approval, second, HOLDS[hold])


def test_a_hold_of_before_the_submission_counts_and_so_does_one_over_two_accounts(submitted: Any, admin: User) -> None:
    second = make_account(admin)
    third = accounts.add_person(
        workspace=member(admin).workspace, username="third", role=Role.ADMIN, password=PASSWORD, actor=second
    )

    is_refused_everywhere(
        submitted(owner=admin), third, "second took part in building this model and created your account on"
    )


def test_an_account_made_by_somebody_else_decides(submitted: Any, admin: User, add_person: Any) -> None:
    other = add_person("other", Role.ADMIN)
    second = make_account(other)
    approval = submitted(owner=admin)

    assert waiting_for(second, member(admin).workspace) == 1
    assert decide(approval, second, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS).decided_by == second


@pytest.mark.parametrize(("days", "policy", "may"), [(29, 30, False), (31, 30, True), (31, 90, False), (1, 0, True)])
def test_a_hold_ends_with_the_time_that_policy_sets(
    submitted: Any, admin: User, settings: Any, monkeypatch: Any, days: int, policy: int, may: bool
) -> None:
    settings.INDEPENDENCE_DAYS = policy
    long_ago = timezone.now() - timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr("audit.services.timezone.now", lambda: long_ago)
        second = make_account(admin)
    approval = submitted(owner=admin)

    assert approval.independence_days == policy
    assert (deciders.refusal_for(approval, second) == "") == may
    if may:
        assert decide(approval, second, "refused", "No", PASSWORD).decided_by == second
    else:
        is_refused_everywhere(approval, second, "created your account on")


def test_the_reason_says_from_when_on_the_person_can_decide(
    submitted: Any, admin: User, stopped_clock: datetime
) -> None:
    approval = submitted(owner=admin)
    second = make_account(admin)

    until = timezone.localdate() + timedelta(days=31)
    assert f"or you from {until.isoformat()} on" in deciders.refusal_for(approval, second)


def test_the_policy_of_a_request_cannot_be_loosened_afterwards(submitted: Any, admin: User) -> None:
    approval = submitted(owner=admin)
    with pytest.raises(IntegrityError, match="cannot be rewritten"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=approval.pk).update(independence_days=0)


def finish(experiment: Experiment) -> None:
    Experiment.objects.filter(pk=experiment.pk).update(state=ExperimentState.FINISHED)


def acts() -> dict[str, Callable[[Experiment, User], Any]]:
    def as_draft(act: Callable[[Experiment, User], Any]) -> Callable[[Experiment, User], Any]:
        def run(experiment: Experiment, user: User) -> None:
            Experiment.objects.filter(pk=experiment.pk).update(state=ExperimentState.DRAFT)
            experiment.refresh_from_db()
            act(experiment, user)
            finish(experiment)

        return run

    def say(action: str) -> Callable[[Experiment, User], Any]:
        return lambda experiment, user: record(user, action, workspace=experiment.workspace, obj=experiment)

    return {
        "planned": as_draft(lambda experiment, user: save_plan(experiment, Plan(seed=7), user)),
        "started": say("experiment.started"),
        "ended early": say("experiment.finish_requested"),
        "resumed": say("experiment.resumed"),
        "continued": say("experiment.continued"),
        "checked": lambda e, user: record(user, "finding.undone", workspace=e.workspace, obj=e.data_check),
    }


@pytest.mark.parametrize("act", acts())
def test_whoever_worked_on_the_experiment_does_not_decide(
    finished_experiment: Any, analyst: User, admin: User, act: str
) -> None:
    experiment = finished_experiment()
    acts()[act](experiment, admin)
    experiment.refresh_from_db()
    approval = submit_gathered(experiment.leaderboard.get(rank=1), analyst)

    assert set(approval.participants.values_list("user", flat=True)) == {analyst.pk, admin.pk}
    is_refused_everywhere(approval, admin, "You worked on this model's experiment")


def test_whoever_submitted_for_somebody_else_does_not_decide(finished_experiment: Any, modeler: User) -> None:
    approval = submit_gathered(finished_experiment(modeler).leaderboard.get(rank=1), promote_account(modeler))
    is_refused_everywhere(approval, approval.author, "your own model")


def test_whoever_worked_on_the_run_that_is_repeated_does_not_decide(
    finished_experiment: Any, analyst: User, admin: User
) -> None:
    first, again = finished_experiment(name="First"), finished_experiment(name="Again")
    record(admin, "experiment.started", workspace=first.workspace, obj=first)
    record(analyst, "experiment.repeated", workspace=again.workspace, obj=again, details={"repeats": first.pk})

    is_refused_everywhere(submit_gathered(again.leaderboard.get(rank=1), analyst), admin, "You worked on this model")


def test_whoever_made_an_account_of_a_colleague_who_worked_on_it_is_not_held(
    finished_experiment: Any, analyst: User, admin: User, add_person: Any
) -> None:
    """A hold bars the account that is held: else no admin could decide on the work of a new colleague."""
    colleague = accounts.add_person(
        workspace=member(admin).workspace, username="new", role=Role.MODELER, password=PASSWORD, actor=admin
    )
    approval = submit_gathered(finished_experiment(colleague).leaderboard.get(rank=1), colleague)
    assert decide(approval, admin, "refused", "No", PASSWORD).decided_by == admin


def test_pausing_a_run_to_make_room_is_no_part_in_the_model(
    finished_experiment: Any, analyst: User, admin: User
) -> None:
    experiment = finished_experiment()
    record(admin, "experiment.pause_requested", workspace=experiment.workspace, obj=experiment)
    assert set(participants_in(experiment)) == {analyst.pk}


def test_work_done_after_the_submission_counts_too(submitted: Any, admin: User) -> None:
    approval = submitted()
    experiment = approval.model_version.leaderboard_row.experiment
    record(admin, "experiment.repeated", workspace=experiment.workspace, obj=experiment, details={"repeats": 0})

    with pytest.raises(PermissionDenied, match="You worked on this model's experiment"):
        decide(approval, admin, "approved", "Mine", PASSWORD, limits_of_use=LIMITS)


def test_participants_stay_on_record(submitted: Any, admin: User) -> None:
    rows = submitted().participants
    for act in (lambda: rows.update(user=admin), lambda: rows.all()._raw_delete("default")):
        with pytest.raises(IntegrityError, match="cannot be rewritten"), transaction.atomic():
            act()


def test_the_page_says_who_can_decide_and_when_nobody_can(submitted: Any, admin: User, add_person: Any) -> None:
    approval = submitted(owner=admin)
    browser = Client()
    browser.force_login(admin)
    address = reverse("approval_detail", args=[approval.pk])
    assert "No admin of this workspace can decide yet" in browser.get(address).content.decode()
    add_person("fresh", Role.ADMIN)
    page = browser.get(address).content.decode()
    assert "Who can decide:" in page
    assert "<b>fresh</b>" in page


def test_a_changed_plan_is_on_record_once_with_what_changed(finished_experiment: Any, modeler: User) -> None:
    from audit.models import AuditEntry

    experiment = finished_experiment()
    Experiment.objects.filter(pk=experiment.pk).update(state=ExperimentState.DRAFT)
    experiment.refresh_from_db()
    for _twice in range(2):
        save_plan(experiment, Plan(seed=7), modeler)
    entry = AuditEntry.objects.get(action="experiment.planned")
    assert (entry.actor, entry.details["seed"]) == (modeler, 7)


def test_whoever_submitted_it_the_first_time_does_not_decide_the_second_time(
    finished_experiment: Any, modeler: User, analyst: User, admin: User, add_person: Any
) -> None:
    row = finished_experiment(analyst).leaderboard.get(rank=1)
    first = submit_gathered(row, admin)
    decide(first, add_person("other", Role.ADMIN), "change", "Explain PSI", PASSWORD)
    again = submit_gathered(row, modeler)

    assert again != first
    is_refused_everywhere(again, admin, "You worked on this model's experiment")
