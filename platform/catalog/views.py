"""Datasets: the list, the upload, a version with its profile."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.permissions import can_edit
from accounts.requests import SignedInRequest, page_asked_for
from catalog import queries, services, uploads
from catalog.errors import UploadRefused
from catalog.forms import FILE_TYPES, ReadingForm, UploadForm
from catalog.models import DatasetVersion
from catalog.profile_lines import columns_called, profile_lines
from catalog.reading_page import reading_context
from catalog.upload_handler import StreamingUploadHandler
from catalog.version_page import version_context
from experiments.writing.formula_guard import csv_lines
from jobs.once import once

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
    return render(request, "catalog/dataset_list.html", {"page": page, "text": text})


@csrf_exempt
@require_http_methods(["GET", "POST"])
@workspace_required
def dataset_new(request: HttpRequest) -> HttpResponseBase:
    """Take a file. The handler must be in place before anything reads the form, so the CSRF check comes after it."""
    request.upload_handlers = [StreamingUploadHandler(request)]
    return _dataset_new(request)


@csrf_protect
@once
def _dataset_new(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "catalog/dataset_new.html", {**upload_context(UploadForm()), **_waiting(request)})
    form = UploadForm(request.POST, request.FILES, refusal=upload_refusal(request), received=received(request))
    if form.is_valid():
        try:
            version = services.receive_files(
                request.user,
                request.workspace,
                form.cleaned_data["files"],
                form.cleaned_data["name"],
                reading=ReadingForm(request.POST).reading(),
            )
        except UploadRefused as refused:
            form.refuse(refused)
        else:
            return answer_upload(request, reverse("dataset_detail", args=[version.pk]))
    return refuse_upload(request, form, "catalog/dataset_new.html", **_waiting(request))


def _waiting(request: SignedInRequest) -> dict[str, Any]:
    return {"unfinished": uploads.unfinished(request.user, request.workspace)}


def received(request: SignedInRequest) -> list[uploads.ReceivedFile]:
    """Return the files that came piece by piece before this form."""
    return uploads.received(request.user, request.workspace, request.POST.get("uploads", ""))


def upload_refusal(request: HttpRequest) -> UploadRefused | None:
    """Return why the upload handler stopped; the form must have been read before."""
    return getattr(request, "upload_refusal", None)


def upload_context(form: UploadForm) -> dict[str, Any]:
    return {
        "form": form,
        "file_types": FILE_TYPES,
        "limit": settings.UPLOAD_MAX_BYTES,
        "unpacked_limit": settings.UPLOAD_MAX_UNPACKED_BYTES,
        "reading_form": ReadingForm(),
    }


def answer_upload(request: HttpRequest, address: str) -> HttpResponse:
    """Go on: by a redirect, or by an address for the script that showed the progress."""
    return JsonResponse({"url": address}) if wants_json(request) else redirect(address)


def refuse_upload(request: HttpRequest, form: UploadForm, template: str, **more: Any) -> HttpResponse:
    """Say what is wrong beside the field; what was typed stays."""
    if wants_json(request):
        return JsonResponse(
            {"errors": {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}}, status=form.status
        )
    return render(request, template, {**upload_context(form), **more}, status=form.status)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


@require_safe
@workspace_required
def dataset_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _version(request, pk)
    text = request.GET.get("q", "").strip().lower()
    found = columns_called(version, text) if version.is_ready else []
    page = Paginator(found, COLUMNS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "catalog/dataset_detail.html",
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
    if not can_edit(request.user, version):
        raise PermissionDenied(
            _("Only %(owner)s, a modeler or an admin may read this file again.") % {"owner": version.owner}
        )
    if "encoding" not in request.POST:
        services.retry_ingest(version, request.user)
        return redirect(page_asked_for(request, reverse("dataset_detail", args=[pk])))
    again = services.read_again(version, request.user, ReadingForm(request.POST).reading())
    return redirect(page_asked_for(request, reverse("dataset_detail", args=[again.pk])))


def _version(request: SignedInRequest, pk: int) -> DatasetVersion:
    """Return a version of the current workspace; a stranger's does not exist."""
    return get_object_or_404(queries.versions_of(request.workspace), pk=pk)
