"""The finalists kept as models that score: the last fits, and what is saved first."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from experiments.errors import gettext_noop
from experiments.learners.two_stage import NAME as TWO_STAGE
from experiments.report.evidence import write_evidence
from experiments.search.candidate import Candidate
from experiments.search.constraint_check import check_shipped
from experiments.search.ensemble import NAME as ENSEMBLE
from experiments.search.finalist import Finalist
from experiments.search.refits import Refits
from experiments.search.run import Run
from experiments.search.shipping import TRAINED_ON_ALL, TRAINED_ON_TRAINING, to_artifact
from experiments.search.shortlist import ALWAYS_SHOWN
from experiments.search.time_policy import (
    SHARE_FOR_STAGES,
    SHARE_TO_EXPLAIN,
    SHARE_TO_EXPLAIN_OTHERS,
    is_late_to_keep,
    seconds_a_refit,
)
from experiments.search.training_data import TrainingData
from experiments.search.two_stage import (
    TwoStageCandidate,
)
from experiments.spec import ExperimentSpec

NOT_KEPT = gettext_noop("There was no time left to save this finalist.")
# Of the whole work, as it is shown.
SHARE_OF_SAVING = 0.15


def keep_models(
    finalists: list[Finalist],
    candidates: list[Candidate],
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    folder: Path,
    *,
    first: Finalist | None = None,
    on_kept: Callable[[list[Finalist]], None] = lambda _kept: None,
) -> list[Finalist]:
    """Save every finalist as a model that scores; the recommended one first and, without dates, fitted on all rows.

    Parameters
    ----------
    first : the recommended one, where its model was saved already. on_kept : given all whenever one was saved.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    refits = _refit(finalists, by_name, data, run, spec)
    kept: dict[str, Finalist] = {}
    longest = 0.0
    for finalist in sorted(finalists, key=_use):
        began, name = run.clock.elapsed, finalist.candidate
        is_optional = bool(kept) and not _is_always_kept(finalist)
        late = partial(is_late_to_keep, run.clock, longest)
        if is_optional and run.decisions.decide(f"no time to keep {name}", late):
            run.listener.skip(name, NOT_KEPT)
            kept[name] = finalist
            continue
        run.time.hear_wish_to_finish(f"keeping {name}")
        if first is not None and name == first.candidate:
            kept[name] = _saved_first(finalist, first)
        else:
            kept[name] = keep_one(finalist, by_name[name], refits, data, run, spec, folder)
        longest = max(longest, run.clock.elapsed - began)
        run.clock.expect((len(finalists) - len(kept)) * longest, 1 - SHARE_OF_SAVING * (1 - len(kept) / len(finalists)))
        on_kept([kept.get(row.candidate, row) for row in finalists])
        run.time.pulse()
    return [kept[finalist.candidate] for finalist in finalists]


def _use(finalist: Finalist) -> tuple[bool, bool, bool]:
    """Return what orders the finalists by how badly each is needed as a model."""
    return not finalist.is_recommended, not may_be_taken(finalist), finalist.candidate not in ALWAYS_SHOWN


def may_be_taken(finalist: Finalist) -> bool:
    """Return whether a finalist is one that people take: the recommended one and the ensemble."""
    return finalist.is_recommended or finalist.candidate == ENSEMBLE


def _is_always_kept(finalist: Finalist) -> bool:
    # A scorecard and a baseline are saved in no time, and a bank asks for the card.
    return may_be_taken(finalist) or finalist.candidate in ALWAYS_SHOWN


def keep_one(
    finalist: Finalist,
    candidate: Candidate,
    refits: Refits,
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    folder: Path,
) -> Finalist:
    """Save one finalist with its evidence below ``folder``."""
    members, trained_on = _shipped(candidate, finalist.is_recommended, refits)
    share = SHARE_TO_EXPLAIN if finalist.is_recommended else SHARE_TO_EXPLAIN_OTHERS
    artifact, explained = to_artifact(candidate, members, data, run, spec, trained_on=trained_on, share=share)
    model_hash = artifact.save(folder / finalist.candidate)
    write_evidence(artifact, explained, candidate, data, spec, folder / finalist.candidate)
    kept = replace(
        finalist, model_dir=folder / finalist.candidate, model_hash=model_hash,
        evidence={**finalist.evidence, "trained_on": trained_on, "members": len(members)},
    )  # fmt: skip
    return check_shipped(kept, artifact, data, run) if finalist.is_recommended else kept


def _shipped(candidate: Candidate, is_recommended: bool, refits: Refits) -> tuple[list[Any], str]:
    members = candidate.refitted if isinstance(candidate, TwoStageCandidate) else refits.members_of(candidate)
    if members:
        return members, TRAINED_ON_ALL
    # The first member alone says nearly what all say, and is quick to explain.
    return candidate.members if is_recommended else candidate.members[:1], TRAINED_ON_TRAINING


def _saved_first(finalist: Finalist, first: Finalist) -> Finalist:
    """Return a finalist with the model that was saved of it as soon as it was recommended."""
    known = ("trained_on", "members", "limits")
    evidence = {**finalist.evidence, **{name: first.evidence[name] for name in known}}
    if evidence.get("constraints"):
        evidence["constraints"] = {**evidence["constraints"], **first.evidence["constraints"]}
    return replace(finalist, model_dir=first.model_dir, model_hash=first.model_hash, evidence=evidence)


def _refit(
    finalists: list[Finalist], candidates: dict[str, Candidate], data: TrainingData, run: Run, spec: ExperimentSpec
) -> Refits:
    """Fit on every labelled row what may be shipped, as far as time goes: what is most likely taken first."""
    refits = Refits(data, run, spec.seed)
    # Out of time, what was measured is what is shipped; split by chance, every row is worth learning from.
    if data.split.ships_what_was_measured or run.time.is_hurried:
        return refits
    rows = [row for row in finalists if row.candidate != TWO_STAGE]
    first = [candidates[row.candidate] for row in rows if row.is_recommended or row.candidate == ENSEMBLE]
    others = [candidates[row.candidate] for row in rows if candidates[row.candidate] not in first]
    for two_stage in (candidate for candidate in candidates.values() if isinstance(candidate, TwoStageCandidate)):
        two_stage.refit(run, spec.seed, until=run.time.after(SHARE_FOR_STAGES))
    firsts = [request for candidate in first for request in refits.first(candidate)]
    # In turn, for the one is recommended and the other is the most accurate.
    in_turn = zip_longest(*(refits.more(candidate) for candidate in first))
    requests = firsts + [request for pair in in_turn for request in pair if request]
    if run.clock.is_timed and data.is_sampled:
        fits = len({request.key for request in firsts})
        refits.seconds_a_fit = run.decisions.decide(
            "seconds a fit", lambda: seconds_a_refit(run.time, fits=fits, threads=run.workers.threads)
        )
    refits.make(requests, until=run.time.end_of_choice)
    refits.make([request for candidate in others for request in refits.first(candidate)], until=run.time.end_of_choice)
    return refits
