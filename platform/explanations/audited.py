"""The words in which the audit log tells of looks at customers, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "customer.looked_at": _("viewed a customer"),
    "customer.searched": _("searched for a customer, none found"),
}

FACTS = {
    "customer": _("customer (masked)"),
    "place": _("found in"),
}
