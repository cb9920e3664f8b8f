"""Pages of models, their versions, submissions and decisions."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.attempts import address_of
from accounts.decorators import workspace_required
from accounts.errors import TooManyAttempts
from accounts.models import Role
from accounts.permissions import can_edit
from accounts.requests import SignedInRequest
from experiments.errors import ExperimentError
from experiments.house_rules import has_too_few
from jobs.once import once
from registry import comparisons, deciders, dossiers, queries, services
from registry.comparison_words import shown_comparison
from registry.exports import artifact_file, report_file
from registry.forms import CommentForm, DecisionForm, SubmitForm
from registry.models import ApprovalRequest, ModelVersion, RegisteredModel, VersionState
from registry.reruns import settled_checks
from registry.words import (
    METRIC_NAMES,
    counts_by_state,
    numbers_of,
    shown_changes,
    shown_checks,
    shown_factors,
    shown_numbers,
    shown_readings,
)
from training.models import Experiment, LeaderboardRow
from training.run_words import doubts
from training.words import learner_name, sentence

Decision = ApprovalRequest.Decision
DAYS_BEFORE_EXPIRY = 60
AHEAD = ("validation", "held_out", "out_of_time")


@require_GET
@workspace_required
def model_list(request: SignedInRequest) -> HttpResponse:
    models = list(queries.models_in(request.workspace))
    rows = [row for model in models if (row := model_row(model))]
    shown = request.GET.get("show", "all")
    return render(
        request,
        "registry/model_list.html",
        {
            "rows": [row for row in rows if shown in ("all", *row["groups"])],
            "shown": shown,
            "counts": {group: sum(group in row["groups"] for row in rows) for group in ("live", "waiting", "expiring")},
            "total": len(rows),
            "next_expiry": min((row for row in rows if row["expires_on"]), key=lambda r: r["expires_on"], default=None),
            "scored": queries.scored_this_month(request.workspace),
        },
    )


def model_row(model: RegisteredModel) -> dict[str, Any]:
    """Return what the list says of a model, from its prefetched versions."""
    versions = model.all_versions  # type: ignore[attr-defined]
    champion = next((v for v in versions if v.is_champion), None)
    pending = next((v for v in versions if v.state == VersionState.SUBMITTED), None)
    shown = champion or (versions[0] if versions else None)
    expires_on = champion.expires_on if champion else None
    days_left = (expires_on - timezone.localdate()).days if expires_on else None
    groups = [
        *(["live"] if champion else []),
        *(["waiting"] if pending else []),
        *(["expiring"] if days_left is not None and days_left <= DAYS_BEFORE_EXPIRY else []),
    ]
    return {
        "model": model,
        "champion": champion,
        "pending": pending,
        "returned": next((v for v in versions if v.state == VersionState.DRAFT), None),
        "newest": versions[0] if versions else None,
        "ks": shown.metrics.get("numbers", {}).get("ks") if shown else None,
        "expires_on": expires_on,
        "days_left": days_left,
        "life_spent": life_spent(champion) if champion else 0,
        "groups": groups,
    }


def life_spent(version: ModelVersion) -> int:
    """Return how much of its allowed time a version has used, in per cent."""
    if version.expires_on is None:
        return 0
    whole = (version.expires_on - version.created_at.date()).days or 1
    return max(2, min(100, round(100 * (timezone.localdate() - version.created_at.date()).days / whole)))


@require_GET
@workspace_required
def model_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    model = get_object_or_404(RegisteredModel, pk=pk, workspace=request.workspace)
    versions = list(queries.versions_in(request.workspace).filter(registered_model=model).order_by("-number"))
    return render(
        request,
        "registry/model_detail.html",
        {
            "model": model,
            "versions": [{"version": v, "learner": learner_name(v.metrics.get("learner", ""))} for v in versions],
            "champion": next((v for v in versions if v.is_champion), None),
            "fallback": queries.fallback_of(model),
            "form": CommentForm(),
        },
    )


@require_GET
@workspace_required
def model_version_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(queries.versions_in(request.workspace), pk=pk)
    checks = shown_checks(version)
    return render(
        request,
        "registry/model_version_detail.html",
        {
            "version": version,
            "may_answer": may_answer(request, version),
            "model": version.registered_model,
            "experiment": version.leaderboard_row.experiment,
            "learner": learner_name(version.metrics.get("learner", "")),
            "checks": checks,
            "counts": counts_by_state(checks),
            "factors": shown_factors(version),
            "requests": version.approval_requests.select_related("author", "decided_by"),
            "samples": shown_samples(version.metrics.get("samples", {}), ("train", *AHEAD)),
            "metric_names": METRIC_NAMES,
            "form": CommentForm(),
        },
    )


def shown_samples(samples: dict[str, Any], names: tuple[str, ...] = AHEAD) -> list[dict[str, Any]]:
    """Return the metrics of the samples there are, in the order of the leaderboard."""
    return [
        {"name": name, "metrics": samples[name], "is_enough": not has_too_few(samples[name])}
        for name in names
        if samples.get(name)
    ]


@require_GET
@workspace_required
def download_artifact(request: SignedInRequest, pk: int) -> HttpResponseBase:
    return file_of(request, pk, artifact_file)


@require_GET
@workspace_required
def download_report(request: SignedInRequest, pk: int) -> HttpResponseBase:
    return file_of(request, pk, report_file)


def file_of(request: SignedInRequest, pk: int, answer: Callable[[ModelVersion], HttpResponseBase]) -> HttpResponseBase:
    """Answer with a file of a version; where its model is not the one that was recorded, say so on its page."""
    version = get_object_or_404(queries.versions_in(request.workspace), pk=pk)
    try:
        return answer(version)
    except ExperimentError as refused:
        messages.error(request, sentence(refused.message, refused.params))
        return redirect("model_version_detail", pk=pk)


@require_POST
@workspace_required
def make_champion(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(queries.versions_in(request.workspace), pk=pk)
    return act_on_version(request, version, services.make_champion, _("%(version)s is champion now."))


@require_POST
@workspace_required
def retire(request: SignedInRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(queries.versions_in(request.workspace), pk=pk)
    return act_on_version(request, version, services.retire, _("%(version)s is retired."))


def act_on_version(request: SignedInRequest, version: ModelVersion, act: Any, done: str) -> HttpResponse:
    try:
        act(version, request.user, request.POST.get("comment", ""))
    except ExperimentError as refused:
        messages.error(request, sentence(refused.message, refused.params))
    else:
        messages.success(request, done % {"version": version})
    return redirect("model_version_detail", pk=version.pk)


@require_http_methods(["GET", "POST"])
@workspace_required
@once
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    experiment = experiment_to_submit(request, pk)
    row = finalist(experiment, request.POST.get("candidate") or request.GET.get("candidate"))
    asked = queries.change_asked(queries.returned_version(row))
    form = SubmitForm(request.POST or None, initial=proposal(experiment, row), answers=asked is not None)
    if request.method == "POST" and form.is_valid():
        try:
            approval = services.submit_for_approval(
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
        "learner": learner_name(row.learner),
        "rows": [{"row": r, "learner": learner_name(r.learner)} for r in experiment.leaderboard.all()],
        "form": form,
        "names": names,
        "asked": asked,
        "metric_names": METRIC_NAMES,
        "samples": shown_samples(row.metrics),
        **gathering_context(request, row, form["name"].value() or ""),
    }
    return render(request, "registry/submit.html", context, status=422 if form.errors else 200)


def experiment_to_submit(request: SignedInRequest, pk: int) -> Experiment:
    """Return an experiment whose models this person may submit."""
    experiment = get_object_or_404(Experiment, pk=pk, workspace=request.workspace)
    if not can_edit(request.user, experiment):
        raise PermissionDenied(_("Only the owner, a modeler or an admin can submit this model."))
    return experiment


def finalist(experiment: Experiment, candidate: str | None) -> LeaderboardRow:
    """Return the asked finalist, or the recommended one."""
    rows = experiment.leaderboard.select_related("experiment__version__dataset", "experiment__data_check")
    if candidate:
        return get_object_or_404(rows, candidate=candidate)
    return rows.filter(is_recommended=True).first() or get_object_or_404(rows, rank=1)


def proposal(experiment: Experiment, row: LeaderboardRow) -> dict[str, str]:
    """Return what the form is filled with at first: after a change was asked for, what was written last time."""
    returned = queries.returned_version(row)
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
    return render(request, "registry/_gathering.html", context)


def gathering_context(request: SignedInRequest, row: LeaderboardRow, name: str) -> dict[str, Any]:
    """Return the checks of a finalist where its evidence is gathered, and otherwise how far that is."""
    try:
        dossier = dossiers.asked_for(row, request.user)
    except ExperimentError as refused:
        return {"refusal": sentence(refused.message, refused.params)}
    if not dossier.is_gathered:
        return {"dossier": dossier}
    try:
        checks = shown_readings(services.preview_checks(dossier, row, name), row)
    except ExperimentError as refused:
        return {"refusal": sentence(refused.message, refused.params)}
    return {"dossier": dossier, "checks": checks, "counts": counts_by_state(checks)}


@require_GET
@workspace_required
def approval_list(request: SignedInRequest) -> HttpResponse:
    waiting = queries.inbox_in(request.workspace)
    bars = deciders.bars_for(request.user, [each.approval for each in waiting])
    decided = queries.requests_in(request.workspace).exclude(decision=Decision.PENDING).order_by("-decided_at")[:50]
    return render(
        request,
        "registry/approval_list.html",
        {"waiting": [inbox_row(each, request, bars.get(each.approval.pk)) for each in waiting], "decided": decided},
    )


def inbox_row(waiting: queries.Waiting, request: SignedInRequest, bar: deciders.Bar | None) -> dict[str, Any]:
    approval = waiting.approval
    is_own = bar is not None and bar.is_own_work
    ks = approval.model_version.metrics.get("numbers", {}).get("ks")
    return {
        "approval": approval,
        "checks": waiting,
        "is_own": is_own,
        "is_held": bar is not None and not is_own and request.role == Role.ADMIN,
        "may_decide": request.role == Role.ADMIN and bar is None,
        "ks": ks,
    }


@require_GET
@workspace_required
def approval_comparison(request: SignedInRequest, pk: int) -> HttpResponse:
    """The comparison with the champion, asked for while a worker makes it, and the numbers that rest on it."""
    approval = get_object_or_404(queries.requests_in(request.workspace), pk=pk)
    context = {"approval": approval, "is_live": True, **against_champion(request, approval)}
    return render(request, "registry/_comparison.html", context)


@require_POST
@workspace_required
@once
def compare_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a comparison made once more whose worker ended without an answer."""
    approval = get_object_or_404(queries.requests_in(request.workspace), pk=pk)
    former = queries.champion_before(approval)
    if former is not None and approval.is_pending:
        comparisons.ask(approval.model_version, former, request.user)
    return redirect("approval_detail", pk=pk)


