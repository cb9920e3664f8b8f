"""Databases of a workspace, for modelers and admins: the list, one, trying it, and asking it for a dataset."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import role_required
from accounts.models import Role
from accounts.requests import SignedInRequest
from catalog import queries
from catalog.models import DatasetVersion
from common.addresses import address_of
from common.numbers import whole_number
from common.templatetags.formatting import told
from connections import querying, services
from connections.forms import ConnectionForm, QueryForm
from connections.models import Connection
from experiments.errors import ExperimentError
from jobs.once import once

for_those_who_connect = role_required(Role.MODELER, Role.ADMIN)


@require_safe
@for_those_who_connect
def connection_list(request: SignedInRequest) -> HttpResponse:
    found = services.connections_of(request.workspace)
    return render(request, "connections/connection_list.html", {"connections": found})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_connect
def connection_new(request: SignedInRequest) -> HttpResponse:
    form = ConnectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create(request.user, request.workspace, **form.cleaned_data)
        except ExperimentError as refused:
            form.add_error(None, told(refused.message, refused.params))
        else:
            return _tried(request, made)
    return _form_page(request, form, None)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_connect
def connection_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    connection = _connection(request, pk)
    form = ConnectionForm(request.POST or None, connection=connection)
    if request.method == "POST" and form.is_valid():
        try:
            services.change(connection, request.user, **form.cleaned_data)
        except ExperimentError as refused:
            form.add_error(None, told(refused.message, refused.params))
            connection = _connection(request, pk)
        else:
            return _tried(request, connection)
    return _form_page(request, form, connection)


@require_POST
@for_those_who_connect
def connection_test(request: SignedInRequest, pk: int) -> HttpResponse:
    return _tried(request, _connection(request, pk))


@require_POST
@for_those_who_connect
def connection_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    connection = _connection(request, pk)
    name = connection.name
    services.delete(connection, request.user)
    messages.success(request, _("The connection %(name)s is removed") % {"name": name})
    return redirect("connection_list")


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_connect
@once
def query_new(request: SignedInRequest) -> HttpResponse:
    """Ask a database: the answer becomes a new dataset, or the next version of the one that is named."""
    found = services.connections_of(request.workspace)
    if not found.exists():
        return redirect("connection_list")
    version = _version_named(request)
    form = QueryForm(
        request.POST or None,
        connections=found,
        has_dataset=version is not None,
        initial=_initial(request, version),
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = querying.ask(
                request.user,
                asked["connection"],
                asked["sql"],
                name=asked.get("name", ""),
                dataset=version.dataset if version else None,
            )
        except ExperimentError as refused:
            form.add_error(
                "name" if refused.message in querying.ABOUT_NAME else "sql", told(refused.message, refused.params)
            )
        else:
            return redirect(address_of("version", made.pk))
    status = 422 if form.errors else 200
    return render(request, "connections/query_new.html", {"form": form, "version": version}, status=status)


def _version_named(request: SignedInRequest) -> DatasetVersion | None:
    named = request.POST.get("version") or request.GET.get("version")
    if not named:
        return None
    return get_object_or_404(queries.versions_of(request.workspace), pk=whole_number(named))


def _initial(request: SignedInRequest, version: DatasetVersion | None) -> dict[str, Any]:
    asked = version.lineage.get("query", {}) if version else {}
    return {"connection": asked.get("connection") or request.GET.get("connection"), "sql": asked.get("sql", "")}


def _form_page(request: SignedInRequest, form: ConnectionForm, connection: Connection | None) -> HttpResponse:
    shown: dict[str, Any] = {"form": form, "connection": connection}
    if connection is not None:
        shown["used"] = services.versions_from(connection).count()
    return render(request, "connections/connection_form.html", shown, status=422 if form.errors else 200)


def _tried(request: SignedInRequest, connection: Connection) -> HttpResponse:
    """Try a connection and say on its page how it went."""
    failed = services.try_out(connection, request.user)
    if failed is None:
        messages.success(request, _("The connection %(name)s works") % {"name": connection.name})
        return redirect("connection_list")
    messages.error(request, told(failed.message, failed.params))
    return redirect("connection_detail", connection.pk)


def _connection(request: SignedInRequest, pk: int) -> Connection:
    """Return a connection of the current workspace; a stranger's does not exist."""
    return get_object_or_404(services.connections_of(request.workspace), pk=pk)
