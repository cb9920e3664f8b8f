"""The limits a run was asked to keep, each in a few words."""

from django.utils.translation import gettext as _

from common.templatetags.formatting import percent
from experiments.spec import Limits
from training.words import LIMITS


def limits_asked(limits: Limits) -> list[str]:
    """Tell the limits that were set, each in a few words."""
    numbers = {"ks_gap": limits.ks_gap, "score_psi": limits.score_psi} | {
        "features": limits.features,
        "milliseconds": limits.milliseconds,
    }
    told = {code: f"{LIMITS[code]} ≤ {value:g}" for code, value in numbers.items() if value is not None}
    if "ks_gap" in told and limits.ks_gap_share:
        share = _("or %(share)s of the training KS, whichever is larger") % {"share": percent(limits.ks_gap_share)}
        told["ks_gap"] = _("%(limit)s, %(more)s") % {"limit": told["ks_gap"], "more": share}
    return list(told.values())
