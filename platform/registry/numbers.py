"""What a version keeps of its evidence: five numbers, factors, features; what was not measured is absent."""

from typing import Any

from experiments.evaluation.house_rules import PSI_RED, has_too_few
from registry.evidence import Evidence, rounded


def facts_of(evidence: Evidence) -> dict[str, Any]:
    """Return what the pages show of a version, frozen when it is submitted."""
    return {
        "samples": evidence.row.metrics,
        "numbers": five_numbers(evidence),
        "factors": evidence.facts["factors"],
        "features": evidence.features,
        "learner": evidence.row.learner,
    }


def five_numbers(evidence: Evidence) -> dict[str, Any]:
    """Return KS on rows set aside, its gap to training, score PSI, the worst segment and the speed."""
    numbers = {
        "ks": held_out_ks(evidence),
        "gap": gap_to_training(evidence),
        "score_psi": score_psi(evidence),
        "worst_segment": worst_segment(evidence.curves),
        "milliseconds": speed(evidence),
    }
    return {name: number for name, number in numbers.items() if number}


def held_out_ks(evidence: Evidence) -> dict[str, Any] | None:
    ks = evidence.held_out.get("ks")
    if not isinstance(ks, dict) or ks.get("value") is None:
        return None
    return {**ks, "sample": evidence.held_out_name, "is_enough": not has_too_few(evidence.held_out)}


def gap_to_training(evidence: Evidence) -> dict[str, Any] | None:
    train = evidence.value(evidence.row.metrics.get("train", {}), "ks")
    ahead = evidence.value(evidence.held_out, "ks")
    if train is None or ahead is None:
        return None
    return {
        "value": rounded(abs(train - ahead)),
        "limit": rounded(max(0.05, 0.2 * train)),
        "is_enough": not (has_too_few(evidence.held_out) or has_too_few(evidence.row.metrics["train"])),
    }


def score_psi(evidence: Evidence) -> dict[str, Any] | None:
    psi = evidence.row.evidence.get("score_psi")
    if psi is None:
        return None
    return {
        "value": rounded(psi),
        "limit": PSI_RED,
        "by_chance": rounded(evidence.row.evidence.get("score_psi_limit") or 0),
    }


def worst_segment(curves: dict[str, Any]) -> dict[str, Any] | None:
    """Return the segment with the lowest AUC among those with enough rows and events to say so.

    Segments of the strongest driver itself rank less well by nature; they are judged by their probabilities.
    """
    judged = [
        segment
        for segment in curves.get("segments") or []
        if segment["is_enough"] and segment["auc"] is not None and segment.get("judged_by") != "calibration"
    ]
    if not judged:
        return None
    worst = min(judged, key=lambda segment: segment["auc"])
    return {"value": rounded(worst["auc"]), **{name: worst[name] for name in ("column", "kind", "label")}}


def speed(evidence: Evidence) -> dict[str, Any] | None:
    milliseconds = evidence.row.evidence.get("ms_per_row")
    return {"value": milliseconds} if milliseconds is not None else None
