"""The numbers behind a finalist's charts and explanations, as JSON beside the model."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.diagnosis import DIAGNOSIS
from experiments.artifact.evidence import CardEvidence, CardRow, ModelEvidence, SampleCurves
from experiments.artifact.explanation import Example, Explanation, Extremes, ToldReason
from experiments.artifact.held_out_scores import HELD_OUT, VALIDATED, HeldOutScores
from experiments.artifact.manifest import EVIDENCE, EXPLANATION, attach
from experiments.artifact.model import ModelArtifact
from experiments.charts.beeswarm import beeswarm_data
from experiments.charts.calibration import calibration_data
from experiments.charts.dependence import dependence_data
from experiments.charts.gains import gains_data
from experiments.charts.histogram import histogram_data
from experiments.charts.importance import importance_data
from experiments.charts.ks_curve import ks_curve_data
from experiments.charts.lift import lift_data
from experiments.charts.roc import roc_data
from experiments.charts.waterfall import waterfall_data
from experiments.evaluation.by_period import PeriodRow, by_period, known_shares
from experiments.evaluation.deciles import decile_table, quantile_edges
from experiments.evaluation.population import Population
from experiments.evaluation.segments import SegmentRow, segment_table
from experiments.explanation.global_view import example_rows, importance_of
from experiments.features.single_feature import ROWS_A_LEVEL
from experiments.learners.scorecard import ScorecardModel
from experiments.report.diagnosis import diagnosis_of
from experiments.search.candidate import Candidate, MeasuredReference
from experiments.search.shipping import Explained
from experiments.search.training_data import TrainingData
from experiments.spec import ExperimentSpec
from experiments.stored import Stored
from experiments.strategy.curve import Chosen, StrategyCurve, strategy_curve

COLUMNS_WITH_CURVES = 20
SEGMENT_COLUMNS = 6
SHARE_OF_A_DRIVER = 0.1
# Cut by the strongest columns customers are mostly alike by score; by these further ones ranking can be judged.
OTHER_COLUMNS = 4


def write_evidence(
    artifact: ModelArtifact,
    explained: Explained,
    candidate: Candidate,
    data: TrainingData,
    spec: ExperimentSpec,
    folder: Path,
) -> None:
    """Write the data of the charts and of the explanations into the model's folder."""
    evidence = evidence_of(artifact, explained, candidate, data, spec)
    explanation = explanation_of(artifact, explained, spec)
    extremes = extremes_of(list(explanation.dependence), candidate, data, artifact, explained)
    explanation = replace(explanation, extremes=extremes)
    diagnosis = diagnosis_of(candidate, data, spec)
    attach(
        folder,
        {
            EVIDENCE: _as_text(evidence), EXPLANATION: _as_text(explanation), DIAGNOSIS: _as_text(diagnosis),
            HELD_OUT: _held_out_scores_of(candidate, data).to_parquet(),
            VALIDATED: _scores_of(candidate.rows, candidate.p_valid, data).to_parquet(),
        },
    )  # fmt: skip


def _held_out_scores_of(candidate: Candidate, data: TrainingData) -> HeldOutScores:
    """Return what the models that saw training rows only said of the rows set aside, once these have been read."""
    rows = data.held_out.rows
    p = candidate.predict(data, rows) if candidate.p_held_out is None else candidate.p_held_out
    return _scores_of(rows, p, data)


def _scores_of(rows: np.ndarray, p: np.ndarray, data: TrainingData) -> HeldOutScores:
    weight, groups = data.weights(rows), data.groups
    return HeldOutScores(
        rows, data.y[rows], p, weight=None if weight is None or np.ptp(weight) == 0 else weight,
        customers=None if groups is None else groups[rows],
    )  # fmt: skip


def evidence_of(
    artifact: ModelArtifact, explained: Explained, candidate: Candidate, data: TrainingData, spec: ExperimentSpec
) -> ModelEvidence:
    """Return chart data by sample, the measures by period and the table of segments."""
    held_out = data.held_out.rows
    p_held_out = candidate.predict(data, held_out) if candidate.p_held_out is None else candidate.p_held_out
    edges = quantile_edges(candidate.p_valid, 10, weight=data.weights(candidate.rows))
    samples = {"validation": (candidate.rows, candidate.p_valid), data.split.held_out_kind: (held_out, p_held_out)}
    curves = {name: _curves(data, rows, p, spec, edges, artifact) for name, (rows, p) in samples.items()}
    return ModelEvidence(
        validation=curves["validation"],
        held_out=curves.get("held_out"),
        out_of_time=curves.get("out_of_time"),
        by_period=tuple(_periods(candidate, data, spec, p_held_out)),
        segments=tuple(_segments(explained, data, spec, held_out, p_held_out)),
        scorecard=_card_of(artifact.members[0]),
    )


