"""What a version keeps of its evidence: five numbers, factors, features; what was not measured is absent."""

from typing import Any

from experiments.evaluation.limits import limit_state
from experiments.house_rules import has_too_few
from registry.evidence.gathered import Evidence
from registry.evidence.performance_checks import verdict_on
from registry.evidence.reading import rounded


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
    verdict = verdict_on("ks_gap", evidence)
    if verdict is None:
        return None
    # As the sentence beside it tells it: what a reader finds who subtracts the two KS.
    shown = (verdict.get("params") or {}).get("value", "")
    return {
        **limited(verdict), "value": rounded(abs(verdict["value"])), "shown": shown, "is_rise": verdict["value"] < 0,
    }  # fmt: skip


def score_psi(evidence: Evidence) -> dict[str, Any] | None:
    verdict = verdict_on("score_psi", evidence)
    return verdict and {**limited(verdict), "by_chance": rounded(evidence.row.evidence.get("score_psi_limit") or 0)}


def limited(verdict: dict[str, Any]) -> dict[str, Any]:
    """Return a number with its limit and what the engine says of the two."""
    return {
        "value": rounded(verdict["value"]),
        "limit": rounded(verdict["limit"]),
        "state": verdict["state"],
        "is_enough": verdict["state"] != "unjudged",
    }


def state_of(number: dict[str, Any]) -> str:
    """Return what the engine said of a kept number and its limit; one kept before that was kept is read again."""
    if "state" in number:
        return str(number["state"])
    if not number.get("is_enough", True):
        return "unjudged"
    is_proven = number["value"] > max(number["limit"], number.get("by_chance") or 0.0)
    return limit_state({"value": number["value"], "limit": number["limit"], "is_kept": not is_proven})


def worst_segment(curves: dict[str, Any]) -> dict[str, Any] | None:
    """Return the segment with the lowest AUC among those with enough rows and events to say so.

    Segments of customers who are alike by score rank less well by nature; they are judged by their probabilities.
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
