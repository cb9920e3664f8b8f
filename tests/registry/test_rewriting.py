"""What was decided and what it rests on cannot be rewritten in the database, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import User
from approvals.services.decision import decide
from audit.chain import verify_chain
from common import triggers
from experiments.errors import ArtifactError
from registry.models import ApprovalRequest, Dossier, EvidenceCheck, ModelVersion, RegisteredModel
from registry.services.champions import make_champion
from registry.services.errors import RegistryError
from tests.conftest import ON_POSTGRESQL, PASSWORD, around_the_triggers
from training.models import Experiment, LeaderboardRow

pytestmark = pytest.mark.database

LIMITS = "Ranking only"
ON_SQLITE = pytest.mark.skipif(ON_POSTGRESQL, reason="only SQLite has OR REPLACE")


@pytest.fixture
def champion(submitted: Any, admin: User) -> ModelVersion:
    approval = submitted()
    decide(approval, admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS)
    return ModelVersion.objects.get(pk=approval.model_version_id)


def refuses(act: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


CHANGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "path": (ModelVersion, {"artifact_path": "elsewhere"}),
    "hash": (ModelVersion, {"artifact_hash": "0" * 64}),
    "seal": (ModelVersion, {"artifact_seal": "0" * 64}),
    "limits": (ModelVersion, {"limits_of_use": "None"}),
    "expiry": (ModelVersion, {"expires_on": "2099-01-01"}),
    "no expiry": (ModelVersion, {"expires_on": None}),
    "numbers": (ModelVersion, {"metrics": {}}),
    "purpose": (ModelVersion, {"purpose": "All"}),
    "back to draft": (ModelVersion, {"state": "draft", "alias": ""}),
    "version's number": (ModelVersion, {"number": 9}),
    "decision": (ApprovalRequest, {"decision": "refused"}),
    "undecided": (ApprovalRequest, {"decision": "pending", "decided_by": None}),
    "comment": (ApprovalRequest, {"comment": "Never"}),
    "day": (ApprovalRequest, {"decided_at": None}),
    "note": (ApprovalRequest, {"note": "Never"}),
    "state of a check": (EvidenceCheck, {"state": "passed"}),
    "value of a check": (EvidenceCheck, {"value": {}}),
    "model's name": (RegisteredModel, {"name": "Other"}),
    "model's kind": (RegisteredModel, {"kind": "default"}),
    "metrics of the finalist": (LeaderboardRow, {"metrics": {}}),
    "hash of the finalist": (LeaderboardRow, {"model_hash": "0" * 64}),
    "gathered facts": (Dossier, {"facts": {}}),
    "question": (Experiment, {"spec": {}}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_database_refuses_a_change(champion: ModelVersion, name: str) -> None:
    model, change = CHANGES[name]
    refuses(lambda: model.objects.update(**change))


@pytest.mark.parametrize("name", ["decider", "owner", "author"])
def test_the_database_refuses_other_people(champion: ModelVersion, modeler: User, name: str) -> None:
    change = {
        "decider": lambda: ApprovalRequest.objects.update(decided_by=modeler),
        "owner": lambda: Experiment.objects.update(owner=modeler),
        "author": lambda: ModelVersion.objects.update(author=modeler),
    }
    refuses(change[name])


@pytest.mark.parametrize("model", [ModelVersion, ApprovalRequest, EvidenceCheck, RegisteredModel, LeaderboardRow])
def test_the_database_refuses_to_delete(champion: ModelVersion, model: Any) -> None:
    refuses(lambda: model.objects.all()._raw_delete("default"))


@pytest.mark.parametrize("model", [ModelVersion, ApprovalRequest, EvidenceCheck, RegisteredModel, LeaderboardRow])
@ON_SQLITE
def test_the_database_refuses_insert_or_replace(champion: ModelVersion, model: Any) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        refuses(lambda: cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"))


@ON_SQLITE
def test_the_database_refuses_to_push_a_champion_aside(champion: ModelVersion, submitted: Any, admin: User) -> None:
    approval = submitted(candidate="lightgbm")
    decide(approval, admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS)
    table = ModelVersion._meta.db_table
    with connection.cursor() as cursor:
        sql = f"UPDATE OR REPLACE {table} SET alias = 'champion' WHERE id = {champion.pk}"
        refuses(lambda: cursor.execute(sql))


@ON_SQLITE
def test_the_database_refuses_to_push_a_row_aside_by_an_update(champion: ModelVersion, submitted: Any) -> None:
    waiting = submitted(model="Second").model_version
    row, other = champion.leaderboard_row, LeaderboardRow.objects.filter(model_versions=None).first()
    pending = waiting.approval_requests.get()
    statements = [
        f"UPDATE OR REPLACE training_leaderboardrow SET id = {row.pk} WHERE id = {other.pk}",
        f"UPDATE OR REPLACE training_leaderboardrow SET candidate = '{row.candidate}', "
        f"experiment_id = {row.experiment_id} WHERE id = {other.pk}",
        f"UPDATE OR REPLACE registry_modelversion SET id = {champion.pk} WHERE id = {waiting.pk}",
        "INSERT OR REPLACE INTO registry_approvalrequest (model_version_id, author_id, maker_id, note, decision, "
        f"comment, independence_days, created_at) SELECT model_version_id, author_id, maker_id, '', 'pending', '', 0, "
        f"created_at FROM registry_approvalrequest WHERE id = {pending.pk}",
    ]
    for statement in statements:
        with connection.cursor() as cursor:
            refuses(lambda statement=statement, cursor=cursor: cursor.execute(statement))


@pytest.mark.skipif(not ON_POSTGRESQL, reason="only PostgreSQL has TRUNCATE")
@pytest.mark.parametrize("model", [ApprovalRequest, EvidenceCheck, ModelVersion])
def test_the_database_refuses_to_empty_a_table(champion: ModelVersion, model: Any) -> None:
    def empty() -> None:
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")

    refuses(empty)


def test_checks_are_not_added_to_what_was_submitted(submitted: Any) -> None:
    version = submitted().model_version
    refuses(lambda: EvidenceCheck.objects.create(model_version=version, position=99, code="more", state="passed"))
    refuses(lambda: version.evidence_checks.update(state="passed"))


def test_a_request_is_not_born_decided(submitted: Any, admin: User, analyst: User) -> None:
    version = submitted().model_version
    people = {"author": analyst, "maker": analyst, "decided_by": admin}
    refuses(lambda: ApprovalRequest.objects.create(model_version=version, decision="approved", comment="x", **people))


def test_every_guarded_table_has_its_triggers_and_a_missing_one_is_told(champion: ModelVersion) -> None:
    assert triggers.missing(connection) == []
    with around_the_triggers():
        assert "audit_auditentry" in triggers.missing(connection)
        assert not verify_chain().is_sound
    assert triggers.missing(connection) == []


@pytest.mark.django_db
def test_an_altered_trigger_is_told() -> None:
    rule = triggers.Rule("audit_auditentry", "unchanged", "UPDATE", "1 = 0", "the audit log is append-only")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {rule.trigger}")
            cursor.execute(triggers._sqlite(rule))
        else:
            cursor.execute(triggers._postgresql(rule)[0])
    try:
        assert triggers.missing(connection) == ["audit_auditentry"]
    finally:
        triggers.install(connection)


@pytest.mark.django_db(transaction=True)
def test_migrating_leaves_every_trigger_in_place() -> None:
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []


def test_a_swap_around_the_triggers_is_told_by_the_check_of_the_log(champion: ModelVersion, modeler: User) -> None:
    assert verify_chain().differing == []
    with around_the_triggers():
        ApprovalRequest.objects.update(decided_by=modeler)
        ModelVersion.objects.update(limits_of_use="None")
    told = [message for message, _params in verify_chain().differing]
    assert len(told) == 2
    assert "its limits of use are not those in the signed approval" in told[0]
    assert "is not the one in the signed audit log" in told[1]


def test_checks_swapped_before_the_decision_stop_it(submitted: Any, admin: User) -> None:
    approval = submitted()
    with around_the_triggers():
        approval.model_version.evidence_checks.filter(state="missing").update(state="passed")
    with pytest.raises(ArtifactError, match="its checks are not those in the signed entry"):
        decide(approval, admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS)
    approval.refresh_from_db()
    assert approval.is_pending


def test_a_swapped_version_does_not_become_champion_again(champion: ModelVersion, submitted: Any, admin: User) -> None:
    decide(submitted(candidate="lightgbm"), admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS)
    with around_the_triggers():
        ModelVersion.objects.filter(pk=champion.pk).update(artifact_hash="0" * 64)
    with pytest.raises((ArtifactError, RegistryError), match="its model file is not the one"):
        make_champion(champion, admin, "Back")


@pytest.mark.parametrize("kind", ["altered", "missing", "added", "swapped"])
def test_download_refuses_what_is_not_the_sealed_model(
    champion: ModelVersion, admin: User, client_of: Any, settings: Any, kind: str
) -> None:
    folder = django_settings.MEDIA_ROOT / champion.artifact_path
    told = {"altered": "evidence.json", "missing": "model.json", "added": "more.json", "swapped": "its model file"}
    if kind == "altered":
        (folder / "evidence.json").write_text("{}")
    elif kind == "missing":
        (folder / "model.json").unlink()
    elif kind == "added":
        (folder / "more.json").write_text("{}")
    else:
        with around_the_triggers():
            ModelVersion.objects.update(artifact_path="experiments/1/models/lightgbm")

    answer = client_of(admin).get(reverse("download_artifact", args=[champion.pk]), follow=True)

    assert answer.redirect_chain[0][0] == reverse("model_version_detail", args=[champion.pk])
    assert told[kind] in answer.content.decode()


def test_refusals_reach_code_as_errors_of_the_database(champion: ModelVersion) -> None:
    with pytest.raises(DatabaseError, match="cannot be rewritten"), transaction.atomic():
        ModelVersion.objects.update(artifact_hash="0" * 64)


@pytest.mark.parametrize("name", ["model.json", "evidence.json", "more.json"])
def test_a_model_whose_files_were_touched_is_neither_approved_nor_made_champion_again(
    submitted: Any, admin: User, settings: Any, name: str
) -> None:
    first, second = submitted(), submitted(candidate="lightgbm")
    decide(first, admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS)
    for approval in (first, second):
        (settings.MEDIA_ROOT / approval.model_version.artifact_path / name).write_text("{}")
    champion = ModelVersion.objects.get(pk=first.model_version_id)

    for act in (
        lambda: decide(second, admin, "approved", "Agreed", PASSWORD, limits_of_use=LIMITS),
        lambda: make_champion(champion, admin, "Again"),
    ):
        with pytest.raises(ArtifactError) as refused:
            act()
        assert refused.value.params == {"file": name}
    second.refresh_from_db()
    assert second.is_pending
