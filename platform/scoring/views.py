"""Pages of scoring: the list, a new one, its progress, its result and its files."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import workspace_required
from accounts.permissions import can_edit
from accounts.requests import SignedInRequest
from catalog import uploads
from catalog.forms import ReadingForm
from catalog.upload_handler import StreamingUploadHandler
from catalog.views import answer_upload, received, refuse_upload, upload_context, upload_refusal
from experiments.errors import ExperimentError
from jobs.once import once
from registry.models import RegisteredModel
from registry.queries import champions_in
from scoring import queries, services
from scoring.exports import scores_file
from scoring.forms import ScoringForm
from scoring.words import shown_bands, shown_cover, shown_distribution, shown_psi
from training.words import KINDS

ROWS_A_PAGE = 50


@require_GET
@workspace_required
def scoring_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.scoring_in(request.workspace), ROWS_A_PAGE).get_page(request.GET.get("page"))
    has_champion = champions_in(request.workspace).exists()
    return render(request, "scoring/scoring_list.html", {"page": page, "has_champion": has_champion})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def scoring_new(request: SignedInRequest) -> HttpResponseBase:
    """Take a file. The handler must be in place before anything reads the form, so the CSRF check comes after it."""
    request.upload_handlers = [StreamingUploadHandler(request)]
    return choose_and_upload(request)


@csrf_protect
@workspace_required
@once
def choose_and_upload(request: SignedInRequest) -> HttpResponse:
    champions = champions_in(request.workspace)
    if request.method != "POST":
        form = ScoringForm(champions=champions, initial={"version": request.GET.get("version")})
        context = upload_context(form) | {"champions": champions, "reading_form": ReadingForm.of_one_file()}
        return render(request, "scoring/scoring_new.html", context)
    reading_form = ReadingForm.of_one_file(request.POST)
    form = ScoringForm(
        request.POST,
        request.FILES,
        champions=champions,
        refusal=upload_refusal(request),
        received=received(request),
    )
    if form.is_valid():
        try:
            scoring_job = services.start_scoring(
                request.user,
                form.cleaned_data["version"],
                form.cleaned_data["file"],
                reading=reading_form.reading(),
            )
        except ExperimentError as refused:
            form.refuse(refused)
        else:
            uploads.settle(form.cleaned_data["files"])
            return answer_upload(request, reverse("scoring_detail", args=[scoring_job.pk]))
    return refuse_upload(request, form, "scoring/scoring_new.html", champions=champions, reading_form=reading_form)


@require_GET
@workspace_required
def scoring_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk)
    context: dict[str, Any] = {
        "scoring_job": scoring_job,
        "version": scoring_job.model_version,
        "model": scoring_job.model_version.registered_model,
        "may_cancel": can_edit(request.user, scoring_job),
    }
    if scoring_job.is_finished:
        context |= result_context(scoring_job.summary, scoring_job.model_version.registered_model)
    return render(request, "scoring/scoring_detail.html", context)


def result_context(summary: dict[str, Any], model: RegisteredModel) -> dict[str, Any]:
    """Return what the page shows of a finished scoring."""
    return {
        "summary": summary,
        "rate_name": KINDS[model.kind].rate,
        "bands": shown_bands(summary, model.kind),
        "psi": shown_psi(summary),
        "cover": shown_cover(summary),
        "distribution": shown_distribution(summary, model.kind),
    }


@require_GET
@workspace_required
def scoring_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The live part of the page; when the work has ended, the whole page is fetched anew."""
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk)
    if scoring_job.state not in ("queued", "running"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "scoring/_progress.html", {"scoring_job": scoring_job})


@require_POST
@workspace_required
def scoring_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk)
    if not can_edit(request.user, scoring_job):
        raise PermissionDenied(_("Only who started it, a modeler or an admin can cancel it."))
    services.cancel_scoring(scoring_job, request.user)
    messages.success(request, _("Asked to stop."))
    return redirect("scoring_detail", pk=scoring_job.pk)


@require_GET
@workspace_required
def download_csv(request: SignedInRequest, pk: int) -> FileResponse:
    return scores_file(get_object_or_404(queries.scoring_in(request.workspace), pk=pk), "csv", request.user)


@require_GET
@workspace_required
def download_parquet(request: SignedInRequest, pk: int) -> FileResponse:
    return scores_file(get_object_or_404(queries.scoring_in(request.workspace), pk=pk), "parquet", request.user)
