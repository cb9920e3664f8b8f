"""Turns a candidate into the shipped model, with what it needs to score, to explain and to be compared."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact, quantile_reference
from experiments.evaluation.calibrators import (
    NO_CALIBRATION,
    AnyCalibrator,
    PlattCalibrator,
)
from experiments.evaluation.population import Population
from experiments.evaluation.psi_bins import PsiBins
from experiments.explanation.reason_codes.baseline import APPROVED, EVERYBODY, Baseline, approved_near
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.explanation.reason_codes.quality import ReasonQuality, quality_of_reasons
from experiments.generation import FeatureGenerator
from experiments.kinds import KINDS
from experiments.labels import reason_groups
from experiments.learners import FittedModel
from experiments.learners.base import portable
from experiments.learners.scorecard import ScorecardModel
from experiments.scorecard.scaling import PointsScale
from experiments.search.baselines import fit_baselines
from experiments.search.candidate import Candidate
from experiments.search.reference import reference_rows, rows_of_reference, unseen_rows
from experiments.search.run import Run
from experiments.search.time_policy import rows_to_explain
from experiments.search.training_data import TrainingData, sample_rows
from experiments.spec import ExperimentSpec

# Walking many or deep trees for an explanation is slow, so a run under the clock looks how slow before it goes on.
FEWEST_ROWS_TO_EXPLAIN, MOST_ROWS_TO_EXPLAIN = 60, 600
ROWS_TO_EXPLAIN_WITHOUT_CLOCK, ROWS_TO_EXPLAIN_A_FOREST = 300, 60
TRAINED_ON_TRAINING = "training"
TRAINED_ON_ALL = "all"


@dataclass(frozen=True)
class Explained:
    """A sample of original rows, their contributions of shape (rows, columns) and bases of shape (rows,).

    Contributions are those of the file's own columns: what derived ones add is told by the columns they are made of.
    ``reasons`` says how far reasons can be relied on.
    """

    sample: pd.DataFrame
    phi: pd.DataFrame
    base: np.ndarray
    reasons: ReasonQuality


def to_artifact(
    candidate: Candidate,
    members: list[FittedModel],
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    *,
    trained_on: str,
    share: float,
) -> tuple[ModelArtifact, Explained]:
    """Put members, encoder, calibrator and what scoring needs into one artifact; return it with a sample explained."""
    population = Population.of(data.y[candidate.rows], data.weights(candidate.rows), stated_rate=spec.population_rate)
    members, calibrator = _taken_in(members, population.calibrator(candidate.calibrator), spec)
    # A card that keeps to the columns as they came has no use for the others.
    is_plain = len(data.columns_for(candidate.learner)) < len(data.encoder.columns_)
    encoder = data.encoder.without(data.generator.names_) if is_plain else data.encoder
    generator = FeatureGenerator("off") if is_plain else data.generator
    artifact = ModelArtifact(
        learner=candidate.record.learner,
        members=[portable(member) for member in members],
        encoder=encoder,
        calibrator=calibrator,
        importance={},
        reference=[],
        psi_bins=PsiBins.of_scores([]),
        reason_book=ReasonBook(),
        generator=generator,
        readings=data.readings,
        scale=_scale_of(members),
        facts={
            "candidate": candidate.name,
            "kind": spec.kind,
            **spec.own_words,
            "target": spec.target,
            "event": data.event,
            "id_column": spec.id_column,
            **population.facts(),
            "trained_on": trained_on,
            "training_rows": len(data.labelled if trained_on == TRAINED_ON_ALL else data.split.train),
            "params": candidate.record.params,
            "iterations": [member.iterations for member in members],
            "seed": spec.seed,
            "spec": spec.to_dict(),
            "labels": {**generator.labels(spec.labels), **spec.labels},
        },
    )
    scored = _freeze_reference(artifact, candidate, data, population, rows_of_reference(is_hurried=run.time.is_hurried))
    explained = _learn_to_explain(artifact, data, run, share, scored)
    artifact.baselines = fit_baselines(artifact.columns_heard, data, population, is_hurried=run.time.is_hurried)
    return artifact, explained


def _taken_in(
    members: list[FittedModel], calibrator: AnyCalibrator, spec: ExperimentSpec
) -> tuple[list[FittedModel], AnyCalibrator]:
    """Fold a scorecard's calibrator into its points, so that the printed card gives the score."""
    if len(members) != 1 or not isinstance(members[0], ScorecardModel) or not isinstance(calibrator, PlattCalibrator):
        return members, calibrator
    direction = 1 if KINDS[spec.kind].is_risk else -1
    return [members[0].calibrated(calibrator, direction)], NO_CALIBRATION


def _scale_of(members: list[FittedModel]) -> PointsScale:
    """Return the points in which the model's score is told: those of a card, else the usual ones."""
    if len(members) == 1 and isinstance(members[0], ScorecardModel):
        return replace(members[0].card.scale, direction=1)
    return PointsScale()


def _freeze_reference(
    artifact: ModelArtifact, candidate: Candidate, data: TrainingData, population: Population, count: int
) -> "_Scored":
    """Store with the model its scores of the development rows, as the reference for later files, and return them."""
    # Rows without an outcome are scored too, where the split was random.
    is_of_all = artifact.facts["trained_on"] == TRAINED_ON_ALL
    rows = reference_rows(np.arange(len(data.y)) if is_of_all else data.split.train, count)
    p = artifact.predict(data.table.iloc[rows])
    stand_for = population.weights(data.y[rows], data.weights(rows))
    unseen = candidate.reference.unseen if candidate.reference else unseen_rows(candidate, data)
    unseen_weight = stand_for if unseen is None else unseen.weights(p, stand_for)
    artifact.psi_bins = PsiBins.of_scores(p, stand_for, unseen_weight=None if unseen is None else unseen_weight)
    # Future customers are new: the share that scores higher is estimated on rows not learnt from.
    artifact.reference = quantile_reference(p, unseen_weight)
    return _Scored(rows, p)


