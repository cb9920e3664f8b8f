"""The line below each chart: what it shows, in one sentence."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from common.templatetags.formatting import listed, rate
from experiments.comparison.evidence import Compared, ModelsCompared
from experiments.house_rules import PSI_AMBER


def readings_of(found: ModelsCompared, letters: Sequence[str]) -> dict[str, str]:
    """Return the line of every chart by the chart's name."""

    def each(told: Callable[[Compared], str]) -> str:
        return listed([f"{letter} {told(model)}" for letter, model in zip(letters, found.models, strict=True)])

    share = found.chosen_share
    heights = [model.curves.ks.ks for model in found.models]
    highest = max(range(len(heights)), key=lambda place: heights[place])
    top, approved = rate(found.share, 0), rate(share, 0)
    readings = {
        "approvals": _("Event rate at %(share)s chosen: %(numbers)s.")
        % {"share": approved, "numbers": each(lambda model: rate(_rate_at(model, share)))},
        "spread": _("The further apart the two distributions, the better: %(letter)s separates them most, KS %(ks)s.")
        % {"letter": letters[highest], "ks": f"{heights[highest]:.3f}"},
        "ks": _(
            "Gap between the cumulative shares of events and non-events, from the highest score down; its "
            "peak is the KS: %(numbers)s."
        )
        % {"numbers": each(lambda model: f"{model.curves.ks.ks:.3f}")},
        "roc": _("AUC: %(numbers)s.") % {"numbers": each(lambda model: f"{model.curves.roc.auc:.4f}")},
        "gains": _("Events in the top %(share)s: %(numbers)s.")
        % {"share": top, "numbers": each(lambda model: rate(model.curves.gains.capture_at_quota, 1))},
        "calibration": _("Calibration error (ECE): %(numbers)s.")
        % {"numbers": each(lambda model: f"{model.curves.calibration.ece:.4f}")},
    }
    return readings | ({"psi": _shift(found, letters)} if found.months else {})


def _rate_at(model: Compared, share: float) -> float:
    own = model.curves.approvals
    return min(zip(own.shares, own.rates, strict=True), key=lambda pair: abs(pair[0] - share))[1]


def _shift(found: ModelsCompared, letters: Sequence[str]) -> str:
    psi, month, letter = max(
        (one.psi or 0.0, month.month, letter)
        for month in found.months
        for one, letter in zip(month.models, letters, strict=True)
    )
    said = {"psi": f"{psi:.3f}", "month": month, "letter": letter, "limit": f"{PSI_AMBER:.2f}"}
    if psi < PSI_AMBER:
        return _("No score has drifted: the highest is %(letter)s in %(month)s, %(psi)s, below %(limit)s.") % said
    return _("Highest in %(month)s: %(letter)s, %(psi)s, above %(limit)s.") % said
