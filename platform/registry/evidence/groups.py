"""Whether somebody has compared groups of customers under a model, and what the engine found of them.

Groups can be compared at any time, also after the model was submitted; like the re-run the check is read anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop

from checks import attributes
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.inquiries import answered_at, answered_looks
from experiments.artifact.diagnosis import ColumnFairness
from experiments.evaluation.fairness import GroupRow
from registry.evidence.reading import FAILED, MISSING, PASSED, WARNING, Reading, listed
from training.models import LeaderboardRow
from training.queries.hidden import hidden_columns

CODE = "fairness"
Looks = Mapping[int, Sequence[Inquiry]]
TO_CONFIRM = gettext_noop(
    "No evidence: groups were not compared; confirm the protected columns at the data check first: %(columns)s"
)
NOT_YET = gettext_noop("No evidence: groups were not compared")
NOT_ALL = gettext_noop("No evidence: groups were not compared for every protected column; missing: %(columns)s")
TOO_FEW = gettext_noop(
    "%(person)s compared groups on %(day)s (%(columns)s): apart from the reference, no group has enough rows to judge."
)
ADVERSE = gettext_noop(
    "%(person)s compared groups on %(day)s (%(columns)s): %(count)s of %(groups)s selected significantly less than "
    "four fifths as often as the reference; lowest ratio %(ratio)s."
)
APART = gettext_noop(
    "%(person)s compared groups on %(day)s (%(columns)s): %(count)s of %(groups)s different from the reference, none "
    "significantly below four fifths."
)
ALIKE = gettext_noop(
    "%(person)s compared groups on %(day)s (%(columns)s): none differs significantly from the reference."
)


@dataclass(frozen=True)
class Compared:
    """A look at the groups of one column: who took it, and what was found."""

    inquiry: Inquiry
    found: ColumnFairness

    @property
    def others(self) -> list[GroupRow]:
        return [group for group in self.found.table.rows if not group.is_reference]


def looks_of(rows: Iterable[LeaderboardRow]) -> Looks:
    """Return the looks at groups under these finalists by their keys, the newest first."""
    return answered_looks(rows, Subject.FAIRNESS)


def reading_of(row: LeaderboardRow, looks: Looks, until: datetime | None = None) -> Reading | None:
    """Return what the looks at groups found, up to a moment; nothing where nobody had compared any.

    Every protected column has to be looked at, or any column where none is protected. Of several looks the worst group
    counts, whatever share, sample and reference were asked for: what was found once is not looked away.
    """
    found = [Compared(each, ColumnFairness.from_dict(each.answer)) for each in looks.get(row.pk, ())]
    known = [each for each in found if _compares(each) and (until is None or answered_at(each.inquiry) <= until)]
    if not known:
        return None
    protected = set(row.experiment.asked.protected)
    lacking = protected - {each.found.column for each in known}
    # By columns that are secret, too, nobody can group customers on a page.
    secret = hidden_columns([row.experiment]).secret if lacking else frozenset()
    needed, lacking = protected - secret, lacking - secret
    if lacking:
        return Reading(MISSING, NOT_ALL, listed(sorted(lacking)))
    return _judged([each for each in known if not needed or each.found.column in needed])


def nothing_compared(row: LeaderboardRow) -> Reading:
    """Say that groups are not compared, and where it is not yet known which columns tell them apart, what to do."""
    proposed = [mark.name for mark in attributes.marks_asked(row.experiment.data_check) if mark.is_open]
    return Reading(MISSING, TO_CONFIRM, listed(proposed)) if proposed else Reading(MISSING, NOT_YET)


def _compares(look: Compared) -> bool:
    """Tell whether some were selected and some were not: where all or none are, every group fares alike."""
    rates = [group.selection_rate for group in look.found.table.rows]
    return any(rate > 0 for rate in rates) and any(rate < 1 for rate in rates)


def _judged(looks: Sequence[Compared]) -> Reading:
    groups = [group for look in looks for group in look.others if group.verdict != "too_few"]
    told = _who(looks)
    if not groups:
        return Reading(MISSING, TOO_FEW, told)
    adverse = [group for group in groups if group.verdict == "adverse"]
    if adverse:
        ratio = min(group.impact for group in adverse)
        return Reading(FAILED, ADVERSE, {**told, "count": len(adverse), "groups": len(groups), "ratio": f"{ratio:.2f}"})
    apart = [group for group in groups if group.verdict in ("size", "significant")]
    if apart:
        return Reading(WARNING, APART, {**told, "count": len(apart), "groups": len(groups)})
    return Reading(PASSED, ALIKE, told)


def _who(looks: Sequence[Compared]) -> dict[str, object]:
    """Return who took the newest of these looks and when, and the columns of all of them."""
    newest = looks[0].inquiry
    day = timezone.localtime(answered_at(newest)).strftime("%Y-%m-%d")
    return {"person": str(newest.asked_by), "day": day, **listed(sorted({look.found.column for look in looks}))}