def against_champion(request: SignedInRequest, approval: ApprovalRequest) -> dict[str, Any]:
    """Return what the decision page says of a version beside the champion."""
    version, former = approval.model_version, queries.champion_before(approval)
    comparison = comparisons.of_request(approval, former, request.user)
    before = former.metrics.get("numbers", {}) if former else {}
    return {
        "version": version,
        "former": former,
        "comparison": shown_comparison(comparison),
        "comparison_job": comparison.job if comparison else None,
        "numbers": shown_numbers(numbers_of(version), before, comparison),
        "changes": shown_changes(version, former),
    }


@require_http_methods(["GET", "POST"])
@workspace_required
def approval_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    approval = get_object_or_404(queries.requests_in(request.workspace), pk=pk)
    version = approval.model_version
    checks = settled_checks(version)
    form = DecisionForm(
        request.POST or None,
        needs_limits=queries.needs_limits_of_use(checks),
        latest_expiry=services.accepted_expiry(version.registered_model.kind, None),
    )
    if request.method == "POST":
        services.require_decider(approval, request.user)
        if form.is_valid() and decided(request, approval, form):
            return redirect("approval_detail", pk=approval.pk)
    context = decision_context(request, approval) | {"form": form}
    return render(request, "registry/approval_detail.html", context, status=422 if form.errors else 200)


