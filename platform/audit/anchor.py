"""The anchor: how many entries there were and the last one's hash, signed and kept outside of the database.

A chain alone does not show that its end is missing. So after every act the anchor in the installation's folder moves
forward, and never when what it holds is not in the log any more: what was lost stays visible.
"""

import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from audit.models import AuditEntry
from audit.signing import is_signed, sign

log = logging.getLogger(__name__)


class AnchorRefused(Exception):
    """An anchor that cannot be read or that this installation has not signed."""


@dataclass(frozen=True)
class Anchor:
    """What is known of the log outside of it; ``begun_with`` entries were there when it was first written."""

    count: int
    last_id: int
    last_hash: str
    at: str
    begun_at: str
    begun_with: int

    def to_text(self) -> str:
        """Return it as it is kept and handed out."""
        plain = asdict(self)
        return json.dumps({**plain, "signature": sign(_canonical(plain))}, indent=1) + "\n"

    @classmethod
    def of_text(cls, text: str) -> "Anchor":
        """Read an anchor that was handed out.

        Raises
        ------
        AnchorRefused : it is no anchor, or somebody else's.
        """
        try:
            plain = json.loads(text)
            signature = plain.pop("signature")
            anchor = cls(**plain)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise AnchorRefused("this is no anchor of an audit log") from error
        if not isinstance(signature, str) or not is_signed(_canonical(plain), signature):
            raise AnchorRefused("this anchor was not signed by this installation")
        return anchor


def path() -> Path:
    return Path(settings.AUDIT_ANCHOR)


def read() -> Anchor | None:
    """Return the anchor of this installation; ``None`` before the first act and where its file was taken away."""
    try:
        text = path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return Anchor.of_text(text)


def advance() -> None:
    """Move the anchor to the newest entry; called when an act is committed."""
    with _alone():
        try:
            before = read()
        except AnchorRefused:
            log.exception("the anchor of the audit log is left as it is")
            return
        newest = AuditEntry.objects.order_by("-id").first()
        if newest is None or (before is not None and newest.pk <= before.last_id):
            return
        if before is not None and not is_in_the_log(before):
            log.error("the audit log lacks entry %s: it was changed outside of Xiaoyu", before.last_id)
            return
        _write(_moved(before, newest))


def taken_now() -> Anchor:
    """Return an anchor of the log as it stands, to be handed out; the last good one where entries are gone since."""
    newest = AuditEntry.objects.latest("id")
    before = read()
    if before is not None and (before.last_id >= newest.pk or not is_in_the_log(before)):
        return before
    return _moved(before, newest)


def is_in_the_log(anchor: Anchor) -> bool:
    """Is the entry still there that was the last one?"""
    return AuditEntry.objects.filter(pk=anchor.last_id, hash=anchor.last_hash).exists()


def _moved(before: Anchor | None, newest: AuditEntry) -> Anchor:
    up_to_here, now = AuditEntry.objects.filter(pk__lte=newest.pk), timezone.now().isoformat()
    if before is None:
        count = up_to_here.count()
        return Anchor(count, newest.pk, newest.hash, at=now, begun_at=now, begun_with=count)
    count = before.count + up_to_here.filter(pk__gt=before.last_id).count()
    return Anchor(count, newest.pk, newest.hash, at=now, begun_at=before.begun_at, begun_with=before.begun_with)


def _write(anchor: Anchor) -> None:
    draft = path().with_name(f"{path().name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(anchor.to_text())
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path())


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process and thread at a time move the anchor."""
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().with_name(f"{path().name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _canonical(plain: dict[str, object]) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))
