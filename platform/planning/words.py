"""The words for what a plan may choose: algorithms, effort for derived features, splits, directions."""

from django.utils.translation import gettext_lazy as _

from experiments.families import names_of
from experiments.learners import FAMILIES

# Not chosen but always there: two that every run makes, and what is composed of the others.
ALWAYS_TRIED = names_of("always")
SEARCHED = names_of("usual", "on_request")
# They have no way to hold a column to a direction, and are left out of a run that asks for one.
WITHOUT_DIRECTIONS = tuple(name for name in SEARCHED if not FAMILIES[name].keeps_monotone)

EFFORTS = {
    "off": (_("Off"), _("The original columns only; nothing is derived.")),
    "standard": (
        _("Standard"),
        _(
            "Dates become ages and parts; numbered columns get a mean, a peak and a change; columns in the same "
            "unit are compared, amounts with amounts and months with months. At most 12 columns that help are kept."
        ),
    ),
    "deep": (
        _("Deep"),
        _(
            "Also ratios, differences and products of any two strong columns, and flags for empty cells. At most "
            "60 are kept; this takes part of the time."
        ),
    ),
}
SCHEMES = {
    "auto": _("Automatic: by time where there is a date"),
    "time": _("By time: each fold is validated on later rows"),
    "grouped": _("At random, each customer's rows together"),
    "stratified": _("At random, row by row"),
    "given": _("As given by a column of the file"),
}
RANKINGS = {
    "usual": _("Default for the question"),
    "ks": _("KS, less penalties for overfitting and monthly volatility"),
    "lift": _("Lift at the contact share, then AUC"),
    "auc": "AUC",
    "log_loss": _("Log loss"),
}
DIRECTIONS = {-1: _("Falls"), 0: _("Free"), 1: _("Rises")}
