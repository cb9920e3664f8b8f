"""The words in which the audit log tells acts on models, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "model_version.alias_dropped": _("removed the alias of a model"),
    "model_version.made_challenger": _("made a model challenger"),
    "model_version.made_champion": _("made a model champion"),
    "model_version.made_shadow": _("made a model the shadow"),
    "model_version.retired": _("retired a model"),
}

FACTS = {
    "artifact": _("model file"),
    "comment": _("comment"),
    "former_champion": _("former champion"),
    "model_version": _("model version"),
    "seal": _("seal of all files"),
}

OBJECTS = {
    "registry.approvalrequest": _("request for approval"),
    "registry.modelversion": _("model version"),
    "registry.registeredmodel": _("model"),
}
