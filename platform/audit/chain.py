"""The chain: each entry's hash covers its content and the hash before it, and is signed; an anchor holds its end."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from enum import StrEnum
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from audit import anchor as anchors
from audit.anchor import Anchor, AnchorRefused
from audit.models import AuditEntry
from audit.signing import is_signed
from common import triggers

FIRST = "0" * 64
Finding = tuple[str, dict[str, Any]]
_comparisons: list[Callable[[], list[Finding]]] = []


class AnchorState(StrEnum):
    """How the log and its anchor agree."""

    HELD = "held"
    MISSING = "missing"
    FORGED = "forged"
    LOST = "lost"


@dataclass(frozen=True)
class ChainState:
    """How far the chain holds.

    Attributes
    ----------
    broken_at : the first entry that does not fit.
    is_forged : the entry there fits, but was not signed by this installation.
    anchor : what the anchor says. lost : how many entries are gone that it counted.
    unguarded : tables without the triggers that they were given.
    differing : what decided objects say other than the signed entries, as sentences with their parameters.
    """

    checked: int
    broken_at: int | None
    last_hash: str
    is_forged: bool = False
    anchor: AnchorState = AnchorState.HELD
    anchored: Anchor | None = None
    lost: int = 0
    unguarded: list[str] = field(default_factory=list)
    differing: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.broken_at is None and self.anchor in (AnchorState.HELD, AnchorState.MISSING)

    @property
    def is_sound(self) -> bool:
        """Is there nothing at all to be told?"""
        is_anchored = self.anchor == AnchorState.HELD or not self.checked
        return self.holds and is_anchored and not self.unguarded and not self.differing


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


def is_genuine(entry: AuditEntry) -> bool:
    """Is the entry as this installation wrote it?"""
    return entry.hash == hash_of(entry) and is_signed(entry.hash, entry.signature)


def compare_with_entries(comparison: Callable[[], list[Finding]]) -> None:
    """Have apps above compare what they decided with the signed entries whenever the chain is checked."""
    if comparison not in _comparisons:
        _comparisons.append(comparison)


def verify_chain(against: Anchor | None = None) -> ChainState:
    """Walk the whole log from its first entry and compare it with its anchor, or with one that was kept elsewhere."""
    # Read before the walk: what is written meanwhile lies behind it.
    anchored, state = (against, AnchorState.HELD) if against else _anchor()
    previous, checked, reached, broken, is_forged = FIRST, 0, None, None, False
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=2000):
        fits = entry.previous_hash == previous and entry.hash == hash_of(entry)
        if not fits or not is_signed(entry.hash, entry.signature):
            broken, is_forged = entry.pk, fits
            break
        previous, checked = entry.hash, checked + 1
        if anchored and (entry.pk, entry.hash) == (anchored.last_id, anchored.last_hash):
            reached = checked
    lost = 0
    if anchored and broken is None and reached != anchored.count:
        state, lost = AnchorState.LOST, max(0, anchored.count - (reached or min(checked, anchored.count - 1)))
    return ChainState(
        checked, broken, previous, is_forged, state, anchored, lost,
        triggers.missing(connection), [found for comparison in _comparisons for found in comparison()],
    )  # fmt: skip


def _anchor() -> tuple[Anchor | None, AnchorState]:
    try:
        anchored = anchors.read()
    except AnchorRefused:
        return None, AnchorState.FORGED
    return anchored, AnchorState.HELD if anchored else AnchorState.MISSING