def deciding_context(request: SignedInRequest, approval: ApprovalRequest) -> dict[str, Any]:
    """Return whether this person can decide, why not, and who can."""
    if not approval.is_pending:
        return {"may_decide": False}
    refusal = deciders.refusal_for(approval, request.user)
    return {
        "may_decide": not refusal,
        "refusal": refusal if request.role == Role.ADMIN else "",
        "deciders": deciders.free_deciders(approval, request.workspace) if refusal else [],
    }


def may_answer(request: SignedInRequest, version: ModelVersion) -> bool:
    """Tell whether a change is asked for that this person can answer."""
    experiment = version.leaderboard_row.experiment
    return queries.change_asked(version) is not None and can_edit(request.user, experiment)


def sentence_of(told: dict[str, Any]) -> str:
    return sentence(told.get("message", ""), told.get("params", {}))


def decided(request: SignedInRequest, approval: ApprovalRequest, form: DecisionForm) -> bool:
    """Decide as the form says; tell in the form why not."""
    wish = form.cleaned_data
    try:
        services.decide(
            approval,
            request.user,
            wish["decision"],
            wish["comment"],
            wish["password"],
            limits_of_use=wish["limits_of_use"],
            expires_on=wish["expires_on"],
            address=address_of(request),
        )
    except TooManyAttempts as refused:
        form.add_error("password", str(refused))
        return False
    except services.DecidedAlready as refused:
        # The page has no form any more that could show an error.
        messages.error(request, sentence(refused.message, refused.params))
        return True
    except services.WrongPassword as refused:
        form.add_error("password", sentence(refused.message, refused.params))
        return False
    except ExperimentError as refused:
        form.add_error(None, sentence(refused.message, refused.params))
        return False
    messages.success(request, _("Decided and written to the audit log."))
    return True


