"""The twelve checks a version is judged by, each read from what was measured; what was not measured says so."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop

from checks import attributes
from checks.models import DataCheck
from experiments.artifact.manifest import read_attached
from experiments.evaluation.limits import Readings, house_verdict, limit_state
from experiments.explanation.reason_codes.counts import ReasonsTold
from experiments.house_rules import FEW_EVENTS, MIN_EVENTS, PSI_RED, has_too_few, is_enough, too_few
from experiments.telling import apart, minus
from registry import reruns
from registry.models import EvidenceCheck, ModelVersion
from registry.readings import Reading
from training.models import LeaderboardRow

PASSED, WARNING, FAILED, MISSING = EvidenceCheck.State.values

# The platform cannot measure these yet: a written limit of use may stand in for them. Any other gap blocks approval.
MAY_BE_MISSING = frozenset({"fairness", "signs", "rerun"})


@dataclass
class Evidence:
    """Everything the checks may look at, read at most once; ``facts`` are those of the dossier."""

    row: LeaderboardRow
    model_dir: Path
    facts: dict[str, Any]
    former: ModelVersion | None

    @property
    def spec(self) -> dict[str, Any]:
        return self.row.experiment.spec

    @property
    def held_out_name(self) -> str | None:
        return next((name for name in ("out_of_time", "held_out") if self.row.metrics.get(name)), None)

    @property
    def held_out(self) -> dict[str, Any]:
        return self.row.metrics.get(self.held_out_name or "", {})

    @property
    def features(self) -> list[str]:
        return list(self.facts["columns"])

    @cached_property
    def curves(self) -> dict[str, Any]:
        return read_attached(self.model_dir, "evidence.json")

    def value(self, sample: dict[str, Any], metric: str) -> float | None:
        found = sample.get(metric)
        return found.get("value") if isinstance(found, dict) else found


def sample_and_target(evidence: Evidence) -> Reading:
    check = evidence.row.experiment.data_check
    params = {
        "rows": f"{check.labelled_count:,}",
        "events": f"{check.event_count:,}",
        "target": check.target,
        "event": check.event,
    }
    if check.state != DataCheck.State.READY or not check.labelled_count:
        return Reading(MISSING, gettext_noop("The data check of this experiment was not finished."))
    if not is_enough(check.labelled_count, check.event_count):
        return unjudged(check.labelled_count, check.event_count)
    if check.event_count < FEW_EVENTS:
        return Reading(WARNING, gettext_noop("%(events)s events in %(rows)s rows: a small sample"), params)
    return Reading(PASSED, gettext_noop("%(rows)s rows, %(events)s with %(target)s = %(event)s"), params)


def unjudged(rows: int, events: int) -> Reading:
    """Return that there is too little to judge by: neither a pass nor a fail."""
    told = too_few(rows, events)
    return Reading(MISSING, told["message"], told["params"])


def unjudged_sample(measures: dict[str, Any]) -> Reading:
    return unjudged(measures["counts"]["rows"], measures["counts"]["events"])


def leakage(evidence: Evidence) -> Reading:
    check = evidence.row.experiment.data_check
    if check.state != DataCheck.State.READY:
        return Reading(MISSING, gettext_noop("The data check of this experiment was not finished."))
    used = set(evidence.features)
    grave = [f for f in check.findings.select_related("column") if f.column and f.severity != "passed"]
    kept = {severity: used_columns(grave, severity, used) for severity in ("block", "warning")}
    if kept["block"]:
        return Reading(FAILED, gettext_noop("Uses columns the data check blocks: %(columns)s"), listed(kept["block"]))
    if kept["warning"]:
        doubts = (evidence.row.experiment.result.get("data") or {}).get("doubts")
        also = ({"message": doubts["message"], "params": doubts["params"]},) if doubts else ()
        told = gettext_noop("Uses columns with a warning: %(columns)s")
        return Reading(WARNING, told, listed(kept["warning"]), also)
    taken_out = len({finding.column_id for finding in grave})
    if not taken_out:
        return Reading(PASSED, gettext_noop("No suspicious column was found"))
    return Reading(PASSED, gettext_noop("Suspicious columns: %(count)s, none used"), {"count": taken_out})


def used_columns(findings: list[Any], severity: str, used: set[str]) -> list[str]:
    return sorted({f.column.name for f in findings if f.severity == severity and f.column.name in used})


def listed(columns: list[str]) -> dict[str, list[str]]:
    """Return the first columns for a sentence, which parts them as the reader's language does."""
    shown = columns[:3]
    if len(columns) > 3:
        shown[-1] += f" +{len(columns) - 3}"
    return {"columns": shown}


def held_out(evidence: Evidence) -> Reading:
    auc, ks = evidence.value(evidence.held_out, "auc"), evidence.value(evidence.held_out, "ks")
    if auc is None or ks is None:
        return Reading(MISSING, gettext_noop("The model was not measured on held-out rows."))
    if has_too_few(evidence.held_out):
        return unjudged_sample(evidence.held_out)
    params = {"auc": decimals(auc), "ks": decimals(ks), "held_out_kind": str(evidence.held_out_name)}
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
    params = {"slope": decimals(slope), "ratio": decimals(ratio)}
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


