"""Deciding: by someone else, with comment and password, in the services and in the database."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.services.decision import add_months, decide
from approvals.services.errors import DecidedAlready
from audit.models import AuditEntry
from registry.models import ApprovalRequest, ModelVersion
from registry.queries.models import fallback_of
from registry.queries.signed import digest_of
from registry.services.champions import make_champion, retire
from registry.services.errors import RegistryError
from tests.conftest import PASSWORD, around_the_triggers
from tests.registry.conftest import nothing_missing, submit_gathered

LIMITS = "Ranking the call list only"


def approve(request: ApprovalRequest, person: Any, **more: Any) -> ModelVersion:
    decide(request, person, "approved", "Agreed", PASSWORD, **{"limits_of_use": LIMITS, **more})
    return ModelVersion.objects.get(pk=request.model_version_id)


def actions() -> list[str]:
    return list(AuditEntry.objects.filter(action__startswith="model_version.").values_list("action", flat=True))


def test_approval_makes_champion_with_limits_expiry_and_an_audit_entry(
    submitted: Any, admin: Any, stopped_clock: datetime
) -> None:
    request = submitted()

    version = approve(request, admin)

    today = timezone.localdate()
    assert (version.state, version.alias, version.limits_of_use) == ("approved", "champion", LIMITS)
    assert version.expires_on == add_months(today, 6)
    entry = AuditEntry.objects.get(action="model_version.approved")
    assert (entry.actor, entry.workspace) == (admin, version.registered_model.workspace)
    assert entry.details == {
        "comment": "Agreed",
        "limits_of_use": LIMITS,
        "expires_on": version.expires_on.isoformat(),
        "former_champion": None,
        "artifact": version.artifact_hash,
        "seal": version.artifact_seal,
        "path": version.artifact_path,
        "author": "analyst",
        "checks": digest_of(version.evidence_checks.all()),
    }


def test_a_default_model_may_be_used_for_twelve_months(submitted: Any, admin: Any, stopped_clock: datetime) -> None:
    assert approve(submitted(kind="default"), admin).expires_on == add_months(timezone.localdate(), 12)


def test_the_former_champion_stays_approved_to_fall_back_on(submitted: Any, admin: Any) -> None:
    first = approve(submitted(), admin)
    second = approve(submitted(candidate="lightgbm"), admin)

    first.refresh_from_db()
    assert (first.state, first.alias) == ("approved", "")
    assert (second.number, second.alias) == (2, "champion")
    assert fallback_of(second.registered_model) == first
    assert second.evidence_checks.get(code="fallback").state == "passed"


def test_nobody_is_offered_to_fall_back_on_a_version_that_has_expired(
    submitted: Any, admin: Any, stopped_clock: datetime
) -> None:
    first = approve(submitted(), admin, expires_on=timezone.localdate() + timedelta(days=1))
    second = approve(submitted(candidate="lightgbm"), admin)
    model = second.registered_model
    assert fallback_of(model) == first

    with around_the_triggers():
        ModelVersion.objects.filter(pk=first.pk).update(expires_on=timezone.localdate() - timedelta(days=1))

    assert fallback_of(model) is None


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"comment": "  "}, "Write a comment"),
        ({"password": "wrong"}, "not your password"),
        ({"decision": "maybe"}, "Choose: approve"),
        ({"limits_of_use": " "}, "write the limits of use"),
        ({"expires_on": date(2020, 1, 1)}, "expiry must lie after today"),
    ],
)
def test_nothing_is_decided_without_what_a_decision_needs(
    submitted: Any, admin: Any, wish: dict[str, Any], sentence: str
) -> None:
    request = submitted()
    given = {"decision": "approved", "comment": "Yes", "password": PASSWORD, "limits_of_use": LIMITS, **wish}

    with pytest.raises(RegistryError, match=sentence):
        decide(request, admin, **given)

    request.refresh_from_db()
    assert (request.decision, request.decided_by) == ("pending", None)
    assert ModelVersion.objects.get().state == "submitted"


def test_a_wrong_password_is_on_record(submitted: Any, admin: Any) -> None:
    with pytest.raises(RegistryError):
        decide(submitted(), admin, "approved", "Yes", "wrong", limits_of_use=LIMITS)

    assert AuditEntry.objects.get(action="approval.password_refused").actor == admin


def test_missing_evidence_that_the_platform_can_measure_stops_an_approval(submitted: Any, admin: Any) -> None:
    request = submitted(evidence={"score_psi": None})

    with pytest.raises(RegistryError, match="Evidence required for approval is missing"):
        approve(request, admin)


def test_no_limits_are_asked_for_when_every_check_has_evidence_and_none_failed(submitted: Any, admin: Any) -> None:
    with nothing_missing("passed"):
        request = submitted()

    assert approve(request, admin, limits_of_use="").limits_of_use == ""


def test_only_an_admin_of_the_workspace_decides(
    submitted: Any, add_person: Callable[..., Any], modeler: Any, stranger: Any
) -> None:
    request = submitted()

    for person in (add_person("colleague"), modeler, stranger):
        with pytest.raises(PermissionDenied):
            approve(request, person)


def test_an_admin_cannot_decide_on_own_work(submitted: Any, admin: Any) -> None:
    with pytest.raises(PermissionDenied, match="your own model"):
        approve(submitted(owner=admin), admin)


def test_an_admin_cannot_have_someone_else_submit_own_work(finished_experiment: Any, admin: Any, modeler: Any) -> None:
    row = finished_experiment(admin).leaderboard.get(rank=1)
    request = submit_gathered(row, modeler, "Phone", "Rank the call list")

    with pytest.raises(PermissionDenied, match="your own model"):
        approve(request, admin)


def test_a_decided_request_cannot_be_decided_again(submitted: Any, admin: Any) -> None:
    request = submitted()
    decide(request, admin, "refused", "No", PASSWORD)

    with pytest.raises(DecidedAlready) as late:
        approve(request, admin)
    assert late.value.params["decision"] == "Refused"
    assert ModelVersion.objects.get().state == "refused"
    assert actions() == ["model_version.submitted", "model_version.refused"]


def test_a_late_decision_in_a_second_tab_is_answered_and_on_record(
    submitted: Any, admin: Any, client_of: Callable[..., Client]
) -> None:
    request, tab = submitted(), client_of(admin)
    approve(request, admin)

    page = tab.post(
        reverse("approval_detail", args=[request.pk]),
        {"decision": "refused", "comment": "No after all", "password": PASSWORD},
        follow=True,
    ).content.decode()

    assert "Your decision did not take effect" in page
    entry = AuditEntry.objects.order_by("-pk").first()
    assert entry is not None
    assert (entry.action, entry.details["wanted"], entry.details["comment"]) == (
        "approval.too_late", "refused", "No after all"
    )  # fmt: skip


def refuses(act: Callable[[], Any], message: str | None = None) -> None:
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        act()


def test_the_database_refuses_the_author_as_decider(submitted: Any, analyst: Any) -> None:
    request = submitted()
    rows = ApprovalRequest.objects.filter(pk=request.pk)

    refuses(lambda: rows.update(decision="approved", decided_by=analyst, comment="Mine"), "own work")


def test_the_database_refuses_the_maker_as_decider(finished_experiment: Any, admin: Any, modeler: Any) -> None:
    request = submit_gathered(finished_experiment(admin).leaderboard.get(rank=1), modeler, "Phone", "List")
    rows = ApprovalRequest.objects.filter(pk=request.pk)

    refuses(lambda: rows.update(decision="approved", decided_by=admin, comment="Mine"), "own work")


def test_the_database_refuses_decisions_without_person_or_comment(submitted: Any, admin: Any) -> None:
    rows = ApprovalRequest.objects.filter(pk=submitted().pk)

    refuses(lambda: rows.update(decision="approved"), "decision_has_person_and_comment")
    refuses(lambda: rows.update(decision="approved", decided_by=admin), "decision_has_person_and_comment")


def test_the_database_refuses_to_rewrite_who_asked_or_what_was_decided(
    submitted: Any, admin: Any, analyst: Any, modeler: Any
) -> None:
    pending, decided = submitted(), submitted(candidate="lightgbm")
    decide(decided, admin, "refused", "No", PASSWORD)

    refuses(lambda: ApprovalRequest.objects.filter(pk=pending.pk).update(author=modeler), "rewritten")
    refuses(lambda: ApprovalRequest.objects.filter(pk=pending.pk).update(maker=modeler), "rewritten")
    refuses(lambda: ApprovalRequest.objects.filter(pk=decided.pk).update(decision="approved"), "rewritten")
    refuses(lambda: ApprovalRequest.objects.filter(pk=decided.pk).update(comment="Yes"), "rewritten")


def test_the_database_refuses_an_approved_version_nobody_approved(submitted: Any) -> None:
    version = submitted().model_version

    refuses(lambda: ModelVersion.objects.filter(pk=version.pk).update(state="approved"), "approved request")
    version.pk, version.number, version.state = None, 2, "approved"
    refuses(lambda: version.save(force_insert=True), "approved request|begins as a draft")


def test_the_database_refuses_a_champion_that_is_not_approved_and_a_second_one(submitted: Any, admin: Any) -> None:
    champion, waiting = approve(submitted(), admin), submitted(candidate="lightgbm").model_version

    refuses(lambda: ModelVersion.objects.filter(pk=waiting.pk).update(alias="champion"))
    former = approve(waiting.approval_requests.get(), admin)
    assert former.is_champion
    refuses(lambda: ModelVersion.objects.filter(pk=champion.pk).update(alias="champion"))


def test_the_database_refuses_a_second_open_request(submitted: Any, analyst: Any) -> None:
    version = submitted().model_version

    refuses(lambda: ApprovalRequest.objects.create(model_version=version, author=analyst, maker=analyst))


def test_rolling_back_gives_the_alias_to_the_version_before_and_is_on_record(submitted: Any, admin: Any) -> None:
    first = approve(submitted(), admin)
    second = approve(submitted(candidate="lightgbm"), admin)

    make_champion(fallback_of(second.registered_model), admin, "Complaints about v2")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.alias, second.alias, second.state) == ("champion", "", "approved")
    entry = AuditEntry.objects.get(action="model_version.made_champion")
    assert entry.details == {"comment": "Complaints about v2", "former_champion": "Phone v2"}


def test_an_expired_version_does_not_come_back(submitted: Any, admin: Any, monkeypatch: Any) -> None:
    first = approve(submitted(), admin)
    approve(submitted(candidate="lightgbm"), admin)
    after = first.expires_on + timedelta(days=1)
    monkeypatch.setattr("registry.models.timezone.localdate", lambda *_: after)

    with pytest.raises(RegistryError, match="has not expired"):
        make_champion(first, admin, "Back")


def test_a_retired_champion_loses_its_alias_for_good(submitted: Any, admin: Any) -> None:
    version = approve(submitted(), admin)

    retire(version, admin, "Replaced by rules")

    version.refresh_from_db()
    assert (version.state, version.alias) == ("retired", "")
    with pytest.raises(RegistryError, match="Only an approved version"):
        make_champion(version, admin, "Back")
    assert actions()[-1] == "model_version.retired"


@pytest.mark.parametrize("act", [make_champion, retire])
def test_only_an_admin_with_a_comment_moves_aliases(
    submitted: Any, admin: Any, modeler: Any, stranger: Any, act: Any
) -> None:
    version = approve(submitted(), admin)

    for person in (modeler, stranger):
        with pytest.raises(PermissionDenied):
            act(version, person, "Because")
    with pytest.raises(RegistryError, match="Write a comment"):
        act(version, admin, " ")


def test_months_end_on_the_last_day_there_is() -> None:
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2026, 11, 23), 12) == date(2027, 11, 23)
    assert add_months(date(2027, 12, 31), 6) == date(2028, 6, 30)
