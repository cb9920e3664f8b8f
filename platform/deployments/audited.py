"""The words in which the audit log tells acts on deployments, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "deployment.created": _("created a deployment"),
    "deployment.switched": _("switched a deployment"),
    "deployment.rolled_back": _("rolled back a deployment"),
    "deployment.switched_off": _("switched off a deployment"),
}

FACTS = {
    "environment": _("environment"),
    "configuration": _("configuration"),
    "configuration_before": _("configuration before"),
    "champion": _("champion"),
    "challengers": _("challengers"),
    "why": _("reason"),
}

OBJECTS = {"deployments.deployment": _("deployment")}
