"""The log can only grow: the database refuses anything else, and the chain shows what went around the database."""

import csv
import io
import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import User, Workspace
from audit.chain import FIRST, verify_chain
from audit.models import AuditEntry
from audit.services import record
from tests.conftest import around_the_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def three_entries(workspace: Workspace, analyst: User) -> list[AuditEntry]:
    AuditEntry.objects.count()
    return [
        record(
            analyst, "dataset.uploaded", workspace=workspace, obj=workspace, details={"file": f"七月{n}.csv", "n": n}
        )
        for n in range(3)
    ]


def test_each_entry_carries_the_hash_of_the_one_before(three_entries: list[AuditEntry]) -> None:
    everything = list(AuditEntry.objects.order_by("id"))
    assert [entry.previous_hash for entry in everything] == [FIRST, *(entry.hash for entry in everything[:-1])]
    assert verify_chain().holds
    assert verify_chain().checked == len(everything)


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_change_or_delete_an_entry(act: str, three_entries: list[AuditEntry]) -> None:
    rows = AuditEntry.objects.filter(pk=three_entries[0].pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(action="nothing") if act == "update" else rows._raw_delete("default")
    assert verify_chain().holds


@pytest.mark.parametrize("change", [{"action": "other"}, {"details": {"n": 9}}, {"actor": None}, {"object_label": "x"}])
def test_a_change_around_the_triggers_is_found(change: dict[str, object], three_entries: list[AuditEntry]) -> None:
    with around_the_triggers():
        AuditEntry.objects.filter(pk=three_entries[1].pk).update(**change)
    assert verify_chain().broken_at == three_entries[1].pk


def test_a_missing_entry_is_found(three_entries: list[AuditEntry]) -> None:
    with around_the_triggers():
        AuditEntry.objects.filter(pk=three_entries[1].pk)._raw_delete("default")
    assert verify_chain().broken_at == three_entries[2].pk


def test_an_act_that_is_rolled_back_leaves_no_record(workspace: Workspace, analyst: User) -> None:
    before = AuditEntry.objects.count()

    def fail_after_recording() -> None:
        with transaction.atomic():
            record(analyst, "dataset.uploaded", workspace=workspace)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_recording()
    assert AuditEntry.objects.count() == before


def test_the_page_is_for_modelers_and_admins_of_the_workspace(
    analyst: User, modeler: User, admin: User, stranger: User, client_of: Callable[[User], Client]
) -> None:
    codes = [client_of(person).get("/audit/").status_code for person in (analyst, modeler, admin, stranger)]
    assert codes == [403, 200, 200, 200]
    assert "analyst" not in client_of(stranger).get("/audit/").content.decode()


def test_the_filter_narrows_by_act_and_person(
    workspace: Workspace, analyst: User, admin: User, client_of: Callable[[User], Client]
) -> None:
    record(analyst, "dataset.uploaded", workspace=workspace, obj=analyst)
    record(admin, "model_version.approved", workspace=workspace, obj=admin)
    browser = client_of(admin)
    page = browser.get("/audit/", {"action": "model_version.approved", "actor": admin.pk}).context["page"]
    assert [entry.action for entry in page] == ["model_version.approved"]
    assert browser.get("/audit/", {"since": "never"}).status_code == 200


def test_the_export_has_every_column_in_chinese_too_and_no_formula(
    workspace: Workspace, admin: User, client_of: Callable[[User], Client]
) -> None:
    admin.display_name = "=HYPERLINK(1)"
    admin.save()
    record(admin, "dataset.uploaded", workspace=workspace, details={"file": "七月.csv"})
    answer = client_of(admin).get("/audit/export.csv", {"action": "dataset.uploaded"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["details"] for row in rows] == ['{"file": "七月.csv"}']
    assert rows[0]["actor"] == "'=HYPERLINK(1)"
    assert AuditEntry.objects.latest("id").action == "audit.exported"


def test_the_chain_is_checked_from_the_page(admin: User, client_of: Callable[[User], Client]) -> None:
    page = client_of(admin).post("/audit/verify/", headers={"HX-Request": "true"})
    assert "The chain is intact" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_chain_to_each_other() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the database in memory has one connection; test_up and PostgreSQL see to this")

    def write() -> None:
        for _entry in range(10):
            record(None, "dataset.uploaded")
        connection.close()

    threads = [threading.Thread(target=write) for _writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify_chain().checked == 40
    assert verify_chain().holds
