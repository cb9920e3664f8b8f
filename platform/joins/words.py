"""What the audit log says of joins: its values in the words of the pages."""

from django.utils.translation import gettext_lazy as _

RELATIONS = {"one": _("at most one row"), "many": _("many rows, aggregated")}
