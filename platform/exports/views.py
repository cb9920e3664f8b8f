"""The card of a version's exports: why a form cannot be, asking for one, its progress, its file."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, require_edit
from accounts.requests import SignedInRequest
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from exports import queries, services
from exports.forms import ExportRequest
from exports.models import Export
from jobs.once import once
from registry.queries.models import versions_in


@require_GET
@workspace_required
def version_exports(request: SignedInRequest, pk: int) -> HttpResponse:
    """The card; which forms can be, the model server is asked."""
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    exports = [_for_reader(one, request) for one in queries.exports_of([request.workspace]).filter(version=version)]
    shown = {"version": version, "exports": exports, "formats": [], "away": ""}
    try:
        shown["formats"] = queries.formats_of(version, exports)
    except ExperimentError as refused:
        shown["away"] = told(refused.message, refused.params)
    return render(request, "exports/_card.html", shown)


@require_POST
@workspace_required
@once
def export_ask(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    form = ExportRequest(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        services.ask(request.user, version, **form.cleaned_data)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return _back(version.pk)


@require_GET
@workspace_required
def export_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """One line of the card, asked for again while the export is being made."""
    return render(request, "exports/_line.html", {"export": _for_reader(_found(request, pk), request)})


@require_GET
@workspace_required
def export_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    export = _found(request, pk)
    try:
        return services.file_of(export, request.user)
    except FileNotFoundError as gone:
        raise Http404 from gone
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
        return _back(export.version_id)


@require_POST
@workspace_required
def export_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    export = _found(request, pk)
    require_edit(request.user, export, _("Only the person who requested it, a modeler or an admin can cancel it."))
    services.cancel(export, request.user)
    messages.success(request, _("Stop requested."))
    return _back(export.version_id)


@require_POST
@workspace_required
def export_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    export = _found(request, pk)
    require_edit(request.user, export, _("Only the person who requested it, a modeler or an admin can delete it."))
    number = export.version_id
    services.delete(export, request.user)
    messages.success(request, _("The export is deleted."))
    return _back(number)


def _back(version: int) -> HttpResponse:
    return redirect(f"{reverse('model_version_detail', args=[version])}#exports")


def _for_reader(export: Export, request: SignedInRequest) -> Export:
    """Return an export that knows whether who looks at it may cancel and delete it."""
    export.may_change = can_edit(request.user, export)  # type: ignore[attr-defined]
    return export


def _found(request: HttpRequest, pk: int) -> Export:
    return get_object_or_404(queries.exports_of([request.workspace]), pk=pk)  # type: ignore[attr-defined]
