"""What a version keeps of its evidence: five numbers, factors, features; what was not measured is absent."""

from dataclasses import replace

from experiments.artifact.evidence import ModelEvidence
from experiments.evaluation.limits import Verdict
from experiments.evaluation.segments import SegmentRow
from registry.evidence.gathered import Evidence
from registry.evidence.performance_checks import verdict_on
from registry.evidence.reading import rounded
from registry.facts import FiveNumbers, HeldOutKs, LimitedNumber, Speed, VersionFacts, WorstSegment


def facts_of(evidence: Evidence) -> VersionFacts:
    """Return what the pages show of a version, frozen when it is submitted."""
    return VersionFacts(
        samples=evidence.measures,
        numbers=five_numbers(evidence),
        factors=evidence.facts.factors,
        features=evidence.facts.columns,
        learner=evidence.row.learner,
    )


def five_numbers(evidence: Evidence) -> FiveNumbers:
    """Return KS on rows set aside, its gap to training, score PSI, the worst segment and the speed."""
    return FiveNumbers(
        ks=held_out_ks(evidence),
        gap=gap_to_training(evidence),
        score_psi=score_psi(evidence),
        worst_segment=worst_segment(evidence.curves),
        milliseconds=speed(evidence),
    )


def held_out_ks(evidence: Evidence) -> HeldOutKs | None:
    ks = evidence.held_out.of("ks")
    if ks.value is None:
        return None
    return HeldOutKs(ks.value, ks.low, ks.high, sample=evidence.held_out_name, is_enough=evidence.held_out.is_enough)


def gap_to_training(evidence: Evidence) -> LimitedNumber | None:
    verdict = verdict_on("ks_gap", evidence)
    if verdict is None:
        return None
    # As the sentence beside it tells it: what a reader finds who subtracts the two KS.
    gap = verdict.value or 0.0
    return replace(
        limited(verdict), value=rounded(abs(gap)), shown=str(verdict.params.get("value", "")), is_rise=gap < 0
    )


def score_psi(evidence: Evidence) -> LimitedNumber | None:
    verdict = verdict_on("score_psi", evidence)
    if verdict is None:
        return None
    return replace(limited(verdict), by_chance=rounded(evidence.kept.score_psi_limit or 0))


def limited(verdict: Verdict) -> LimitedNumber:
    """Return a number with its limit and what the engine says of the two."""
    return LimitedNumber(
        value=rounded(verdict.value or 0.0),
        limit=rounded(verdict.limit or 0.0),
        state=verdict.state,
        is_enough=verdict.state != "unjudged",
    )


def worst_segment(curves: ModelEvidence) -> WorstSegment | None:
    """Return the segment with the lowest AUC among those with enough rows and events to say so.

    Segments of customers who are alike by score rank less well by nature; they are judged by their probabilities.
    """
    judged = [each for each in curves.segments if each.is_enough and each.auc == each.auc and is_ranked(each)]
    if not judged:
        return None
    worst = min(judged, key=lambda segment: segment.auc)
    return WorstSegment(rounded(worst.auc), worst.column, worst.kind, worst.label)


def is_ranked(segment: SegmentRow) -> bool:
    return segment.judged_by != "calibration"


def speed(evidence: Evidence) -> Speed | None:
    milliseconds = evidence.kept.ms_per_row
    return Speed(milliseconds) if milliseconds is not None else None
