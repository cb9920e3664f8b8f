"""Databases of a workspace: connected, tried, changed and taken away; their passwords are sealed and never shown."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import Role, User, Workspace
from accounts.permissions import role_in
from audit import services as audit
from catalog.models import DatasetVersion
from connections import sealing
from connections.models import Connection
from experiments.databases import HostRules, Login, QueryLimits, try_login
from experiments.errors import ExperimentError, gettext_noop

FIELDS = ("name", "kind", "host", "port", "database", "user_name")
NAME_TAKEN = gettext_noop("This workspace already has a connection called %(name)s. Choose another name.")
NEW_PLACE = gettext_noop("Enter the password again: the saved one belongs to the old address and user.")


NAME_ONLY = gettext_noop("Enter the name of the database only.")


class ConnectionRefused(ExperimentError):
    """A connection that cannot be kept as it was described."""


def may_connect(user: User, workspace: Workspace) -> bool:
    """Modelers and admins connect databases and ask them; analysts use what came of it."""
    return role_in(user, workspace) in (Role.MODELER, Role.ADMIN)


def connections_of(workspace: Workspace) -> QuerySet[Connection]:
    return Connection.objects.filter(workspace=workspace).select_related("owner")


def refuse_name(database: str) -> None:
    """A whole connection string in place of a name could name another machine."""
    if "=" in database or "://" in database or "\0" in database:
        raise ConnectionRefused(NAME_ONLY).about("database")


def versions_from(connection: Connection) -> QuerySet[DatasetVersion]:
    """Return the versions that were asked of a connection."""
    asked = DatasetVersion.objects.filter(dataset__workspace=connection.workspace, origin="query")
    return asked.filter(lineage__query__connection=connection.pk)


def create(user: User, workspace: Workspace, *, password: str, **described: Any) -> Connection:
    """Keep a connection.

    Raises ConnectionRefused where the name is taken, BadInput where the machine may not be asked.
    """
    connection = Connection(workspace=workspace, owner=user, **{name: described[name] for name in FIELDS})
    _refuse_host(connection)
    connection.encrypted_password = sealing.seal(password)
    _save(connection)
    _record(user, "connection.created", connection, _described(connection))
    return connection


def change(connection: Connection, user: User, *, password: str, **described: Any) -> None:
    """Change a connection; without a new password the old one stays, unless it would be sent somewhere else."""
    before = _described(connection)
    for name in FIELDS:
        setattr(connection, name, described[name])
    is_elsewhere = any(before[name] != getattr(connection, name) for name in ("kind", "host", "port", "user_name"))
    if is_elsewhere and not password and connection.encrypted_password:
        # Else whoever may change the address could have the password sent to a machine of theirs.
        raise ConnectionRefused(NEW_PLACE).about("password")
    _refuse_host(connection)
    if password:
        connection.encrypted_password = sealing.seal(password)
    _save(connection)
    changed = {name: value for name, value in _described(connection).items() if value != before[name]}
    _record(user, "connection.changed", connection, {**changed, "password": bool(password)})


def try_out(connection: Connection, user: User) -> ExperimentError | None:
    """Connect and ask for nothing; return the sentence that says why it fails, if it does."""
    failed: ExperimentError | None = None
    try:
        try_login(login_of(connection), host_rules())
    except ExperimentError as error:
        failed = error
    _record(user, "connection.tested", connection, {"works": failed is None})
    return failed


@transaction.atomic
def delete(connection: Connection, user: User) -> None:
    """Forget a connection with its password; the versions made from it stay."""
    _record(user, "connection.deleted", connection, _described(connection))
    connection.delete()


def seal_again() -> int:
    """Seal every password with the first key; return how many there are."""
    connections = list(Connection.objects.exclude(encrypted_password=""))
    for connection in connections:
        connection.encrypted_password = sealing.sealed_again(connection.encrypted_password)
        connection.save(update_fields=["encrypted_password"])
    return len(connections)


def login_of(connection: Connection) -> Login:
    """Return what the engine needs to connect; the only place where the password is opened."""
    return Login(
        kind=connection.kind,  # type: ignore[arg-type]
        host=connection.host,
        port=connection.port,
        database=connection.database,
        user=connection.user_name,
        password=sealing.opened(connection.encrypted_password),
    )


def host_rules() -> HostRules:
    return HostRules(tuple(settings.QUERY_HOSTS))


def query_limits() -> QueryLimits:
    return QueryLimits(settings.QUERY_SECONDS, settings.QUERY_MAX_ROWS, settings.TIME_ZONE)


def _refuse_host(connection: Connection) -> None:
    """Say at once that a machine may not be asked; one that is not known now may be later."""
    host_rules().address_of(connection.host, connection.port or 1)


def _save(connection: Connection) -> None:
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError:
        raise ConnectionRefused(NAME_TAKEN, name=connection.name).about("name") from None


def _described(connection: Connection) -> dict[str, Any]:
    return {name: getattr(connection, name) for name in FIELDS}


def _record(user: User, action: str, connection: Connection, details: dict[str, Any]) -> None:
    audit.record(user, action, workspace=connection.workspace, obj=connection, details=details)
