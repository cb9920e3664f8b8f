"""What became of the families that had been begun when somebody ended the search."""

from collections.abc import Sequence
from typing import Any

from experiments.errors import gettext_noop
from experiments.search.trial import FAILED, OTHER_COLUMNS, TrialLog

ENDED_EARLY = gettext_noop(
    "The search was ended on request. %(begun)s algorithms had been started: %(kept)s in the result, validated on "
    "all folds; %(dropped)s not finished and dropped."
)
ENDED_EARLY_OF_SAMPLE = gettext_noop(
    "The search was ended on request. %(begun)s algorithms had been started: %(kept)s in the result, validated on "
    "all folds of the search sample; %(dropped)s not finished and dropped."
)
NO_ENSEMBLE = gettext_noop("No ensemble was built.")
NOT_DONE = gettext_noop("Its folds were not finished when the search was ended.")
DID_NOT_FIT = gettext_noop("Its fit failed: %(error)s")


def ended_early(log: TrialLog, kept: Sequence[str], *, is_sampled: bool, has_ensemble: bool) -> Any:
    """Return what was kept and what was dropped, as ``{message, params, also, dropped}``.

    Parameters
    ----------
    kept : families that stand in the result. has_ensemble : whether an ensemble was asked for.

    Returns
    -------
    The sentence, further ones in ``also``, and ``dropped`` with ``learner``, ``message`` and ``params`` of each family.
    """
    begun = dict.fromkeys([*(record.learner for record in log.own), *log.begun])
    dropped = [_why_dropped(log, name) for name in begun if name not in kept]
    stand = [name for name in begun if name in kept]
    params = {"begun": len(begun), "kept": len(stand), "dropped": len(dropped)}
    return {
        "message": ENDED_EARLY_OF_SAMPLE if is_sampled else ENDED_EARLY,
        "params": params,
        "also": [{"message": NO_ENSEMBLE, "params": {}}] if has_ensemble and len(stand) > 1 else [],
        "dropped": dropped,
    }


def _why_dropped(log: TrialLog, learner: str) -> dict[str, Any]:
    mine = [one for one in log.own if one.learner == learner and one.message and one.message not in OTHER_COLUMNS]
    if not mine:
        of_others = next((one.message for one in log.own if one.learner == learner and one.message), NOT_DONE)
        return {"learner": learner, "message": of_others, "params": {}}
    last = mine[-1]
    if last.state == FAILED:
        return {"learner": learner, "message": DID_NOT_FIT, "params": {"error": last.message}}
    return {"learner": learner, "message": last.message, "params": {}}
