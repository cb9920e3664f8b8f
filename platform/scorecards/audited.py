"""The words in which the audit log tells of scorecards edited by hand, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "scorecard.opened": _("opened a scorecard for editing"),
    "scorecard.edited": _("edited a scorecard"),
    "scorecard.refitted": _("refitted an edited scorecard"),
}
FACTS = {
    "card": _("scorecard"),
    "change": _("change"),
    "why": _("reason"),
    "changes": _("changes"),
}
