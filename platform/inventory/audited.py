"""The words in which the audit log tells changes of the inventory, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {"inventory.changed": _("changed the inventory entry of a model")}

FACTS = {
    "legal_basis": _("legal basis"),
    "next_review": _("next review"),
    "owner": _("owner"),
    "purpose": _("purpose"),
    "risk_tier": _("risk tier"),
    "validator": _("validator"),
}
