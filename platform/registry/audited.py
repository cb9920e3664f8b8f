"""The words in which the audit log tells acts on models and approvals, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "model_version.submitted": _("submitted a model for approval"),
    "model_version.approved": _("approved a model"),
    "model_version.refused": _("refused a model"),
    "model_version.change_asked": _("asked for changes to a model"),
    "model_version.made_champion": _("made a model champion"),
    "model_version.retired": _("retired a model"),
    "approval.too_late": _("decided after someone else; without effect"),
    "approval.password_refused": _("entered a wrong password when deciding"),
}

FACTS = {
    "artifact": _("model file"),
    "author": _("author"),
    "checks": _("checks"),
    "comment": _("comment"),
    "decided": _("earlier decision"),
    "expires_on": _("valid until"),
    "former_champion": _("former champion"),
    "limits_of_use": _("limits of use"),
    "model_version": _("model version"),
    "participants": _("participants"),
    "seal": _("seal of all files"),
    "wanted": _("intended decision"),
}

OBJECTS = {
    "registry.approvalrequest": _("request for approval"),
    "registry.modelversion": _("model version"),
    "registry.registeredmodel": _("model"),
}
