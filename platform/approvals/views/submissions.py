"""Submitting a finalist: the form, and the checks as they would be filled."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import workspace_required
from accounts.permissions import require_edit
from accounts.requests import SignedInRequest
from approvals.forms import SubmitForm
from approvals.queries.approvals import change_asked
from approvals.services import dossiers
from approvals.services.submission import preview_checks, submit_for_approval
from experiments.errors import ExperimentError
from jobs.once import once
from registry.models import RegisteredModel
from registry.queries.models import returned_version
from registry.queries.shown_checks import counts_by_state, shown_readings
from registry.queries.shown_samples import METRIC_NAMES, shown_samples
from training.models import Experiment, LeaderboardRow
from training.words import learner_name, sentence


@require_http_methods(["GET", "POST"])
@workspace_required
@once
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    experiment = experiment_to_submit(request, pk)
    row = finalist(experiment, request.POST.get("candidate") or request.GET.get("candidate"))
    asked = change_asked(returned_version(row))
    form = SubmitForm(request.POST or None, initial=proposal(experiment, row), answers=asked is not None)
    if request.method == "POST" and form.is_valid():
        try:
            approval = submit_for_approval(
                row, request.user, form.cleaned_data["name"], form.cleaned_data["purpose"], form.cleaned_data["note"]
            )
        except ExperimentError as refused:
            form.add_error(None, sentence(refused.message, refused.params))
        else:
            messages.success(request, _("%(version)s is submitted.") % {"version": approval.model_version})
            return redirect("approval_detail", pk=approval.pk)
    names = RegisteredModel.objects.filter(workspace=request.workspace, kind=experiment.kind).values_list(
        "name", flat=True
    )
    context = {
        "experiment": experiment,
        "row": row,
        "learner": learner_name(row.candidate),
        "rows": [{"row": r, "learner": learner_name(r.candidate)} for r in experiment.leaderboard.all()],
        "form": form,
        "names": names,
        "asked": asked,
        "metric_names": METRIC_NAMES,
        "samples": shown_samples(row.measures),
        **gathering_context(request, row, form["name"].value() or ""),
    }
    return render(request, "approvals/submit.html", context, status=422 if form.errors else 200)


def experiment_to_submit(request: SignedInRequest, pk: int) -> Experiment:
    """Return an experiment whose models this person may submit."""
    experiment = get_object_or_404(Experiment, pk=pk, workspace=request.workspace)
    require_edit(request.user, experiment, _("Only the owner, a modeler or an admin can submit this model."))
    return experiment


def finalist(experiment: Experiment, candidate: str | None) -> LeaderboardRow:
    """Return the asked finalist, or the recommended one."""
    rows = experiment.leaderboard.select_related("experiment__version__dataset", "experiment__data_check")
    if candidate:
        return get_object_or_404(rows, candidate=candidate)
    return rows.filter(is_recommended=True).first() or get_object_or_404(rows, rank=1)


def proposal(experiment: Experiment, row: LeaderboardRow) -> dict[str, str]:
    """Return what the form is filled with at first: after a change was asked for, what was written last time."""
    returned = returned_version(row)
    if returned is None:
        return {"candidate": row.candidate, "name": experiment.name}
    return {"candidate": row.candidate, "name": returned.registered_model.name, "purpose": returned.purpose}


@require_GET
@workspace_required
def submit_checks(request: SignedInRequest, pk: int) -> HttpResponse:
    """The checks as they would be filled: asked for while a worker gathers the evidence, and for another name."""
    experiment = experiment_to_submit(request, pk)
    row = finalist(experiment, request.GET.get("candidate"))
    return render_gathering(request, row, request.GET.get("name", ""))


@require_POST
@workspace_required
@once
def gather_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the evidence gathered once more that could not be gathered."""
    experiment = experiment_to_submit(request, pk)
    row = finalist(experiment, request.POST.get("candidate"))
    try:
        dossiers.ask_again(row, request.user)
    except ExperimentError as refused:
        messages.error(request, sentence(refused.message, refused.params))
    if not request.headers.get("HX-Request"):
        return redirect(reverse("submit", args=[pk]) + "?" + urlencode({"candidate": row.candidate}))
    return render_gathering(request, row, request.POST.get("name", ""))


def render_gathering(request: SignedInRequest, row: LeaderboardRow, name: str) -> HttpResponse:
    """Answer with the checks and the button that they set free."""
    context = {"experiment": row.experiment, "row": row, "is_live": True, **gathering_context(request, row, name)}
    return render(request, "approvals/_gathering.html", context)


def gathering_context(request: SignedInRequest, row: LeaderboardRow, name: str) -> dict[str, Any]:
    """Return the checks of a finalist where its evidence is gathered, and otherwise how far that is."""
    try:
        dossier = dossiers.asked_for(row, request.user)
    except ExperimentError as refused:
        return {"refusal": sentence(refused.message, refused.params)}
    if not dossier.is_gathered:
        return {"dossier": dossier}
    try:
        checks = shown_readings(preview_checks(dossier, row, name), row)
    except ExperimentError as refused:
        return {"refusal": sentence(refused.message, refused.params)}
    return {"dossier": dossier, "checks": checks, "counts": counts_by_state(checks)}
