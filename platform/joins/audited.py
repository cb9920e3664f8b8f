"""The words in which the audit log tells acts on joins, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "join.drawn": _("created a join"),
    "join.changed": _("changed a join"),
    "join.sources_changed": _("changed the sources of a join"),
    "join.started": _("ran a join"),
    "join.repeated": _("repeated a join to compare"),
    "join.finished": _("a join made a table"),
}

FACTS = {
    "aggregates": _("aggregated by"),
    "base": _("base table"),
    "by": _("by"),
    "categories": _("aggregated categories"),
    "frequent": _("values given their own column"),
    "keys": _("join keys"),
    "lag_days": _("days until known"),
    "levels": _("frequent values"),
    "no_values": _("codes treated as missing"),
    "numbers": _("aggregated numbers"),
    "observed_at": _("observation date"),
    "only": _("only rows with"),
    "operator": _("comparison"),
    "parent": _("joined to"),
    "relation": _("relation of rows"),
    "source": _("source"),
    "spec": _("definition"),
    "tables": _("tables"),
    "time_format": _("time format"),
    "windows": _("look-back days"),
}

OBJECTS = {
    "joins.joinplan": _("join"),
}

# Facts whose inner names are names of columns or tables.
BY_COLUMN = frozenset({"only", "tables"})
