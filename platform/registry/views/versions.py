"""The page of a version, its files, and making it champion or retiring it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest
from experiments.errors import ExperimentError
from registry.exports import artifact_file
from registry.forms import CommentForm
from registry.models import ModelVersion
from registry.moves import ACTS
from registry.queries.files import files_of
from registry.queries.lineage import lineage_of
from registry.queries.models import versions_in
from registry.queries.shown_checks import counts_by_state, shown_checks
from registry.queries.shown_columns import shown_factors
from registry.queries.shown_moves import shown_moves
from registry.queries.shown_samples import AHEAD, METRIC_NAMES, shown_samples
from registry.services import champions
from training.words import learner_name, sentence

DONE = {
    "make_champion": _("%(version)s is champion now."),
    "make_challenger": _("%(version)s is a challenger now."),
    "make_shadow": _("%(version)s is the shadow now."),
    "drop_alias": _("%(version)s has no alias any more."),
    "retire": _("%(version)s is retired."),
}


@require_GET
@workspace_required
def model_version_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    checks = shown_checks(version)
    return render(
        request,
        "registry/model_version_detail.html",
        {
            "version": version,
            "model": version.registered_model,
            "experiment": version.leaderboard_row.experiment,
            "learner": learner_name(version.frozen.learner),
            "files": files_of(version),
            "lineage": lineage_of(version),
            "moves": shown_moves(version, request.user),
            "checks": checks,
            "counts": counts_by_state(checks),
            "factors": shown_factors(version),
            "requests": version.approval_requests.select_related("author", "decided_by"),
            "samples": shown_samples(version.frozen.samples, ("train", *AHEAD)),
            "metric_names": METRIC_NAMES,
            "form": CommentForm(),
        },
    )


@require_GET
@workspace_required
def download_artifact(request: SignedInRequest, pk: int) -> HttpResponseBase:
    return file_of(request, pk, artifact_file)


@require_GET
@workspace_required
def model_version_lineage(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer with all that a version rests on as JSON."""
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    answer = JsonResponse(lineage_of(version).to_dict(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="lineage-{version.pk}-v{version.number}.json"'
    return answer


def file_of(request: SignedInRequest, pk: int, answer: Callable[[ModelVersion], HttpResponseBase]) -> HttpResponseBase:
    """Answer with a file of a version; where its model is not the one that was recorded, say so on its page."""
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    try:
        return answer(version)
    except ExperimentError as refused:
        messages.error(request, sentence(refused.message, refused.params))
        return redirect("model_version_detail", pk=pk)


@require_POST
@workspace_required
def move_version(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Make one of the moves of an approved version; decisions are taken on the page of their request."""
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    if name not in ACTS:
        raise Http404
    try:
        champions.act(version, name, request.user, request.POST.get("comment", ""))
    except ExperimentError as refused:
        messages.error(request, sentence(refused.message, refused.params))
    else:
        messages.success(request, DONE[name] % {"version": version})
    return redirect("model_version_detail", pk=version.pk)