@dataclass(frozen=True)
class _Scored:
    """Rows of development and what the model says of them."""

    rows: np.ndarray
    p: np.ndarray


def _learn_to_explain(
    artifact: ModelArtifact, data: TrainingData, run: Run, share: float, scored: _Scored
) -> Explained:
    """Learn importance and the book of reasons from a sample of training rows."""
    # Where reasons compare with customers near the cut-off, these are explained too, within the same time.
    share = share if _cut_off_of(artifact) is None else share / 2
    count = run.decisions.decide(
        f"rows to explain {artifact.learner}", lambda: _rows_to_explain(artifact, data, run, share)
    )
    rows = sample_rows(data.split.train, count)
    sample = data.table.iloc[rows].reset_index(drop=True)
    phi, base = artifact.contributions(sample)
    mean = np.abs(phi).mean(axis=0)
    shares = mean / max(mean.sum(), 1e-300)
    artifact.importance = {name: float(share) for name, share in zip(artifact.columns, shares, strict=True)}
    types = {column.name: column.type for column in artifact.encoder.columns_}
    told = artifact.generator.told_by_sources(phi, artifact.columns, frame=sample)
    parts = pd.DataFrame(told, columns=artifact.own_columns)
    spec = artifact.facts["spec"]
    baseline, near = _baseline_of(artifact, data, scored, count)
    reference = None if near is None else artifact.own_contributions(near)[0]
    artifact.reason_book.fit(
        sample, parts, types=types, withheld=spec["protected"], groups=reason_groups(spec["labels"]),
        meanings=spec["value_labels"], special_values=spec["special_values"], reference=reference, baseline=baseline,
    )  # fmt: skip
    acted_on = _acted_on(artifact, phi.sum(axis=1) + base)
    quality = quality_of_reasons(
        artifact.reason_book, sample.iloc[acted_on], phi=told[acted_on],
        reference=told if reference is None else reference,
        by_fit=_by_fit(artifact, sample.iloc[acted_on], near), seed=spec["seed"],
    )  # fmt: skip
    return Explained(sample, parts, base, quality)


def _cut_off_of(artifact: ModelArtifact) -> float | None:
    """Return the probability from which applicants are declined; None where nobody is approved."""
    approved = KINDS[artifact.kind].approved_share
    return None if approved is None else float(np.quantile(artifact.reference, approved))


def _baseline_of(
    artifact: ModelArtifact, data: TrainingData, scored: _Scored, count: int
) -> tuple[Baseline, pd.DataFrame | None]:
    """Return with whom customers are compared for their reasons, and the rows of these where not all are meant.

    Who is declined asks why not approved, so of a risk model it is those just approved; who is called or kept, why
    more likely than the typical customer.
    """
    cut_off = _cut_off_of(artifact)
    near = np.zeros(0, dtype=int) if cut_off is None else approved_near(scored.p, cut_off, most=count)
    if cut_off is None or not len(near):
        return EVERYBODY, None
    p = scored.p[near]
    baseline = Baseline(APPROVED, cut_off, float(p.min()), float(p.max()), len(near))
    return baseline, data.table.iloc[scored.rows[near]].reset_index(drop=True)


def _acted_on(artifact: ModelArtifact, margin: np.ndarray) -> np.ndarray:
    """Return which customers a decision hits: the declined, or those in the bands that are called."""
    p, cut_off = artifact.calibrated(margin), _cut_off_of(artifact)
    if cut_off is not None:
        return np.flatnonzero(p >= cut_off)
    return np.flatnonzero(np.isin(artifact.band_of(p), KINDS[artifact.kind].bands_acted_on))


def _by_fit(
    artifact: ModelArtifact, acted_on: pd.DataFrame, near: pd.DataFrame | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return what each of a model's fits says of the same customers by itself; nothing of a model that is one fit."""
    if len(artifact.members) < 2 or not len(acted_on):
        return []
    fits = [replace(artifact, members=[member]) for member in artifact.members]
    reference = acted_on.iloc[:1] if near is None else near
    return [(fit.own_contributions(acted_on)[0], fit.own_contributions(reference)[0]) for fit in fits]


def _rows_to_explain(artifact: ModelArtifact, data: TrainingData, run: Run, share: float) -> int:
    """Return how many rows to explain within a share of the budget; a fixed number when trials are counted."""
    if run.time.is_hurried:
        return FEWEST_ROWS_TO_EXPLAIN
    if not run.clock.is_timed:
        is_forest = artifact.margin_unit == "probability"
        return ROWS_TO_EXPLAIN_A_FOREST if is_forest else ROWS_TO_EXPLAIN_WITHOUT_CLOCK
    few = data.table.iloc[sample_rows(data.split.train, 10)]
    began = run.clock.elapsed
    artifact.contributions(few)
    seconds_a_row = max((run.clock.elapsed - began) / len(few), 1e-6)
    return rows_to_explain(
        run.clock, share=share, seconds_a_row=seconds_a_row, fewest=len(few), usual=FEWEST_ROWS_TO_EXPLAIN,
        most=MOST_ROWS_TO_EXPLAIN,
    )  # fmt: skip
