"""Checks of how well a model does on rows set aside: ranking, overfit, stability, calibration, deciles."""

from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_noop

from common.templatetags.formatting import metric3
from experiments.evaluation.limits import Readings, house_verdict, limit_state
from experiments.house_rules import MIN_EVENTS, PSI_RED, has_too_few
from experiments.telling import apart
from registry.evidence.gathered import Evidence
from registry.evidence.reading import FAILED, MISSING, PASSED, WARNING, Reading, unjudged_sample


def held_out(evidence: Evidence) -> Reading:
    auc, ks = evidence.value(evidence.held_out, "auc"), evidence.value(evidence.held_out, "ks")
    if auc is None or ks is None:
        return Reading(MISSING, gettext_noop("The model was not measured on held-out rows."))
    if has_too_few(evidence.held_out):
        return unjudged_sample(evidence.held_out)
    params = {"auc": metric3(auc), "ks": metric3(ks), "held_out_kind": str(evidence.held_out_name)}
    if auc <= 0.5:
        return Reading(FAILED, gettext_noop("AUC %(auc)s on held-out rows: no better than chance"), params)
    if evidence.held_out_name == "held_out":
        return Reading(WARNING, gettext_noop("KS %(ks)s on random held-out rows; not tested over time"), params)
    return Reading(PASSED, gettext_noop("KS %(ks)s on the newest months"), params)


def verdict_on(code: str, evidence: Evidence) -> dict[str, Any] | None:
    """Return the engine's verdict on ``ks_gap`` or ``score_psi``, nothing where that was not measured."""
    metrics, kept, name = evidence.row.metrics, evidence.row.evidence, evidence.held_out_name
    measures = (metrics.get("train", {}), evidence.held_out)
    is_measured = {
        "ks_gap": all(evidence.value(sample, "ks") is not None for sample in measures),
        "score_psi": kept.get("score_psi") is not None,
    }
    if name is None or not is_measured[code]:
        return None
    verdict = house_verdict(code, kept.get("limits", []), Readings.kept_with(kept, metrics, name))
    return {**verdict, "state": limit_state(verdict)}


def overfit_gap(evidence: Evidence) -> Reading:
    """Tell the fall in KS as the result page does; a rise beyond the limit is as odd, but no sign of overfit."""
    verdict = verdict_on("ks_gap", evidence)
    if verdict is None:
        return Reading(MISSING, gettext_noop("KS was not measured on both training rows and held-out rows."))
    if verdict["state"] == "unjudged":
        samples = (evidence.held_out, evidence.row.metrics["train"])
        return unjudged_sample(next(sample for sample in samples if has_too_few(sample)))
    is_beyond = abs(verdict["value"]) > verdict["limit"]
    state = FAILED if verdict["state"] == "broken" else WARNING if is_beyond else PASSED
    return Reading(state, verdict["message"], verdict["params"])


def score_stability(evidence: Evidence) -> Reading:
    verdict = verdict_on("score_psi", evidence)
    if verdict is None:
        return Reading(MISSING, gettext_noop("Score PSI was not measured."))
    if verdict["state"] == "unjudged":
        return unjudged_sample(evidence.held_out)
    shown, by_chance, bound = apart(
        verdict["value"], evidence.row.evidence.get("score_psi_limit") or 0, verdict["limit"]
    )
    if verdict["state"] == "unproven":
        message = gettext_noop("PSI %(psi)s: with so few rows chance alone can reach %(limit)s")
        return Reading(WARNING, message, {"psi": shown, "limit": by_chance})
    state = PASSED if verdict["state"] == "kept" else FAILED if verdict["value"] >= PSI_RED else WARNING
    return Reading(state, gettext_noop("PSI %(psi)s, limit %(limit)s"), {"psi": shown, "limit": bound})


def calibration(evidence: Evidence) -> Reading:
    slope = evidence.value(evidence.held_out, "calibration_slope")
    ratio = evidence.value(evidence.held_out, "observed_expected")
    if slope is None or ratio is None:
        return Reading(MISSING, gettext_noop("Calibration was not measured on held-out rows."))
    if has_too_few(evidence.held_out):
        return unjudged_sample(evidence.held_out)
    params = {"slope": metric3(slope), "ratio": metric3(ratio)}
    if 0.9 <= slope <= 1.1 and 0.9 <= ratio <= 1.1:
        state = PASSED
    else:
        state = WARNING if 0.8 <= slope <= 1.25 and 0.8 <= ratio <= 1.25 else FAILED
    return Reading(state, gettext_noop("Slope %(slope)s, observed / expected %(ratio)s"), params)


def decile_ordering(evidence: Evidence) -> Reading:
    deciles = evidence.curves.get(evidence.held_out_name or "", {}).get("deciles", {}).get("rows", [])
    if len(deciles) < 6:
        return Reading(MISSING, gettext_noop("There are no deciles of the held-out rows."))
    if has_too_few(evidence.held_out):
        return unjudged_sample(evidence.held_out)
    inversions = sum(is_inverted(upper, lower) for end in (deciles[:3], deciles[-3:]) for upper, lower in pairwise(end))
    if not inversions:
        return Reading(PASSED, gettext_noop("No inversion in the top and bottom three"))
    state = WARNING if inversions == 1 else FAILED
    return Reading(state, gettext_noop("Inversions in the top and bottom three: %(count)s"), {"count": inversions})


def is_inverted(upper: dict[str, Any], lower: dict[str, Any]) -> bool:
    """Whether the lower group has the higher rate; two groups of few events each say nothing."""
    is_told = max(upper["row_events"], lower["row_events"]) >= MIN_EVENTS
    return is_told and (lower["event_rate"] or 0) > (upper["event_rate"] or 0)
