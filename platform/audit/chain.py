"""The hash chain: each entry's hash covers its content and the hash before it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC

from django.core.serializers.json import DjangoJSONEncoder

from audit.models import AuditEntry

FIRST = "0" * 64


@dataclass(frozen=True)
class ChainState:
    """How far the chain holds; ``broken_at`` is the first entry that does not fit."""

    checked: int
    broken_at: int | None
    last_hash: str

    @property
    def holds(self) -> bool:
        return self.broken_at is None


def hash_of(entry: AuditEntry) -> str:
    """Return the SHA-256 of an entry's content and of the hash before it."""
    content = {
        "previous": entry.previous_hash,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "workspace": entry.workspace_id,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "object_label": entry.object_label,
        # Through JSON and back, as the database will return it.
        "details": json.loads(json.dumps(entry.details, cls=DjangoJSONEncoder)),
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify_chain() -> ChainState:
    """Walk the whole log from its first entry."""
    previous, checked = FIRST, 0
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=2000):
        if entry.previous_hash != previous or entry.hash != hash_of(entry):
            return ChainState(checked, entry.pk, previous)
        previous, checked = entry.hash, checked + 1
    return ChainState(checked, None, previous)
