"""Databases and SQL over HTTP, for modelers and admins; passwords go in and never come out."""

from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.api import workspace_named
from accounts.models import Workspace
from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.answers import DatasetVersionOut, versions_for
from catalog.models import VersionOrigin
from common.answers import Body, Key, Refusal, refusals, together
from common.missing import named_row
from common.paging import PAGED, PageIn, page_of
from common.templatetags.formatting import told
from connections import querying, services
from connections.models import Connection

router = Router(tags=["data"])
NOT_YOURS = _("Only modelers and admins of the workspace may connect and query databases.")
NOT_ASKED = _("This version does not come from a database query, so there is no query to run again.")
FORBIDDEN = Refusal(403, "role", NOT_YOURS)
MAY_NOT = refusals(FORBIDDEN)
TAKEN = refusals(FORBIDDEN, Refusal(409, "name", services.NAME_TAKEN, {"name": "Core"}, ("body", "name")))
LONGEST_QUERY = 20_000


class ConnectionIn(Body):
    name: str = Field(min_length=1, max_length=120)
    kind: Literal["postgresql", "mysql"]
    host: str = Field(min_length=1, max_length=200)
    port: int | None = Field(None, ge=1, le=65_535, description="if left out, 5432 or 3306")
    database: str = Field(min_length=1, max_length=120)
    user_name: str = Field(min_length=1, max_length=120)
    password: str = Field("", max_length=500, description="stored encrypted, never returned")


class ConnectionChangeIn(Body):
    name: str | None = Field(None, min_length=1, max_length=120)
    kind: Literal["postgresql", "mysql"] | None = None
    host: str | None = Field(None, min_length=1, max_length=200)
    port: int | None = Field(None, ge=1, le=65_535)
    database: str | None = Field(None, min_length=1, max_length=120)
    user_name: str | None = Field(None, min_length=1, max_length=120)
    password: str = Field("", max_length=500, description="if empty, the saved password stays")


class ConnectionOut(Schema):
    id: int
    name: str
    kind: str
    host: str
    port: int | None
    database: str
    user_name: str
    has_password: bool
    owner: str
    versions_made: int

    @staticmethod
    def of(connection: Connection) -> dict[str, Any]:
        return {name: getattr(connection, name) for name in services.FIELDS} | {
            "id": connection.pk,
            "has_password": bool(connection.encrypted_password),
            "owner": connection.owner.username,
            "versions_made": services.versions_from(connection).count(),
        }


class TriedOut(Schema):
    works: bool
    sentence: str


class QueryIn(Body):
    connection_id: Key
    sql: str = Field(min_length=1, max_length=LONGEST_QUERY, description="one SELECT")
    name: str = Field("", max_length=100, description="of the new dataset")
    dataset_version_id: Key | None = Field(None, description="instead of a name: make this dataset's next version")


class ConnectionsIn(PageIn):
    kind: Literal["postgresql", "mysql"] | None = None
    name: str | None = Field(None, max_length=120, description="part of the connection's name")