def _card_of(member: Any) -> CardEvidence | None:
    if not isinstance(member, ScorecardModel):
        return None
    card = member.card
    return CardEvidence(tuple(CardRow.from_dict(row) for row in card.card()), tuple(card.selection_log_))


def explanation_of(artifact: ModelArtifact, explained: Explained, spec: ExperimentSpec) -> Explanation:
    """Return importance, beeswarm, dependence and three customers' waterfalls, from a sample of training rows.

    All of it speaks of the file's own columns, as reasons do.
    """
    sample, parts, base = explained.sample, explained.phi, explained.base
    own = artifact.own_columns
    types = {column.name: column.type for column in artifact.encoder.columns_}
    codes = spec.special_values
    ranked = importance_of(parts, sample, types=types, special_values=codes, meanings=spec.value_labels)
    top = [entry.column for entry in ranked[:COLUMNS_WITH_CURVES] if entry.mean_abs > 0]
    return Explanation(
        unit=artifact.margin_unit,
        base=float(np.mean(base)),
        rows=len(sample),
        factors=tuple(ranked),
        importance=importance_data(parts.abs().mean().to_numpy(), own),
        beeswarm=beeswarm_data(parts[own].to_numpy(), sample[own], seed=spec.seed, special_values=codes),
        dependence={
            name: dependence_data(parts[name].to_numpy(), sample[name], name, special_values=codes.get(name, ()))
            for name in top
        },
        examples=_examples(artifact, explained),
        reasons=explained.reasons,
    )


def extremes_of(
    columns: list[str], candidate: Candidate, data: TrainingData, artifact: ModelArtifact, explained: Explained
) -> dict[str, Extremes]:
    """Return the levels with the highest and the lowest mean probability, by column of categories.

    They are told from all rows: the few that are explained hold few of the rarer levels, which may be the extreme ones.
    A level that raises the probability is never the lowest, nor one that lowers it the highest: what other columns say
    of its customers is not the level's doing.
    """
    types = {column.name: column.type for column in artifact.encoder.columns_}
    found = {}
    for name in columns:
        if types.get(name) not in ("categorical", "boolean", "text") or name not in data.table.columns:
            continue
        levels = data.table[name].iloc[candidate.rows].astype("string")
        by_level = (
            pd.Series(candidate.p_valid).groupby(levels.to_numpy(dtype=object, na_value=None)).agg(["mean", "size"])
        )
        judged = by_level["mean"][by_level["size"] >= ROWS_A_LEVEL]
        acts = explained.phi[name].groupby(
            explained.sample[name].astype("string").to_numpy(dtype=object, na_value=None)
        )
        effect = acts.mean().reindex(judged.index)
        up, down = judged[~(effect < 0)], judged[~(effect > 0)]
        if len(up) and len(down) and up.idxmax() != down.idxmin():
            found[name] = Extremes(best=str(up.idxmax()), worst=str(down.idxmin()))
    return found


def _curves(
    data: TrainingData,
    rows: np.ndarray,
    p: np.ndarray,
    spec: ExperimentSpec,
    edges: np.ndarray,
    artifact: ModelArtifact,
) -> SampleCurves:
    y, weight = data.y[rows], data.weights(rows)
    share = spec.contact_share
    return SampleCurves(
        roc=roc_data(y, p, weight),
        ks=ks_curve_data(y, p, weight),
        gains=gains_data(y, p, weight, share),
        lift=lift_data(y, p, weight, share),
        calibration=calibration_data(y, p, weight),
        deciles=decile_table(y, p, weight=weight, edges=edges),
        scores=histogram_data(artifact.score_of(_in_population(p, artifact))),
        strategy=_strategy(data, rows, p, artifact),
    )


def _strategy(data: TrainingData, rows: np.ndarray, p: np.ndarray, artifact: ModelArtifact) -> StrategyCurve:
    """Return whom the score would choose, in the population: the likeliest, or the safest where the event is a loss."""
    y, weight = data.y[rows], data.weights(rows)
    rate = artifact.facts["event_rate"]
    population = Population(artifact.facts.get("sample_rate", rate), rate)
    groups = None if data.groups is None else data.groups[rows]
    chosen: Chosen = "lowest" if artifact.is_risk else "highest"
    return strategy_curve(y, population.probability(p), population.weights(y, weight), groups, chosen=chosen)