def decision_context(request: SignedInRequest, approval: ApprovalRequest) -> dict[str, Any]:
    """Return everything the decision page shows."""
    version = approval.model_version
    checks = shown_checks(version)
    raw_checks = settled_checks(version)
    return {
        "approval": approval,
        "version": version,
        "may_answer": may_answer(request, version) and queries.change_asked(version) == approval,
        "model": version.registered_model,
        "experiment": version.leaderboard_row.experiment,
        "learner": learner_name(version.metrics.get("learner", "")),
        "window": sentence_of(version.leaderboard_row.experiment.result.get("split", {}).get("description", {})),
        "doubts": doubts(version.leaderboard_row.experiment),
        **against_champion(request, approval),
        "fallback": queries.fallback_of(version.registered_model),
        "samples": shown_samples(version.metrics.get("samples", {})),
        "metric_names": METRIC_NAMES,
        "checks": checks,
        "counts": counts_by_state(checks),
        "gaps": [check for check in checks if check.code in queries.missing_codes(raw_checks)],
        "needs_limits": queries.needs_limits_of_use(raw_checks),
        "factors": shown_factors(version),
        "conversation": version.approval_requests.select_related("author", "decided_by").order_by("created_at"),
        **deciding_context(request, approval),
        "latest_expiry": services.accepted_expiry(version.registered_model.kind, None),
    }
