"""Datasets: the list, the upload, a version with its profile."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, require_edit
from accounts.requests import SignedInRequest, page_asked_for
from catalog import queries
from catalog.models import DatasetVersion
from datasets.profile_lines import columns_called, profile_lines
from datasets.version_page import version_context
from experiments.writing.formula_guard import csv_lines
from jobs.once import once
from uploads import services
from uploads.forms import ReadingForm
from uploads.reading_page import reading_context

PAGE_SIZE = 50
COLUMNS_A_PAGE = 200


@require_safe
@workspace_required
def dataset_list(request: SignedInRequest) -> HttpResponse:
    datasets = queries.datasets_of(request.workspace)
    text = request.GET.get("q", "").strip()
    if text:
        datasets = datasets.filter(name__icontains=text)
    page = Paginator(datasets, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "datasets/dataset_list.html", {"page": page, "text": text})


@require_safe
@workspace_required
def dataset_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _version(request, pk)
    text = request.GET.get("q", "").strip().lower()
    found = columns_called(version, text) if version.is_ready else []
    page = Paginator(found, COLUMNS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "datasets/dataset_detail.html",
        {
            "version": version,
            "page": page,
            "lines": profile_lines(version, list(page)),
            "text": text,
            "others": queries.versions_of(request.workspace)
            .filter(dataset=version.dataset)
            .defer("comparison", "lineage", "notes"),
            "can_change": can_edit(request.user, version),
            **reading_context(version),
            **version_context(version, request.user),
        },
    )


@require_safe
@workspace_required
def dataset_columns_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    """The profile as a table for other programs; personal data are masked here too."""
    version = _version(request, pk)
    rows: list[list[Any]] = [["column", "label", "type", "proposed_role", "missing", "distinct", "top_values"]]
    for line in profile_lines(version):
        column = line.column
        counts = (column.missing_count, column.distinct_count)
        rows.append([column.name, column.label, column.type, column.proposed_role, *counts, "; ".join(line.top_values)])
    answer = HttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="columns-{version.pk}.csv"'
    return answer


@require_POST
@workspace_required
@once
def dataset_read_again(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _version(request, pk)
    require_edit(
        request.user,
        version,
        _("Only %(owner)s, a modeler or an admin may read this file again.") % {"owner": version.owner},
    )
    if "encoding" not in request.POST:
        services.retry_ingest(version, request.user)
        return redirect(page_asked_for(request, reverse("dataset_detail", args=[pk])))
    again = services.read_again(version, request.user, ReadingForm(request.POST).reading())
    return redirect(page_asked_for(request, reverse("dataset_detail", args=[again.pk])))


def _version(request: SignedInRequest, pk: int) -> DatasetVersion:
    """Return a version of the current workspace; a stranger's does not exist."""
    return get_object_or_404(queries.versions_of(request.workspace), pk=pk)