def fairness(evidence: Evidence) -> Reading:
    """Say that groups are not compared, and where it is not yet known which columns tell them apart, what to do."""
    proposed = [mark.name for mark in attributes.marks_asked(evidence.row.experiment.data_check) if mark.is_open]
    if proposed:
        told = gettext_noop(
            "No evidence: groups were not compared; confirm the protected columns at the data check first: %(columns)s"
        )
        return Reading(MISSING, told, listed(proposed))
    return Reading(MISSING, gettext_noop("No evidence: groups were not compared"))


def signs(evidence: Evidence) -> Reading:
    """Read the directions that were given and, of a scorecard, the signs of its coefficients; the worse counts."""
    found = [reading for reading in (directions(evidence), coefficient_signs(evidence)) if reading]
    if not found:
        return Reading(MISSING, gettext_noop("No evidence: no expected directions were given"))
    worst = max((reading.state for reading in found), key=(PASSED, MISSING, FAILED).index)
    first, *others = found
    return Reading(worst, first.message, first.params, tuple(other.to_dict() for other in others))


def directions(evidence: Evidence) -> Reading | None:
    """Read whether the directions are kept that columns were given; nothing where none were."""
    given = [column for column, way in evidence.spec.get("monotone", {}).items() if way]
    if not given:
        return None
    checked = evidence.row.evidence.get("constraints")
    if not checked:
        message = gettext_noop("Directions were set for %(columns)s columns; whether they hold was not checked.")
        return Reading(MISSING, message, {"columns": len(given)})
    params = {
        "columns": len(checked["features"]),
        "violations": f"{checked['violations']:,}",
        "steps": f"{checked['checked_steps']:,}",
    }
    if checked["violations"]:
        message = gettext_noop(
            "Directions given to %(columns)s columns are broken at %(violations)s of %(steps)s points checked."
        )
        return Reading(FAILED, message, params)
    message = gettext_noop("Directions given to %(columns)s columns are kept at all %(steps)s points checked.")
    return Reading(PASSED, message, params)


def coefficient_signs(evidence: Evidence) -> Reading | None:
    coefficients = evidence.facts["coefficients"]
    if not coefficients:
        return None
    right = sum(1 for coefficient in coefficients if coefficient > 0)
    params = {"right": right, "all": len(coefficients)}
    message = gettext_noop("%(right)s of %(all)s coefficients have the right sign.")
    return Reading(PASSED if right == len(coefficients) else FAILED, message, params)


def rerun(evidence: Evidence) -> Reading:
    return reruns.reading_of(evidence.row, reruns.reruns_of([evidence.row]))


TRIED = gettext_noop("Sampled evenly from the whole table.")
UNHEARD = gettext_noop("%(acted_on_unheard)s of those without a reason would be contacted or declined.")


def reason_codes(evidence: Evidence) -> Reading:
    tried = evidence.facts["reasons_tried"]
    if not tried:
        return Reading(MISSING, gettext_noop("No customer could be scored to test the reasons."))
    if "share" in tried:
        # Counted before protected columns and customers without any reason were told apart.
        share = {"share": apart(tried["share"], 1.0, digits=0, percent=True)[0], "rows": tried["rows"]}
        message = gettext_noop("%(share)s of %(rows)s customers tried in the bands acted on have a reason")
        return Reading(PASSED if tried["share"] == 1 else FAILED, message, share)
    told = ReasonsTold.of({name: count for name, count in tried.items() if name != "acted_on_unheard"})
    also = [told.outweighed] if told.outweighed else []
    if tried["acted_on_unheard"]:
        also.append({"message": UNHEARD, "params": {"acted_on_unheard": f"{tried['acted_on_unheard']:,}"}})
    state = FAILED if tried["acted_on_unheard"] else WARNING if tried["masked"] else PASSED
    return Reading(state, **told.given, also=(*also, {"message": TRIED, "params": {}}))


def fallback(evidence: Evidence) -> Reading:
    if evidence.former is None:
        return Reading(WARNING, gettext_noop("First version: no model to fall back on"))
    return Reading(PASSED, gettext_noop("v%(number)s is kept"), {"number": evidence.former.number})


def rounded(value: float) -> float:
    """Return a number to keep, free of the noise of arithmetic and finer than any page shows it."""
    return round(float(value), 6)


def decimals(value: float) -> str:
    """Return a number as a sentence carries it, always with three decimals."""
    return minus(f"{float(value):.3f}")


CHECKS: dict[str, tuple[str, Callable[[Evidence], Reading]]] = {
    "sample": (gettext_noop("Sample and target"), sample_and_target),
    "leakage": (gettext_noop("Suspicious columns"), leakage),
    "held_out": (gettext_noop("Held-out rows"), held_out),
    "overfit": (gettext_noop("Overfit gap"), overfit_gap),
    "stability": (gettext_noop("Score stability"), score_stability),
    "calibration": (gettext_noop("Calibration"), calibration),
    "deciles": (gettext_noop("Decile ordering"), decile_ordering),
    "fairness": (gettext_noop("Fairness"), fairness),
    "signs": (gettext_noop("Signs and directions"), signs),
    "rerun": (gettext_noop("Independent re-run"), rerun),
    "reasons": (gettext_noop("Reason codes"), reason_codes),
    "fallback": (gettext_noop("Fallback"), fallback),
}


def read_checks(evidence: Evidence) -> dict[str, Reading]:
    """Return the reading of every check, in their order."""
    return {code: check(evidence) for code, (_title, check) in CHECKS.items()}
