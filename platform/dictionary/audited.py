"""The words in which the audit log tells acts on data dictionaries, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "dictionary.uploaded": _("uploaded a data dictionary"),
    "dictionary.edited": _("changed the data dictionary"),
}

FACTS = {
    "labels": _("labels"),
    "value_labels": _("meanings of codes"),
}

# Facts whose inner names are names of columns or tables.
BY_COLUMN = frozenset({"labels", "value_labels"})
