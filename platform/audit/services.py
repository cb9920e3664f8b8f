"""Puts an act on record, chained to the one before it."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import User, Workspace
from audit import anchor
from audit.chain import FIRST, hash_of
from audit.models import AuditEntry
from audit.signing import sign

# Any constant will do, as long as nobody else in this database takes the same advisory lock.
WRITERS_LOCK = 0x78696179


@transaction.atomic
def record(
    actor: User | AnonymousUser | None,
    action: str,
    *,
    workspace: Workspace | None = None,
    obj: models.Model | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry inside the caller's transaction: the act and its record stand or fall together."""
    _wait_for_other_writers()
    last = AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first()
    entry = AuditEntry(
        at=timezone.now(),
        actor_id=actor.pk if actor is not None else None,
        workspace=workspace,
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_label=str(obj)[:200] if obj is not None else "",
        details=details or {},
        previous_hash=last or FIRST,
    )
    entry.hash = hash_of(entry)
    entry.signature = sign(entry.hash)
    entry.save(force_insert=True)
    transaction.on_commit(anchor.advance, robust=True)
    return entry


def _wait_for_other_writers() -> None:
    """Two writers must not chain to the same entry; on SQLite, BEGIN IMMEDIATE has seen to that already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])
