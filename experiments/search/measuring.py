"""The shortlist measured: each candidate read on validation, training and, once, the held-out rows."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from experiments.evaluation.delong import delong_difference
from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.holm import judged_together
from experiments.evaluation.intervals import Difference
from experiments.evaluation.limits import Verdict, check_limits
from experiments.evaluation.measures import MeasuresBySample
from experiments.evaluation.monotonicity import ConstraintsChecked
from experiments.evaluation.objective import objective
from experiments.evaluation.psi_bins import PsiBins
from experiments.house_rules import counts_of
from experiments.learners.interactions import pairs_read
from experiments.learners.scorecard import ScorecardLearner
from experiments.search.candidate import Candidate, MeasuredReference
from experiments.search.columns_read import columns_read
from experiments.search.constraint_check import UnshippedModel, check_constraints, constraint_limits
from experiments.search.finalist import AucDifference, Finalist, FinalistEvidence
from experiments.search.leaderboard import PRICE_OF_SIMPLICITY
from experiments.search.members import fit_late, seconds_of_a_fit
from experiments.search.reference import REFERENCE_ROWS, reference_rows, rows_of_reference, unseen_rows
from experiments.search.run import Run
from experiments.search.shortlist import ALWAYS_SHOWN, skip_for_time
from experiments.search.time_policy import TimePolicy, is_late_to_measure, keeps_waiting
from experiments.search.training_data import TrainingData, sample_rows
from experiments.spec import ExperimentSpec

TRAIN_ROWS_TO_MEASURE, EVENTS_TO_MEASURE = 4_000, 300
ROWS_TO_SEE_COLUMNS = 30
FEW_REPLICATES = 100


class Compared(Protocol):
    """What a candidate is set against: another one's name, the rows it was validated on, and what it said of them."""

    @property
    def name(self) -> str:
        """The candidate's name."""

    @property
    def rows(self) -> np.ndarray:
        """Places of the rows."""

    @property
    def p_valid(self) -> np.ndarray:
        """Calibrated out-of-fold probabilities."""


def measure(
    candidates: list[Candidate],
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    *,
    on_standing: Callable[[list[Finalist]], None] = lambda _finalists: None,
) -> list[Finalist]:
    """Read each candidate on validation, training and (once, here) the held-out rows.

    Parameters
    ----------
    on_standing : given the candidates measured so far once whoever asked to finish has waited long enough.
    """
    data.held_out.open_for([candidate.name for candidate in candidates])
    finalists: list[Finalist] = []
    longest, stands = 0.0, False
    for candidate in _in_order_of_haste(candidates, spec, run):
        fit = 0.0 if candidate.members else seconds_of_a_fit(candidate, data)
        stands_before = partial(_is_enough, finalists, run.time, longest=longest, fit=fit)
        run.time.hear_wish_to_finish(f"measuring {candidate.name}")
        may_stand = run.time.is_hurried and not stands
        if may_stand and run.decisions.decide(f"stands before {candidate.name}", stands_before):
            on_standing(finalists)
            stands = True
        # The first is the best in the search; those always shown are quick.
        is_optional = bool(finalists) and candidate.name not in ALWAYS_SHOWN
        late = partial(is_late_to_measure, run.time, longest)
        if is_optional and run.decisions.decide(f"no time to measure {candidate.name}", late):
            skip_for_time([candidate], run.listener)
            continue
        if not candidate.members:
            fit_late(candidate, data, run, spec.seed)
        began = run.clock.elapsed
        finalists.append(_measured(candidate, candidates, data, run, spec))
        longest = max(longest, run.clock.elapsed - began)
        # Each that is left has to be measured, and every one to be saved, which takes about as long again.
        run.clock.expect(longest * (2 * len(candidates) - len(finalists)))
        run.time.pulse()
    if run.time.is_hurried and not stands:
        on_standing(finalists)
    return finalists


def _in_order_of_haste(candidates: list[Candidate], spec: ExperimentSpec, run: Run) -> list[Candidate]:
    """Return the candidates; when hurried, the likeliest winner before any that must still be fitted."""
    if not run.time.is_hurried:
        return candidates
    best = max(candidate.record.auc or 0.0 for candidate in candidates)

    def is_asked_for(candidate: Candidate) -> bool:
        is_card = candidate.name == ScorecardLearner.name
        return spec.explainable_first and is_card and (candidate.record.auc or 0.0) >= best - PRICE_OF_SIMPLICITY

    return sorted(candidates, key=lambda one: (not is_asked_for(one), not one.members))


def _is_enough(finalists: list[Finalist], time: TimePolicy, *, longest: float, fit: float) -> bool:
    return bool(finalists) and keeps_waiting(time, longest=longest, fit=fit)


