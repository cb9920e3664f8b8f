"""The checks a version is judged by, each read from what was measured; what was not measured says so."""

from collections.abc import Callable

from django.utils.translation import gettext_noop

from registry.evidence.data_checks import fairness, leakage, sample_and_target
from registry.evidence.gathered import Evidence
from registry.evidence.model_checks import fallback, reason_codes, report, rerun, signs
from registry.evidence.performance_checks import calibration, decile_ordering, held_out, overfit_gap, score_stability
from registry.evidence.reading import Reading

CHECKS: dict[str, tuple[str, Callable[[Evidence], Reading]]] = {
    "sample": (gettext_noop("Sample and target"), sample_and_target),
    "leakage": (gettext_noop("Suspicious columns"), leakage),
    "held_out": (gettext_noop("Held-out rows"), held_out),
    "overfit": (gettext_noop("Overfit gap"), overfit_gap),
    "stability": (gettext_noop("Score stability"), score_stability),
    "calibration": (gettext_noop("Calibration"), calibration),
    "deciles": (gettext_noop("Decile ordering"), decile_ordering),
    "fairness": (gettext_noop("Fairness"), fairness),
    "signs": (gettext_noop("Signs and monotone constraints"), signs),
    "rerun": (gettext_noop("Independent re-run"), rerun),
    "reasons": (gettext_noop("Reason codes"), reason_codes),
    "fallback": (gettext_noop("Fallback"), fallback),
    "report": (gettext_noop("Validation report"), report),
}


def read_checks(evidence: Evidence) -> dict[str, Reading]:
    """Return the reading of every check, in their order."""
    return {code: check(evidence) for code, (_title, check) in CHECKS.items()}
