"""The log is signed and its end is anchored outside of the database: what is cut off, or forged, is found."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User, Workspace
from audit import anchor
from audit.chain import AnchorState, hash_of, verify_chain
from audit.models import AuditEntry
from audit.services import record
from tests.conftest import around_the_triggers

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def five(workspace: Workspace, analyst: User, django_capture_on_commit_callbacks: Any) -> list[AuditEntry]:
    """Five acts that are committed, as each of them is outside of a test."""
    entries = []
    for number in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            entries.append(record(analyst, "dataset.uploaded", workspace=workspace, details={"n": number}))
    return entries


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Callable[..., None]:
    def act(**details: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            record(None, "dataset.uploaded", details=details)

    return act


@pytest.fixture
def around() -> Iterator[None]:
    with around_the_triggers():
        yield


def gone(rows: Any) -> None:
    rows._raw_delete("default")


def test_the_anchor_holds_count_and_last_hash(five: list[AuditEntry], settings: Any) -> None:
    held = anchor.read()
    assert held is not None
    assert (held.count, held.last_id, held.last_hash) == (AuditEntry.objects.count(), five[-1].pk, five[-1].hash)
    assert Path(settings.AUDIT_ANCHOR).stat().st_mode & 0o077 == 0
    state = verify_chain()
    assert (state.holds, state.is_sound, state.anchor, state.lost) == (True, True, AnchorState.HELD, 0)


@pytest.mark.parametrize("how_many", [1, 3])
def test_a_deleted_tail_is_found(five: list[AuditEntry], around: None, how_many: int) -> None:
    gone(AuditEntry.objects.filter(pk__in=[entry.pk for entry in five[-how_many:]]))
    state = verify_chain()
    assert (state.holds, state.broken_at, state.anchor, state.lost) == (False, None, AnchorState.LOST, how_many)


def test_deleting_everything_is_found(five: list[AuditEntry], around: None) -> None:
    count = AuditEntry.objects.count()
    gone(AuditEntry.objects.all())
    state = verify_chain()
    assert (state.holds, state.anchor, state.lost) == (False, AnchorState.LOST, count)


def test_new_acts_do_not_heal_a_deleted_tail(five: list[AuditEntry], around: None, commit: Callable[..., None]) -> None:
    gone(AuditEntry.objects.filter(pk__in=[entry.pk for entry in five[-2:]]))
    for number in range(6):
        commit(n=number)
    state = verify_chain()
    assert (state.holds, state.broken_at, state.anchor) == (False, None, AnchorState.LOST)


def test_a_deleted_beginning_is_found(five: list[AuditEntry], around: None) -> None:
    first = AuditEntry.objects.order_by("id").first()
    gone(AuditEntry.objects.filter(pk=first.pk))  # type: ignore[union-attr]
    assert not verify_chain().holds


def test_an_entry_that_fits_but_is_not_signed_is_found(five: list[AuditEntry], around: None) -> None:
    """Who can write to the database can make hashes, but no signatures."""
    forged = AuditEntry.objects.get(pk=five[-1].pk)
    forged.details = {"n": "forged"}
    forged.hash = hash_of(forged)
    forged.save()
    state = verify_chain()
    assert (state.holds, state.broken_at, state.is_forged) == (False, forged.pk, True)


def test_a_chain_made_anew_from_the_first_entry_on_is_found(five: list[AuditEntry], around: None) -> None:
    previous = "0" * 64
    for entry in AuditEntry.objects.order_by("id"):
        entry.previous_hash, entry.details = previous, {}
        entry.hash = previous = hash_of(entry)
        entry.save()
    assert not verify_chain().holds


def test_an_anchor_that_somebody_else_wrote_is_found(five: list[AuditEntry], settings: Any) -> None:
    path = Path(settings.AUDIT_ANCHOR)
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({**plain, "count": 1}))
    assert verify_chain().anchor == AnchorState.FORGED
    path.write_text("")
    assert not verify_chain().holds


def test_a_forged_anchor_is_left_as_it_is(five: list[AuditEntry], settings: Any, commit: Callable[..., None]) -> None:
    path = Path(settings.AUDIT_ANCHOR)
    path.write_text("{}")
    commit()
    assert path.read_text() == "{}"


def test_a_missing_anchor_is_told_and_the_new_one_says_since_when_it_counts(
    five: list[AuditEntry], settings: Any, commit: Callable[..., None]
) -> None:
    Path(settings.AUDIT_ANCHOR).unlink()
    state = verify_chain()
    assert (state.holds, state.is_sound, state.anchor) == (True, False, AnchorState.MISSING)
    commit()
    held = anchor.read()
    assert held is not None
    assert held.begun_with == held.count == AuditEntry.objects.count()


def test_an_act_that_is_rolled_back_does_not_move_the_anchor(five: list[AuditEntry]) -> None:
    before = anchor.read()
    record(None, "dataset.uploaded")
    assert anchor.read() == before


def test_a_key_can_be_replaced_and_a_lost_one_is_found(
    five: list[AuditEntry], settings: Any, commit: Callable[..., None]
) -> None:
    old = settings.AUDIT_KEYS
    settings.AUDIT_KEYS = ("a new key", *old)
    commit()
    assert verify_chain().is_sound
    settings.AUDIT_KEYS = ("a new key",)
    assert not verify_chain().holds


def test_an_admin_takes_the_anchor_away_and_checks_against_it_later(
    five: list[AuditEntry], admin: User, modeler: User, tmp_path: Path, client_of: Callable[[User], Client], capsys: Any
) -> None:
    assert client_of(modeler).post("/audit/anchor/").status_code == 403
    answer = client_of(admin).post("/audit/anchor/")
    kept = tmp_path / "kept.json"
    kept.write_bytes(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    anchor.advance()
    call_command("verify_audit", "--anchor", str(kept))
    assert "The chain is intact" in capsys.readouterr().out

    with around_the_triggers():
        gone(AuditEntry.objects.filter(pk=AuditEntry.objects.latest("id").pk))
    with pytest.raises(CommandError, match="not as Xiaoyu wrote it"):
        call_command("verify_audit", "--anchor", str(kept))
    assert "entry at the end is missing" in capsys.readouterr().out
    kept.write_text("{}")
    with pytest.raises(CommandError, match="cannot be used"):
        call_command("verify_audit", "--anchor", str(kept))


def test_the_page_says_what_was_lost(
    five: list[AuditEntry], around: None, admin: User, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(admin)
    anchor.advance()
    gone(AuditEntry.objects.filter(pk__gt=five[1].pk))
    page = browser.post("/audit/verify/").content.decode()
    assert "entries at the end are missing: the anchor recorded" in page
    assert "database triggers are missing: audit_auditentry" in page
    assert "The chain is intact" not in page


def test_insert_or_replace_does_not_pass_the_triggers(five: list[AuditEntry]) -> None:
    from django.db import IntegrityError, connection, transaction

    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has OR REPLACE")
    others = ", ".join(field.column for field in AuditEntry._meta.fields[1:])
    for columns, values in ((f"id, {others}", f"id, {others}"), (others, others)):
        sql = f"INSERT OR REPLACE INTO audit_auditentry ({columns}) SELECT {values} FROM audit_auditentry"
        with connection.cursor() as cursor, pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
