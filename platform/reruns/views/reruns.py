"""Pages of re-runs: have an experiment run again, see how far it is and what came of it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest
from experiments.errors import ExperimentError
from jobs.once import once
from registry.models import ModelVersion
from registry.queries.models import versions_in
from reruns import queries, services
from reruns.models import Rerun
from training.models import Experiment, ExperimentState
from training.views.access import for_editors, for_viewers, may_change, refuse_unless_editor
from training.words import sentence

RERUNS_A_PAGE = 50
OTHERS_SHOWN = 20


@require_safe
@for_viewers
def rerun_list(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    page = Paginator(queries.reruns_of(experiment), RERUNS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "experiment": experiment,
        "page": page,
        "reruns": queries.all_shown(page),
        "may_run": may_change(request, experiment) and experiment.state == ExperimentState.FINISHED,
    }
    return render(request, "reruns/rerun_list.html", context)


@require_POST
@for_editors
@once
def rerun_start(request: SignedInRequest, experiment: Experiment) -> HttpResponse:
    return _started(request, experiment, None)


@require_POST
@workspace_required
@once
def version_rerun_start(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    experiment = version.leaderboard_row.experiment
    refuse_unless_editor(request, experiment)
    return _started(request, experiment, version)


def _started(request: SignedInRequest, experiment: Experiment, version: ModelVersion | None) -> HttpResponse:
    try:
        rerun = services.run_again(experiment, request.user, version=version)
    except ExperimentError as refused:
        messages.error(request, sentence(refused.message, refused.params))
        return redirect("rerun_list", experiment.pk)
    return redirect("rerun_detail", rerun.pk)


@require_safe
@workspace_required
def rerun_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    rerun = _find(request, pk)
    beside = queries.reruns_of(rerun.experiment).exclude(pk=rerun.pk)[:OTHERS_SHOWN]
    # Together, so that who had a part in the experiment is looked up once.
    shown, *others = queries.all_shown([rerun, *beside])
    return render(request, "reruns/rerun_detail.html", {**_context(request, rerun, shown), "others": others})


@require_safe
@workspace_required
def rerun_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far a re-run is, asked for while it is under way; once it has ended the whole page is shown anew."""
    rerun = _find(request, pk)
    if not rerun.is_under_way:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "reruns/_progress.html", _context(request, rerun, queries.shown(rerun)))


@require_POST
@workspace_required
def rerun_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    rerun = _find(request, pk)
    refuse_unless_editor(request, rerun.again)
    try:
        services.cancel(rerun, request.user)
    except ExperimentError as refused:
        messages.error(request, sentence(refused.message, refused.params))
    return redirect("rerun_detail", pk)


def _find(request: SignedInRequest, pk: int) -> Rerun:
    return get_object_or_404(queries.reruns_in(request.workspace), pk=pk)


def _context(request: SignedInRequest, rerun: Rerun, shown: queries.ShownRerun) -> dict[str, Any]:
    return {
        "rerun": rerun,
        "shown": shown,
        "grounds": rerun.found.grounds,
        "experiment": rerun.experiment,
        "job": rerun.again.job,
        "course": queries.course_of(rerun, timezone.now()) if rerun.is_under_way else None,
        "may_cancel": rerun.is_under_way and may_change(request, rerun.again),
    }
