"""The words in which the audit log tells acts on personal data, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "personal_data.protected": _("changed the protection of personal data"),
    "personal_data.unmasked": _("unmasked personal data"),
    "personal_data.masked": _("masked personal data again"),
}

FACTS = {
    "protection": _("protection"),
}
