"""The first step of building a model: the question with its file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest
from catalog import queries as catalog_queries
from catalog.errors import UploadRefused
from catalog.models import DatasetVersion
from jobs.once import once
from planning.forms.question import ExperimentForm
from planning.services.drafting import draft_experiment
from training.models import Experiment
from training.words import KINDS
from uploads import services as uploads
from uploads.handler import StreamingUploadHandler
from uploads.page import answer_upload, received, refuse_upload, upload_context, upload_refusal

OFFERED_VERSIONS = 50


@csrf_exempt
@require_http_methods(["GET", "POST"])
@workspace_required
def experiment_new(request: HttpRequest) -> HttpResponseBase:
    """Step 1. The upload handler must be in place before anything reads the form; the CSRF check comes after it."""
    request.upload_handlers = [StreamingUploadHandler(request)]
    return _experiment_new(request)


@csrf_protect
@once
def _experiment_new(request: SignedInRequest) -> HttpResponse:
    versions = list(catalog_queries.ready_versions_of(request.workspace)[:OFFERED_VERSIONS])
    if request.method != "POST":
        form = ExperimentForm(versions=versions, initial=_asked_for(request, versions))
        return render(request, "planning/new.html", {**upload_context(form), "versions": versions})
    form = ExperimentForm(request.POST, request.FILES, versions=versions, refusal=upload_refusal(request),
                          received=received(request))  # fmt: skip
    if form.is_valid():
        try:
            experiment = _draft(request, form)
        except UploadRefused as refused:
            form.refuse(refused)
        else:
            return answer_upload(request, reverse("experiment_data", args=[experiment.pk]))
    return refuse_upload(request, form, "planning/new.html", versions=versions)


def _asked_for(request: SignedInRequest, versions: list[DatasetVersion]) -> dict[str, Any]:
    """A link may name the dataset and the kind of question."""
    asked = request.GET.get("version", "")
    version = next((version for version in versions if str(version.pk) == asked), None)
    kind = request.GET.get("kind", "")
    return {"version": version.pk if version else "", "kind": kind if kind in KINDS else ""}


def _draft(request: SignedInRequest, form: ExperimentForm) -> Experiment:
    """Take the file or the dataset chosen and open the question."""
    user, workspace = request.user, request.workspace
    version = form.chosen_version
    if version is None:
        version = uploads.receive_files(user, workspace, form.cleaned_data["files"])
    name = form.cleaned_data["experiment_name"] or version.dataset.name
    kind = form.cleaned_data["kind"]
    return draft_experiment(user=user, workspace=workspace, kind=kind, version=version, name=name)
