"""Checks of the model itself: its signs, whether it comes out again, its reasons, and what it would fall back on."""

from django.utils.translation import gettext_noop

from experiments.explanation.reason_codes.counts import ReasonCounts, ReasonsTold
from experiments.sentence import Sentence
from registry.evidence import papers, reruns
from registry.evidence.gathered import Evidence
from registry.evidence.reading import FAILED, MISSING, PASSED, WARNING, Reading


def signs(evidence: Evidence) -> Reading:
    """Read the directions that were given and, of a scorecard, the signs of its coefficients; the worse counts."""
    found = [reading for reading in (directions(evidence), coefficient_signs(evidence)) if reading]
    if not found:
        return Reading(MISSING, gettext_noop("No evidence: no monotone constraints were set"))
    worst = max((reading.state for reading in found), key=(PASSED, MISSING, FAILED).index)
    first, *others = found
    return Reading(worst, first.message, first.params, tuple(other.sentence for other in others))


def directions(evidence: Evidence) -> Reading | None:
    """Read whether the directions are kept that columns were given; nothing where none were."""
    given = [column for column, way in evidence.row.experiment.asked.monotone.items() if way]
    if not given:
        return None
    checked = evidence.kept.constraints
    if checked is None:
        message = gettext_noop(
            "Monotone constraints were set on %(columns)s columns; whether they hold was not checked."
        )
        return Reading(MISSING, message, {"columns": len(given)})
    params = {
        "columns": len(checked.features),
        "violations": f"{checked.violations:,}",
        "steps": f"{checked.checked_steps:,}",
    }
    if checked.violations:
        message = gettext_noop(
            "Monotone constraints on %(columns)s columns are violated at %(violations)s of %(steps)s points checked."
        )
        return Reading(FAILED, message, params)
    message = gettext_noop("Monotone constraints on %(columns)s columns hold at all points checked: %(steps)s.")
    return Reading(PASSED, message, params)


def coefficient_signs(evidence: Evidence) -> Reading | None:
    coefficients = evidence.facts.coefficients
    if not coefficients:
        return None
    right = sum(1 for coefficient in coefficients if coefficient > 0)
    params = {"right": right, "all": len(coefficients)}
    message = gettext_noop("%(right)s of %(all)s coefficients have the right sign.")
    return Reading(PASSED if right == len(coefficients) else FAILED, message, params)


def rerun(evidence: Evidence) -> Reading:
    return reruns.reading_of(evidence.row, reruns.reruns_of([evidence.row]))


def report(evidence: Evidence) -> Reading:
    return papers.reading_of(evidence.row, papers.papers_of([evidence.row]))


TRIED = gettext_noop("Sampled evenly from the whole table.")
UNHEARD = gettext_noop("%(acted_on_unheard)s of those without a reason would be contacted or declined.")
PROTECTED_FIRST = gettext_noop("A protected column may not weigh most for any customer. Train the model without it.")


def reason_codes(evidence: Evidence) -> Reading:
    tried = evidence.facts.reasons_tried
    if tried is None:
        return Reading(MISSING, gettext_noop("No customer could be scored to test the reasons."))
    told = ReasonsTold.of(ReasonCounts(tried.rows, tried.nothing, tried.withheld, tried.masked))
    also = [told.outweighed] if told.outweighed else []
    if tried.acted_on_unheard:
        also.append(Sentence(UNHEARD, {"acted_on_unheard": f"{tried.acted_on_unheard:,}"}))
    if tried.masked:
        also.append(Sentence(PROTECTED_FIRST))
    state = FAILED if tried.acted_on_unheard or tried.masked else PASSED
    return Reading(state, told.given.message, dict(told.given.params), also=(*also, Sentence(TRIED)))


def fallback(evidence: Evidence) -> Reading:
    if evidence.former is None:
        return Reading(WARNING, gettext_noop("First version: no model to fall back on"))
    return Reading(PASSED, gettext_noop("v%(number)s is kept"), {"number": evidence.former.number})
