"""Whether somebody has run an experiment again, and whether the model in question came out the same.

A run can be repeated at any time, also after its model was submitted; ``later`` tells how its check is settled then.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_noop

from registry.evidence.participants import parts_in
from registry.evidence.reading import Reading
from registry.models import EvidenceCheck
from training.models import Experiment, ExperimentState, LeaderboardRow

CODE = "rerun"
State = EvidenceCheck.State
NOT_YET = gettext_noop("No evidence: it has not been re-run yet")
SAME = gettext_noop("%(person)s re-ran it on %(day)s and got the same model, hash %(hash)s.")
OTHER = gettext_noop("%(person)s re-ran it on %(day)s and got a different model, hash %(hash)s.")
GONE = gettext_noop("%(person)s re-ran it on %(day)s; this model was not among the results.")
OWN = gettext_noop(
    "No independent evidence: %(person)s, who worked on the experiment, re-ran it on %(day)s and got the same model. "
    "Someone else must re-run it."
)


def reruns_of(rows: Iterable[LeaderboardRow]) -> list[Experiment]:
    """Return the finished runs that repeat the experiments of these finalists, the newest first."""
    asked = {(row.experiment.workspace_id, row.experiment_id) for row in rows}
    found = Experiment.objects.filter(
        workspace__in={workspace for workspace, _run in asked},
        result__repeats__experiment__in=sorted({run for _workspace, run in asked}),
        state=ExperimentState.FINISHED,
    )
    return list(found.select_related("owner").prefetch_related("leaderboard").order_by("-finished_at", "-pk"))


def reading_of(row: LeaderboardRow, reruns: list[Experiment], until: datetime | None = None) -> Reading:
    """Return what the newest repetition of a finalist says of it, up to a moment.

    One that differs outweighs others, whoever ran it; one that matches counts where who repeated the run had no part
    in it.
    """
    of_it = [again for again in reruns if _is_of(again, row, until)]
    # Who took part since is no reason to doubt what was decided on before.
    parts = parts_in(row.experiment, until) if of_it else {}
    readings = [_reading(row, again, parts) for again in of_it]
    by_weight = [reading for state in (State.FAILED, State.PASSED) for reading in readings if reading.state == state]
    return next(iter([*by_weight, *readings]), Reading(State.MISSING, NOT_YET))


def _is_of(again: Experiment, row: LeaderboardRow, until: datetime | None) -> bool:
    """Tell whether a run repeats the one that made this very model, and went no further."""
    found = again.found
    repeats = found.repeats
    is_known = until is None or (again.finished_at is not None and again.finished_at <= until)
    is_same = (
        repeats is not None
        and repeats.experiment == row.experiment_id
        and repeats.hashes.get(row.candidate) == row.model_hash
    )
    return is_known and is_same and bool(row.model_hash) and found.continuations is None


def _reading(row: LeaderboardRow, again: Experiment, parts: Collection[int]) -> Reading:
    made = next((each.model_hash for each in again.leaderboard.all() if each.candidate == row.candidate), "")
    day = timezone.localtime(again.finished_at or again.updated_at)
    params = {"person": str(again.owner), "day": day.strftime("%Y-%m-%d"), "hash": made[:12]}
    if made == row.model_hash and again.owner_id in parts:
        return Reading(State.MISSING, OWN, {name: params[name] for name in ("person", "day")})
    if made == row.model_hash:
        return Reading(State.PASSED, SAME, params)
    return Reading(State.FAILED, OTHER if made else GONE, params)
