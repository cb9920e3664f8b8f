"""The words in which the audit log tells acts on databases and queries, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "dataset.queried": _("made a version by a query"),
    "connection.created": _("connected a database"),
    "connection.changed": _("changed a database connection"),
    "connection.tested": _("tested a database connection"),
    "connection.deleted": _("removed a database connection"),
}

FACTS = {
    "connection": _("database"),
    "database": _("database"),
    "host": _("host"),
    "port": _("port"),
    "sql_sha256": _("hash of the query"),
    "user_name": _("user"),
    "works": _("connection works"),
}

OBJECTS = {
    "connections.connection": _("database"),
}
