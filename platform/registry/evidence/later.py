"""Checks of a version that can be settled after it was submitted: groups compared, run again by another, reported.

The checks of a submission never change. So a page reads these anew where there was nothing to tell of them, and shows
a decided request as it was when it was decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from common.once import once_a_page
from registry.evidence import groups, papers, reruns
from registry.evidence.groups import Looks
from registry.evidence.papers import Papers
from registry.evidence.reading import Reading
from registry.models import EvidenceCheck, ModelVersion
from registry.moves import UNDECIDED
from training.models import Experiment, LeaderboardRow

State = EvidenceCheck.State
SETTLED_LATER = (groups.CODE, reruns.CODE, papers.CODE)


@dataclass(frozen=True)
class Later:
    """What was done of some models since they were made, fetched at once for all of them."""

    reruns: list[Experiment]
    papers: Papers
    looks: Looks

    @classmethod
    def of(cls, rows: Iterable[LeaderboardRow]) -> Self:
        """Fetch it for these finalists."""
        wanted = list(rows)
        return cls(reruns.reruns_of(wanted), papers.papers_of(wanted), groups.looks_of(wanted))

    def reading_of(self, code: str, row: LeaderboardRow, until: datetime | None) -> Reading | None:
        """Return what a check of a finalist says now, or said at a moment; nothing where nothing came to be known."""
        if code == papers.CODE:
            return papers.reading_of(row, self.papers, until)
        if code == groups.CODE:
            return groups.reading_of(row, self.looks, until)
        return reruns.reading_of(row, self.reruns, until)


def current_checks(version: ModelVersion, later: Later | None = None) -> list[EvidenceCheck]:
    """Return the checks of a version, those read anew of which the submission had nothing to tell."""
    return list(_of_one(version) if later is None else _read(version, later))


@once_a_page
def _of_one(version: ModelVersion) -> list[EvidenceCheck]:
    return _read(version, None)


def _read(version: ModelVersion, later: Later | None) -> list[EvidenceCheck]:
    checks = list(version.evidence_checks.all())
    if not any(map(_is_open, checks)):
        return checks
    known, until = later or Later.of([version.leaderboard_row]), decided_at(version)
    return [_settled(check, version, known, until) if _is_open(check) else check for check in checks]


def _is_open(check: EvidenceCheck) -> bool:
    return check.code in SETTLED_LATER and check.state == State.MISSING


def _settled(check: EvidenceCheck, version: ModelVersion, later: Later, until: datetime | None) -> EvidenceCheck:
    reading = later.reading_of(check.code, version.leaderboard_row, until)
    if reading is None:
        return check
    # Another object: the row that was submitted is what the log has signed.
    return EvidenceCheck(
        model_version_id=check.model_version_id,
        position=check.position,
        code=check.code,
        state=reading.state,
        value=reading.to_dict(),
    )


def decided_at(version: ModelVersion) -> datetime | None:
    """Return when a version was decided on for good; ``None`` while it may still be."""
    moments = [request.decided_at for request in version.approval_requests.all() if request.decided_at]
    return max(moments) if moments and version.state not in UNDECIDED else None
