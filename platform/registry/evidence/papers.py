"""Whether a validation report of a model is on file: an app above says which there are.

A report can be made at any time, also after its model was submitted; like the re-run its check is read anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop

from registry.evidence.reading import Reading
from registry.models import EvidenceCheck
from training.models import LeaderboardRow

CODE = "report"
State = EvidenceCheck.State
NOT_YET = gettext_noop("No evidence: no validation report of this model has been made yet")
MADE = gettext_noop("The validation report requested by %(person)s was created on %(day)s; file hash %(hash)s.")


@dataclass(frozen=True)
class Paper:
    """A report that was made: of which model, by whom, when, and the hash of its file."""

    row: int
    model_hash: str
    person: str
    made_at: datetime
    sha256: str


Papers = Mapping[int, Sequence[Paper]]
_find: list[Callable[[Iterable[LeaderboardRow]], Iterable[Paper]]] = []


def found_by(find: Callable[[Iterable[LeaderboardRow]], Iterable[Paper]]) -> None:
    """Have an app above say which reports of finalists, and of versions made of them, there are, the newest first."""
    _find[:] = [find]


def papers_of(rows: Iterable[LeaderboardRow]) -> Papers:
    """Return the reports of these finalists by their keys, the newest first."""
    wanted = list(rows)
    found: dict[int, list[Paper]] = {}
    for find in _find:
        for paper in find(wanted):
            found.setdefault(paper.row, []).append(paper)
    return found


def reading_of(row: LeaderboardRow, papers: Papers, until: datetime | None = None) -> Reading:
    """Return whether a report of this very model was made, up to a moment."""
    for paper in papers.get(row.pk, ()):
        if paper.model_hash == row.model_hash and (until is None or paper.made_at <= until):
            day = timezone.localtime(paper.made_at).strftime("%Y-%m-%d")
            return Reading(State.PASSED, MADE, {"person": paper.person, "day": day, "hash": paper.sha256[:12]})
    return Reading(State.MISSING, NOT_YET)
