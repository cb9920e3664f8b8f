"""The words in which the audit log tells submissions and decisions, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "model_version.submitted": _("submitted a model for approval"),
    "model_version.approved": _("approved a model"),
    "model_version.refused": _("refused a model"),
    "model_version.change_asked": _("asked for changes to a model"),
    "approval.too_late": _("decided after someone else; without effect"),
    "approval.password_refused": _("entered a wrong password when deciding"),
}

FACTS = {
    "author": _("author"),
    "checks": _("checks"),
    "decided": _("earlier decision"),
    "expires_on": _("valid until"),
    "limits_of_use": _("limits of use"),
    "participants": _("participants"),
    "wanted": _("intended decision"),
}
