"""Pages of deployments: which there are, one with its health and history, and switching it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import role_required, workspace_required
from accounts.models import Role as PersonRole
from accounts.requests import SignedInRequest
from common.templatetags.formatting import told
from deployments import queries, services
from deployments.forms import DeploymentForm, SwitchForm
from deployments.live.score_log import last_scores, shadow_agreement
from deployments.models import Configuration, Deployment
from experiments.errors import ExperimentError
from jobs.once import once

MOST_HISTORY = 50


@require_safe
@workspace_required
def deployment_list(request: SignedInRequest) -> HttpResponse:
    totals = queries.totals_in(request.workspace)
    rows = [(each, totals.get(each.pk)) for each in queries.deployments_in(request.workspace)]
    return render(
        request,
        "deployments/deployment_list.html",
        {
            "rows": rows,
            "may_switch": services.may_switch(request.user, request.workspace),
            "has_versions": bool(queries.deployable_in(request.workspace)),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(PersonRole.MODELER, PersonRole.ADMIN)
@once
def deployment_new(request: SignedInRequest) -> HttpResponse:
    versions = queries.deployable_in(request.workspace)
    form = DeploymentForm(request.POST or None, versions=versions, initial={"champion": request.GET.get("version")})
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            made = services.create(
                request.user, request.workspace, name=cleaned["name"], environment=cleaned["environment"],
                champion=cleaned["champion"], challengers=form.challengers, why=cleaned["why"],
            )  # fmt: skip
        except ExperimentError as refused:
            form.add_error(_field_of(refused, form), told(refused.message, refused.params))
        else:
            messages.success(request, _("%(name)s is in use.") % {"name": made.name})
            return redirect("deployment_detail", pk=made.pk)
    return render(request, "deployments/deployment_form.html", {"form": form, "has_versions": bool(versions)})


@require_safe
@workspace_required
def deployment_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    deployment = _deployment(request, pk)
    history = queries.history_of(deployment)
    may_switch = services.may_switch(request.user, request.workspace)
    return render(
        request,
        "deployments/deployment_detail.html",
        {
            "deployment": deployment,
            "now": deployment.current,
            "health": queries.health_of(deployment),
            "history": history[:MOST_HISTORY],
            "former": services.former_of(deployment),
            "last": last_scores(deployment),
            "agreement": shadow_agreement(deployment),
            "may_switch": may_switch,
            "admins": request.workspace.admins(),
            "address": request.build_absolute_uri(f"/api/v1/deployments/{deployment.name}/score"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(PersonRole.MODELER, PersonRole.ADMIN)
@once
def deployment_switch(request: SignedInRequest, pk: int) -> HttpResponse:
    deployment = _deployment(request, pk)
    form = SwitchForm(
        request.POST or None, versions=queries.deployable_of(deployment.registered_model), now=deployment.current
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.switch(
                deployment, request.user, champion=form.cleaned_data["champion"], challengers=form.challengers,
                why=form.cleaned_data["why"], seen=_seen(request),
            )  # fmt: skip
        except ExperimentError as refused:
            form.add_error(_field_of(refused, form), told(refused.message, refused.params))
        else:
            messages.success(request, _("%(name)s is switched.") % {"name": deployment.name})
            return redirect("deployment_detail", pk=pk)
    return render(request, "deployments/deployment_form.html", {"form": form, "deployment": deployment})


@require_POST
@role_required(PersonRole.MODELER, PersonRole.ADMIN)
@once
def deployment_roll_back(request: SignedInRequest, pk: int) -> HttpResponse:
    return _acted(request, pk, services.roll_back, _("%(name)s is rolled back."))


@require_POST
@role_required(PersonRole.MODELER, PersonRole.ADMIN)
@once
def deployment_off(request: SignedInRequest, pk: int) -> HttpResponse:
    return _acted(request, pk, services.switch_off, _("%(name)s is switched off."))


def _acted(request: SignedInRequest, pk: int, act: Callable[..., Configuration], done: str) -> HttpResponse:
    deployment = _deployment(request, pk)
    try:
        act(deployment, request.user, why=request.POST.get("why", ""), seen=_seen(request))
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    else:
        messages.success(request, done % {"name": deployment.name})
    return redirect("deployment_detail", pk=pk)


def _deployment(request: SignedInRequest, pk: int) -> Deployment:
    return get_object_or_404(queries.deployments_in(request.workspace), pk=pk)


def _seen(request: SignedInRequest) -> int | None:
    """Return which configuration the person had before the eyes."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdigit() and len(text) < 10 else None


def _field_of(refused: ExperimentError, form: SwitchForm) -> str | None:
    """Return the field that a refusal is about; nothing where it is about the whole."""
    name = {"challengers": "challenger"}.get(str(refused.at[0]), str(refused.at[0])) if refused.at else ""
    return name if name in form.fields else None
