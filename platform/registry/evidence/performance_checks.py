"""Checks of how well a model does on rows set aside: ranking, overfit, stability, calibration, deciles."""

from itertools import pairwise

from django.utils.translation import gettext_noop

from common.templatetags.formatting import metric3
from experiments.evaluation.deciles import DecileRow
from experiments.evaluation.limits import Verdict, house_verdict
from experiments.house_rules import CALIBRATION_HIGH, CALIBRATION_LOW, MIN_EVENTS, PSI_RED
from experiments.telling import apart
from registry.evidence.gathered import Evidence
from registry.evidence.reading import FAILED, MISSING, PASSED, WARNING, Reading, unjudged_sample


def held_out(evidence: Evidence) -> Reading:
    auc, ks = evidence.held_out.value("auc"), evidence.held_out.value("ks")
    if auc is None or ks is None:
        return Reading(MISSING, gettext_noop("The model was not measured on held-out rows."))
    if not evidence.held_out.is_enough:
        return unjudged_sample(evidence.held_out)
    params = {"auc": metric3(auc), "ks": metric3(ks), "held_out_kind": evidence.held_out_name}
    if auc <= 0.5:
        return Reading(FAILED, gettext_noop("AUC %(auc)s on held-out rows: no better than chance"), params)
    if evidence.held_out_name == "held_out":
        return Reading(WARNING, gettext_noop("KS %(ks)s on random held-out rows; not tested over time"), params)
    return Reading(PASSED, gettext_noop("KS %(ks)s on the newest months"), params)


def verdict_on(code: str, evidence: Evidence) -> Verdict | None:
    """Return the engine's verdict on ``ks_gap`` or ``score_psi``, nothing where that was not measured."""
    measures, kept = evidence.measures, evidence.kept
    is_measured = {
        "ks_gap": all(sample.value("ks") is not None for sample in (measures.of("train"), evidence.held_out)),
        "score_psi": kept.score_psi is not None,
    }
    if not evidence.held_out_name or not is_measured[code]:
        return None
    return house_verdict(code, kept.limits, kept.readings(measures))


def overfit_gap(evidence: Evidence) -> Reading:
    """Tell the fall in KS as the result page does; a rise beyond the limit is as odd, but no sign of overfit."""
    verdict = verdict_on("ks_gap", evidence)
    if verdict is None:
        return Reading(MISSING, gettext_noop("KS was not measured on both training rows and held-out rows."))
    if verdict.state == "unjudged":
        samples = (evidence.held_out, evidence.measures.of("train"))
        return unjudged_sample(next(sample for sample in samples if not sample.is_enough))
    is_beyond = abs(verdict.value or 0.0) > (verdict.limit or 0.0)
    state = FAILED if verdict.state == "broken" else WARNING if is_beyond else PASSED
    return Reading(state, verdict.message, verdict.params)


def score_stability(evidence: Evidence) -> Reading:
    verdict = verdict_on("score_psi", evidence)
    if verdict is None:
        return Reading(MISSING, gettext_noop("Score PSI was not measured."))
    if verdict.state == "unjudged":
        return unjudged_sample(evidence.held_out)
    value, limit = verdict.value or 0.0, verdict.limit or 0.0
    shown, by_chance, bound = apart(value, evidence.kept.score_psi_limit or 0, limit)
    if verdict.state == "unproven":
        message = gettext_noop("PSI %(psi)s: with so few rows chance alone can reach %(limit)s")
        return Reading(WARNING, message, {"psi": shown, "limit": by_chance})
    state = PASSED if verdict.state == "kept" else FAILED if value >= PSI_RED else WARNING
    return Reading(state, gettext_noop("PSI %(psi)s, limit %(limit)s"), {"psi": shown, "limit": bound})


def calibration(evidence: Evidence) -> Reading:
    slope, ratio = evidence.held_out.value("calibration_slope"), evidence.held_out.value("observed_expected")
    if slope is None or ratio is None:
        return Reading(MISSING, gettext_noop("Calibration was not measured on held-out rows."))
    if not evidence.held_out.is_enough:
        return unjudged_sample(evidence.held_out)
    params = {"slope": metric3(slope), "ratio": metric3(ratio)}
    if 0.9 <= slope <= 1.1 and 0.9 <= ratio <= 1.1:
        state = PASSED
    else:
        can_be_lived_with = all(CALIBRATION_LOW <= one <= CALIBRATION_HIGH for one in (slope, ratio))
        state = WARNING if can_be_lived_with else FAILED
    return Reading(state, gettext_noop("Slope %(slope)s, actual / predicted %(ratio)s"), params)


def decile_ordering(evidence: Evidence) -> Reading:
    table = evidence.curves.of(evidence.held_out_name).deciles
    deciles = table.rows if table else ()
    if len(deciles) < 6:
        return Reading(MISSING, gettext_noop("There are no deciles of the held-out rows."))
    if not evidence.held_out.is_enough:
        return unjudged_sample(evidence.held_out)
    inversions = sum(is_inverted(upper, lower) for end in (deciles[:3], deciles[-3:]) for upper, lower in pairwise(end))
    if not inversions:
        return Reading(PASSED, gettext_noop("No inversion in the top and bottom three"))
    state = WARNING if inversions == 1 else FAILED
    return Reading(state, gettext_noop("Inversions in the top and bottom three: %(count)s"), {"count": inversions})


def is_inverted(upper: DecileRow, lower: DecileRow) -> bool:
    """Whether the lower group has the higher rate; two groups of few events each say nothing."""
    is_told = max(upper.row_events, lower.row_events) >= MIN_EVENTS
    return is_told and lower.event_rate > upper.event_rate