@router.get(
    "/connections",
    response=list[ConnectionOut],
    summary=_("Connected databases"),
    openapi_extra=together(PAGED, MAY_NOT),
)
def list_connections(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: ConnectionsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    seen = services.connections_of(place_of(request, workspace)).filter(**asked.filters(name="name__icontains"))
    page = page_of(seen, asked, request=request, response=response, order=("name", "pk"))
    return [ConnectionOut.of(each) for each in page]


@router.post("/connections", response={201: ConnectionOut}, summary=_("Connect a database"), openapi_extra=TAKEN)
def create(request: SignedInRequest, wish: ConnectionIn, workspace: str | None = None) -> Status:
    services.refuse_name(wish.database)
    made = services.create(request.user, place_of(request, workspace), **wish.dict())
    return Status(201, ConnectionOut.of(made))


@router.get(
    "/connections/{connection_id}",
    response=ConnectionOut,
    summary=_("One connected database"),
    openapi_extra=MAY_NOT,
)
def get_connection(request: SignedInRequest, connection_id: int) -> dict[str, Any]:
    return ConnectionOut.of(connection_for(request, connection_id))


@router.patch(
    "/connections/{connection_id}",
    response=ConnectionOut,
    summary=_("Change a database connection"),
    openapi_extra=TAKEN,
)
def change(request: SignedInRequest, connection_id: int, wish: ConnectionChangeIn) -> dict[str, Any]:
    connection = connection_for(request, connection_id)
    sent = {name: value for name, value in wish.dict(exclude_unset=True).items() if value is not None or name == "port"}
    described = {name: getattr(connection, name) for name in services.FIELDS} | {"password": ""} | sent
    services.refuse_name(described["database"])
    services.change(connection, request.user, **described)
    return ConnectionOut.of(connection_for(request, connection_id))


@router.delete(
    "/connections/{connection_id}",
    response={204: None},
    summary=_("Delete a database connection and its password"),
    openapi_extra=MAY_NOT,
)
def delete(request: SignedInRequest, connection_id: int) -> Status:
    services.delete(connection_for(request, connection_id), request.user)
    return Status(204, None)


@router.post(
    "/connections/{connection_id}/test",
    response=TriedOut,
    summary=_("Test a database connection"),
    openapi_extra=MAY_NOT,
)
def try_out(request: SignedInRequest, connection_id: int) -> dict[str, Any]:
    failed = services.try_out(connection_for(request, connection_id), request.user)
    return {"works": failed is None, "sentence": told(failed.message, failed.params) if failed else ""}


@router.post(
    "/queries",
    response={202: DatasetVersionOut},
    summary=_("Query a database with SQL: the result becomes a version"),
    openapi_extra=refusals(FORBIDDEN, Refusal(409, "name", querying.NAME_TAKEN, {"name": "Loans"}, ("body", "name"))),
)
def ask(request: SignedInRequest, wish: QueryIn) -> Status:
    connection = named_row(connections_seen(request), field="connection_id", pk=wish.connection_id)
    refuse_unless_connecting(request, connection.workspace)
    dataset = None
    if wish.dataset_version_id is not None:
        ours = versions_for(request).filter(dataset__workspace=connection.workspace)
        dataset = named_row(ours, field="dataset_version_id", pk=wish.dataset_version_id).dataset
    made = querying.ask(request.user, connection, wish.sql, name=wish.name, dataset=dataset)
    return Status(202, DatasetVersionOut.of(versions_for(request).get(pk=made.pk)))


@router.post(
    "/datasets/{version_id}/refresh",
    response={202: DatasetVersionOut},
    summary=_("Run the query of a version again: the result becomes the next version"),
    openapi_extra=refusals(Refusal(409, "not_asked", NOT_ASKED), Refusal(409, "connection", querying.CONNECTION_GONE)),
)
def refresh(request: SignedInRequest, version_id: int) -> Status:
    seen = versions_for(request).defer(None)
    version = get_object_or_404(seen.select_related("dataset__workspace"), pk=version_id)
    require_edit(request.user, version.dataset)
    if version.origin != VersionOrigin.QUERY:
        raise querying.QueryRefused(NOT_ASKED)
    made = querying.refresh(version, request.user)
    return Status(202, DatasetVersionOut.of(versions_for(request).get(pk=made.pk)))


def place_of(request: SignedInRequest, workspace: str | None) -> Workspace:
    place = workspace_named(request.user, workspace)
    refuse_unless_connecting(request, place)
    return place


def connections_seen(request: SignedInRequest) -> QuerySet[Connection]:
    return Connection.objects.filter(workspace__in=workspaces_of(request.user)).select_related("owner", "workspace")


def connection_for(request: SignedInRequest, connection_id: int) -> Connection:
    """Return a connection of the person's workspaces; a stranger finds nothing, an analyst is refused."""
    connection = get_object_or_404(connections_seen(request), pk=connection_id)
    refuse_unless_connecting(request, connection.workspace)
    return connection


def refuse_unless_connecting(request: SignedInRequest, place: Workspace) -> None:
    if not services.may_connect(request.user, place):
        raise PermissionDenied(gettext(NOT_YOURS))
