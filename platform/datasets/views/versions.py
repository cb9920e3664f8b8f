"""A dataset's next version, how a version differs from the one before, and where it comes from."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.permissions import require_edit
from accounts.requests import SignedInRequest
from catalog import queries
from catalog.errors import UploadRefused
from catalog.models import DatasetVersion
from common.templatetags.formatting import told
from connections import querying
from datasets import table_file, verifying
from datasets.version_page import VERDICTS, found_columns
from experiments.errors import ExperimentError
from jobs.once import once
from uploads import versions
from uploads.forms import ReadingForm, UploadForm
from uploads.handler import StreamingUploadHandler
from uploads.page import answer_upload, received, refuse_upload, upload_context, upload_refusal

COLUMNS_A_PAGE = 100
TEMPLATE = "datasets/version_new.html"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
def version_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a file for the next version. The handler must be in place before anything reads the form."""
    request.upload_handlers = [StreamingUploadHandler(request)]
    return _version_new(request, pk)


@csrf_protect
@once
def _version_new(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _changeable(request, pk)
    mode = request.POST.get("mode") or request.GET.get("mode", "")
    mode = versions.APPEND if mode == versions.APPEND else versions.REPLACE
    shown = {"version": version, "base": versions.newest(version.dataset), "mode": mode}
    if request.method != "POST":
        return render(request, TEMPLATE, {**upload_context(UploadForm()), **shown})
    form = UploadForm(request.POST, request.FILES, refusal=upload_refusal(request), received=received(request))
    if form.is_valid():
        try:
            made = versions.add_version(
                version.dataset,
                form.cleaned_data["files"],
                mode,
                request.user,
                reading=ReadingForm(request.POST).reading(),
            )
        except (UploadRefused, versions.VersionRefused) as refused:
            form.refuse(refused)
        else:
            return answer_upload(request, reverse("dataset_detail", args=[made.pk]))
    return refuse_upload(request, form, TEMPLATE, **shown)


@require_safe
@workspace_required
def version_comparison(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every column with what changed, gravest first."""
    version = _version(request, pk)
    text, verdict = request.GET.get("q", "").strip(), request.GET.get("verdict", "")
    columns = found_columns(version, text=text, verdict=verdict)
    found = version.comparison
    return render(
        request,
        "datasets/version_comparison.html",
        {
            "version": version,
            "comparison": found,
            "chips": [(name, found.get("counts", {}).get(name, 0)) for name in VERDICTS],
            "text": text,
            "verdict": verdict if verdict in VERDICTS else "",
            "page": Paginator(columns, COLUMNS_A_PAGE).get_page(request.GET.get("page")),
            "query": urlencode({"q": text, "verdict": verdict}) + "&",
        },
    )


@require_POST
@workspace_required
def version_compare(request: SignedInRequest, pk: int) -> HttpResponse:
    versions.compare_again(_changeable(request, pk), request.user)
    return redirect("dataset_detail", pk)


@require_POST
@workspace_required
@once
def version_verify(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make the table again from what was kept and compare."""
    return _act(request, pk, verifying.verify)


@require_POST
@workspace_required
@once
def version_refresh(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask the same query again; the answer is the next version."""
    version = _changeable(request, pk)
    if "query" not in version.lineage:
        return HttpResponse(status=404)
    try:
        made = querying.refresh(version, request.user)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
        return redirect("dataset_detail", pk)
    return redirect("dataset_detail", made.pk)


@require_safe
@workspace_required
def version_lineage_json(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _version(request, pk)
    answer = JsonResponse(version.lineage, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="lineage-{version.pk}.json"'
    return answer


@require_safe
@workspace_required
def version_table(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Answer with the whole table as CSV, part by part."""
    version = _changeable(request, pk)
    if not version.is_ready:
        raise Http404
    answer = StreamingHttpResponse(table_file.download(version, request.user), content_type=table_file.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="table-{version.pk}.csv"'
    return answer


def _act(request: SignedInRequest, pk: int, act: Any) -> HttpResponse:
    version = _changeable(request, pk)
    try:
        act(version, request.user)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return redirect(f"{reverse('dataset_detail', args=[pk])}#lineage")


def _changeable(request: SignedInRequest, pk: int) -> DatasetVersion:
    version = _version(request, pk)
    # Whoever may change the dataset may give it a version; its owner need not be that of the version.
    require_edit(
        request.user,
        version.dataset,
        _("Only %(owner)s, a modeler or an admin may change this dataset.") % {"owner": version.dataset.owner},
    )
    return version


def _version(request: SignedInRequest, pk: int) -> DatasetVersion:
    """Return a version of the current workspace; a stranger's does not exist."""
    return get_object_or_404(queries.versions_of(request.workspace), pk=pk)