def _measured(
    candidate: Candidate, candidates: list[Candidate], data: TrainingData, run: Run, spec: ExperimentSpec
) -> Finalist:
    held_out = data.held_out.rows
    train = _rows_of_training(data, run)
    reference = candidate.reference = _measured_reference(candidate, data, train, run)
    p_train = reference.p[np.searchsorted(reference.rows, train)]
    p_held_out, milliseconds = _held_out_read(candidate, data, run)
    metrics = {
        "validation": _evaluate(data, candidate.rows, candidate.p_valid, spec, FEW_REPLICATES),
        data.split.held_out_kind: _evaluate(data, held_out, p_held_out, spec, FEW_REPLICATES),
        "train": _evaluate(data, train, p_train, spec, 20),
    }
    run.time.pulse()
    train_ks = metrics["train"]["ks"]["value"]
    periods = None if data.split.period_of_row is None else data.split.period_of_row[candidate.rows]
    value = objective(
        spec.kind, data.y[candidate.rows], p=candidate.p_valid, weight=data.weights(candidate.rows),
        contact_share=spec.contact_share, train_ks=train_ks, period=periods, ranking=spec.ranked_by,
    )  # fmt: skip
    psi = reference.bins.compare(p_held_out, data.weights(held_out))
    held_out_ks = metrics[data.split.held_out_kind]["ks"]["value"]
    checked = check_constraints(UnshippedModel(candidate, data), data, run, of=candidate.name)
    features = columns_read(candidate.members, data.features(candidate.learner, train[:ROWS_TO_SEE_COLUMNS]))
    kept = FinalistEvidence(
        train_auc=metrics["train"]["auc"]["value"],
        gap=train_ks - held_out_ks,
        score_psi=psi.psi,
        score_psi_limit=psi.limit,
        ranking_value=float(value),
        features=features,
        ms_per_row=milliseconds,
        constraints=ConstraintsChecked.from_dict(checked) if checked else None,
        interactions=tuple(pairs_read(candidate.members, data.encoder.names_)),
        difference=differences_of(candidate, candidates, data),
        trial=candidate.record.number,
    )
    told = check_limits(spec.limits, kept.readings(MeasuresBySample.from_dict(metrics))) + constraint_limits(checked)
    return Finalist(
        candidate=candidate.name,
        learner=candidate.record.learner,
        objective=float(value),
        metrics=metrics,
        evidence=replace(kept, limits=tuple(Verdict.from_dict(verdict) for verdict in told)).to_dict(),
    )


def _rows_of_training(data: TrainingData, run: Run) -> np.ndarray:
    count = min(_rows_to_measure(data), rows_of_reference(is_hurried=run.time.is_hurried))
    return sample_rows(data.split.train, count)


def _held_out_read(candidate: Candidate, data: TrainingData, run: Run) -> tuple[np.ndarray, float]:
    """Return a candidate's scores of the held-out rows, and the milliseconds it takes for each."""
    held_out = data.held_out.rows
    started = time.perf_counter()
    p = candidate.p_held_out = candidate.predict(data, held_out)
    # A limit on it may decide who is recommended.
    milliseconds = run.decisions.decide(
        f"milliseconds {candidate.name}", lambda: 1000 * (time.perf_counter() - started) / max(1, len(held_out))
    )
    return p, milliseconds


def _rows_to_measure(data: TrainingData) -> int:
    """Return how many training rows to measure on: enough for the rarer outcome to say something of the fit."""
    y = data.y[data.split.train]
    rarer = max(min(float(y.mean()), 1 - float(y.mean())), 1e-9)
    return int(np.clip(EVENTS_TO_MEASURE / rarer, TRAIN_ROWS_TO_MEASURE, REFERENCE_ROWS))


def _measured_reference(candidate: Candidate, data: TrainingData, train: np.ndarray, run: Run) -> MeasuredReference:
    """Score training rows with the models that are measured: ``train`` and as many more as a reference takes."""
    rows = np.union1d(train, reference_rows(data.split.train, rows_of_reference(is_hurried=run.time.is_hurried)))
    p, weight = candidate.predict(data, rows), data.weights(rows)
    unseen = unseen_rows(candidate, data)
    bins = PsiBins.of_scores(p, weight, unseen_weight=None if unseen is None else unseen.weights(p, weight))
    return MeasuredReference(rows, p, bins, unseen)


def _evaluate(
    data: TrainingData, rows: np.ndarray, p: np.ndarray, spec: ExperimentSpec, replicates: int
) -> dict[str, Any]:
    groups = None if data.groups is None else data.groups[rows]
    measures = evaluate(
        data.y[rows], p, weight=data.weights(rows), groups=groups, contact_share=spec.contact_share, seed=spec.seed,
        replicates=replicates,
    )  # fmt: skip
    return {**measures, "counts": counts_of(len(rows), int(np.nansum(data.y[rows])))}


def differences_of(
    candidate: Candidate, candidates: Sequence[Compared], data: TrainingData
) -> dict[str, AucDifference]:
    """Return the paired difference in AUC to each other candidate on the rows both were validated on.

    ``p_holm`` is the p-value adjusted for this candidate being set against all of them, ``low`` and ``high`` bound the
    interval at the ``level`` at which Holm's step judged the pair.
    """
    found: dict[str, Difference] = {}
    for other in candidates:
        if other.name == candidate.name or not np.array_equal(other.rows, candidate.rows):
            continue
        found[other.name] = delong_difference(
            data.y[candidate.rows], candidate.p_valid, second=other.p_valid, weight=data.weights(candidate.rows),
            groups=None if data.groups is None else data.groups[candidate.rows],
        )  # fmt: skip
    judged = zip(found, judged_together(list(found.values())), strict=True)
    return {
        name: AucDifference(
            each.difference.value, each.difference.low, each.difference.high,
            level=each.level, p_value=each.difference.p_value, p_holm=each.p_holm,
        )
        for name, each in judged
    }  # fmt: skip