def _in_population(p: np.ndarray, artifact: ModelArtifact) -> np.ndarray:
    """Return the probabilities the artifact would give, corrected where the table was sampled by outcome."""
    rate = artifact.facts["event_rate"]
    return Population(artifact.facts.get("sample_rate", rate), rate).probability(p)


def _periods(candidate: Candidate, data: TrainingData, spec: ExperimentSpec, p_held_out: np.ndarray) -> list[PeriodRow]:
    if data.split.period_of_row is None:
        return []
    rows = np.concatenate([candidate.rows, data.held_out.rows])
    p = np.concatenate([candidate.p_valid, p_held_out])
    is_dated = np.array([period is not None for period in data.split.period_of_row[rows]])
    rows, p = rows[is_dated], p[is_dated]
    is_late = data.split.held_out_kind == "out_of_time"
    late = set(data.split.period_of_row[data.held_out.rows]) - {None} if is_late else set()
    reference = candidate.reference
    return by_period(
        data.y[rows], p, period=data.split.period_of_row[rows], weight=data.weights(rows),
        baseline=reference.bins if reference else None, out_of_time=late, contact_share=spec.contact_share,
        scored=_scored_alike(reference, data, p_held_out) if reference else None, known=_known_by_period(data),
    )  # fmt: skip


def _known_by_period(data: TrainingData) -> dict[str, float]:
    """Return of each month the share of its rows whose outcome is known, those that are in no part of the split too."""
    periods = data.split.period_of_row
    is_dated = np.array([period is not None for period in periods])
    return known_shares(data.y[is_dated], periods[is_dated])


def _scored_alike(
    reference: MeasuredReference, data: TrainingData, p_held_out: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return scores, periods and weights of training and held-out rows, all scored by the models of the reference."""
    rows = np.concatenate([reference.rows, data.held_out.rows])
    return np.concatenate([reference.p, p_held_out]), data.split.period_of_row[rows], data.weights(rows)


def _segments(
    explained: Explained, data: TrainingData, spec: ExperimentSpec, rows: np.ndarray, p: np.ndarray
) -> list[SegmentRow]:
    share = {entry.column: entry.share for entry in importance_of(explained.phi, explained.sample)}
    drivers = [name for place, name in enumerate(share) if share[name] >= (SHARE_OF_A_DRIVER if place else 1e-12)]
    strongest = list(share)[:SEGMENT_COLUMNS]
    columns = strongest + [name for name in list(share)[SEGMENT_COLUMNS:] if name not in drivers][:OTHER_COLUMNS]
    return segment_table(
        data.y[rows], p, frame=data.table.iloc[rows].reset_index(drop=True), weight=data.weights(rows), columns=columns,
        drivers=drivers, contact_share=spec.contact_share,
    )  # fmt: skip


def _examples(artifact: ModelArtifact, explained: Explained) -> dict[str, Example]:
    sample, base = explained.sample, explained.base
    margin = explained.phi.to_numpy().sum(axis=1) + base
    probability = artifact.calibrated(margin)
    cut_off = artifact.bands[2]["to"] if artifact.is_risk else artifact.bands[0]["from"]
    chosen = example_rows(probability, cut_off)
    typical = float(artifact.calibrated(np.array([float(np.mean(base))]))[0])
    rows, names = list(chosen.values()), artifact.own_columns
    few, told = sample.iloc[rows], explained.phi[names].iloc[rows].to_numpy()
    reasons = artifact.reason_book.top_reasons(few, told)
    examples = {}
    for place, ((name, row), why) in enumerate(zip(chosen.items(), reasons, strict=True)):
        p = float(probability[row])
        waterfall = waterfall_data(
            told[place].tolist(), names, few[names].iloc[place].tolist(),
            base_probability=typical, probability=p,
        )  # fmt: skip
        examples[name] = Example(
            probability=p,
            score=float(artifact.score_of(np.array([p]))[0]),
            band=str(artifact.band_of(np.array([p]))[0]),
            margin=float(margin[row]),
            base=float(base[row]),
            waterfall=waterfall,
            reasons=tuple(ToldReason.from_dict(reason.to_dict()) for reason in why),
        )
    return examples


def _as_text(content: Stored) -> str:
    return json.dumps(content.to_dict(), ensure_ascii=False, allow_nan=False)
