"""Lets someone with the right see personal data for a quarter of an hour, for a reason that stays on record."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import services as audit
from catalog.models import DatasetVersion
from common.masking import mask
from experiments.errors import ExperimentError, gettext_noop
from experiments.privacy.protection import as_text, columns_in, read_plain
from privacy import protection
from privacy.models import Unmasking

ROWS_A_PAGE = 50
SHORTEST_REASON = 10
WHY = gettext_noop("Say briefly why you need to see them, in at least %(least)s characters. The reason is recorded.")
NOTHING_KEPT = gettext_noop("No column of this version holds personal data whose values could be shown.")


class UnmaskingRefused(ExperimentError):
    """An unmasking without a reason, or of nothing."""


@dataclass(frozen=True)
class PlainRows:
    """Some rows of personal columns as they stood in the file."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    row_count: int


def shown_columns(version: DatasetVersion) -> list[str]:
    """Return the columns whose plain values could be shown, in the file's order."""
    kept = {column.name for column in columns_in(protection.vault_of(version.parquet_path))}
    personal = version.columns.exclude(personal_data="").values_list("name", flat=True)
    return [name for name in personal if name in kept]


@transaction.atomic
def unmask(version: DatasetVersion, reason: str, user: User) -> Unmasking:
    """Open the personal columns of a version to one person; who, what and why go on record.

    Raises UnmaskingRefused without a reason, and where there is nothing to show.
    """
    reason = mask(reason.strip())[:500]
    columns = shown_columns(version)
    if not columns:
        raise UnmaskingRefused(NOTHING_KEPT)
    if len(reason) < SHORTEST_REASON:
        raise UnmaskingRefused(WHY, least=SHORTEST_REASON)
    opened = Unmasking.objects.create(version=version, user=user, columns=columns, reason=reason)
    _record(opened, "personal_data.unmasked", {"columns": columns, "reason": reason, "minutes": _minutes()})
    return opened


@transaction.atomic
def mask_again(version: DatasetVersion, user: User) -> None:
    """End whatever this person has open on a version."""
    for opened in _live(version, user):
        opened.ended_at = timezone.now()
        opened.save(update_fields=["ended_at"])
        _record(opened, "personal_data.masked", {"columns": opened.columns})


def open_for(version: DatasetVersion, user: User) -> Unmasking | None:
    """Return what the person has open on a version now, if anything."""
    return next(iter(_live(version, user)), None)


def plain_rows(opened: Unmasking, page: int) -> PlainRows:
    """Return a page of rows in plain text; pages count from 1."""
    version = opened.version
    columns = [name for name in shown_columns(version) if name in opened.columns]
    start = max(0, page - 1) * ROWS_A_PAGE
    frame = read_plain(protection.vault_of(version.parquet_path), columns, start=start, count=ROWS_A_PAGE)
    texts = [as_text(frame[name]).fill_null("").to_list() for name in columns]
    rows = [(start + number + 1, list(cells)) for number, cells in enumerate(zip(*texts, strict=True))]
    return PlainRows(columns, rows, version.row_count)


def _live(version: DatasetVersion, user: User) -> list[Unmasking]:
    recent = version.unmaskings.filter(user=user, ended_at=None, created_at__gt=timezone.now() - Unmasking.LASTS)
    return list(recent.select_related("version__dataset__workspace"))


def _minutes() -> int:
    return round(Unmasking.LASTS.total_seconds() / 60)


def _record(opened: Unmasking, action: str, details: dict[str, Any]) -> None:
    version = opened.version
    audit.record(opened.user, action, workspace=version.dataset.workspace, obj=version, details=details)
