"""Personal data of a version: what was found, how it is protected, and its values for whoever has the right."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, can_unmask, require_edit
from accounts.requests import SignedInRequest
from catalog import hooks, queries
from catalog.models import DatasetVersion, VersionOrigin
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from jobs.once import once
from privacy import protection, unmasking
from privacy.page import WAYS, other_columns, personal_lines


@require_safe
@workspace_required
def dataset_personal(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, _version(request, pk))


@require_POST
@workspace_required
@once
def personal_protection(request: SignedInRequest, pk: int) -> HttpResponse:
    """Protect a column another way; what it held in plain text comes back only from those who may see it."""
    version = _version(request, pk)
    require_edit(
        request.user,
        version,
        _("Only %(owner)s, a modeler or an admin may change how personal data are protected.")
        % {"owner": version.owner},
    )
    column = get_object_or_404(version.columns, name=request.POST.get("column", ""))
    way = request.POST.get("way", "")
    if way == "none" and not can_unmask(request.user, version):
        raise PermissionDenied(_("To say that a column holds no personal data, you need the right to see its values."))
    try:
        job = protection.choose_protection(version, column.name, way, request.user)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    else:
        if job is None:
            messages.info(
                request,
                _(
                    "An experiment uses this version, so its table stays as it is. The choice applies from the next "
                    "version on."
                ),
            )
    return redirect("dataset_personal", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@workspace_required
def personal_values(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show values in plain text while someone has them open; ask for the reason first."""
    version = _version(request, pk)
    if not can_unmask(request.user, version):
        raise PermissionDenied(_("You may not see personal data of this workspace."))
    error = ""
    if request.method == "POST":
        try:
            unmasking.unmask(version, request.POST.get("reason", ""), request.user)
            return redirect("personal_values", pk)
        except ExperimentError as refused:
            error = told(refused.message, refused.params)
    opened = unmasking.open_for(version, request.user)
    context: dict[str, Any] = {
        "version": version,
        "opened": opened,
        "columns": unmasking.shown_columns(version),
        "error": error,
        "reason": request.POST.get("reason", ""),
    }
    if opened:
        page = Paginator(range(version.row_count), unmasking.ROWS_A_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "plain": unmasking.plain_rows(opened, page.number)}
    return render(request, "privacy/personal_values.html", context, status=422 if error else 200)


@require_POST
@workspace_required
def personal_mask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mask the values again before the time is over."""
    version = _version(request, pk)
    unmasking.mask_again(version, request.user)
    messages.success(request, _("The values are masked again."))
    return redirect("dataset_personal", pk)


def _show(request: SignedInRequest, version: DatasetVersion) -> HttpResponse:
    context = {
        "version": version,
        "lines": personal_lines(version),
        "others": other_columns(version),
        "ways": WAYS,
        "job": protection.running_job(version),
        "is_in_use": hooks.is_in_use(version),
        "opened": unmasking.open_for(version, request.user),
        "can_change": can_edit(request.user, version) and version.origin != VersionOrigin.JOIN,
        "can_unmask": can_unmask(request.user, version),
        "key_id": protection.secret_key().id,
    }
    return render(request, "privacy/personal.html", context)


def _version(request: SignedInRequest, pk: int) -> DatasetVersion:
    return get_object_or_404(queries.versions_of(request.workspace).filter(state="ready"), pk=pk)
