"""Joins: the list, a new one, and the page on which tables are put together, previewed and run."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, require_edit
from accounts.requests import SignedInRequest
from catalog import queries
from common.language import reader_language
from common.numbers import whole_number
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from jobs.once import once
from joins import queries as join_queries
from joins import services
from joins.diagram import draw
from joins.forms import base_choices, read_spec, sections
from joins.models import JoinPlan

PAGE_SIZE = 50


@require_safe
@workspace_required
def join_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(join_queries.plans_of(request.workspace), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "joins/join_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
@once
def join_new(request: SignedInRequest) -> HttpResponse:
    """Choose the base and the tables; the rest is guessed."""
    versions = join_queries.newest_versions(request.workspace)
    asked = request.POST if request.method == "POST" else request.GET
    base = next((version for version in versions if str(version.pk) == asked.get("base")), None)
    others = [version for version in versions if str(version.pk) in asked.getlist("tables")]
    error = ""
    if request.method == "POST":
        if base is None:
            error = _("Choose the base table: each of its rows becomes one row of the result.")
        else:
            try:
                plan = services.draw_join(
                    request.user, request.workspace, name=request.POST.get("name", ""), base=base, others=others
                )
                return redirect("join_detail", plan.pk)
            except services.JoinRefused as refused:
                error = told(refused.message, refused.params)
    shown = {"versions": versions, "base": base, "others": others, "error": error, "name": asked.get("name", "")}
    return render(request, "joins/join_new.html", shown, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
@once
def join_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a join; sent back, keep what was chosen and preview or run it."""
    plan = _plan(request, pk)
    if request.method != "POST":
        return render(request, "joins/join_detail.html", _shown(request, plan))
    _refuse_unless_allowed(request, plan)
    before = join_queries.spec_of(plan)
    if before is None:
        return redirect("join_detail", pk)
    versions = join_queries.versions_by_table(plan)
    spec = read_spec(request.POST, versions, before)
    act = services.run if request.POST.get("then") == "run" else services.preview
    try:
        act(plan, spec, request.user)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
        plan = _plan(request, pk)
        plan.definition = {**plan.definition, "spec": spec.to_dict()}
        return render(request, "joins/join_detail.html", _shown(request, plan), status=422)
    return redirect("join_detail", pk)


@require_POST
@workspace_required
@once
def join_guess(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.guess_again)


@require_POST
@workspace_required
@once
def join_again(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(request, pk, services.run_again)


@require_POST
@workspace_required
@once
def join_run_on(request: SignedInRequest, pk: int) -> HttpResponse:
    """Run the recipe on the versions that were chosen."""
    plan = _plan(request, pk)
    _refuse_unless_allowed(request, plan)
    places = {table: request.POST.get(f"source-{place}", "") for place, table in enumerate(plan.definition["tables"])}
    chosen = {table: key for table, value in places.items() if (key := whole_number(value)) is not None}
    found = queries.versions_of(request.workspace).filter(state="ready").in_bulk(chosen.values())
    try:
        services.run_on(
            plan, {table: found[number] for table, number in chosen.items() if number in found}, request.user
        )
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return redirect("join_detail", pk)


@require_safe
@workspace_required
def join_recipe(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer with the recipe as JSON: sources, keys, roles, times and what is summed up."""
    plan = _plan(request, pk)
    answer = JsonResponse(join_queries.recipe_of(plan), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="join-{plan.pk}.json"'
    return answer


def _act(request: SignedInRequest, pk: int, act: Any) -> HttpResponse:
    plan = _plan(request, pk)
    _refuse_unless_allowed(request, plan)
    try:
        act(plan, request.user)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return redirect("join_detail", pk)


def _refuse_unless_allowed(request: SignedInRequest, plan: JoinPlan) -> None:
    require_edit(
        request.user, plan, _("Only %(owner)s, a modeler or an admin may change this join.") % {"owner": plan.owner}
    )


def _plan(request: SignedInRequest, pk: int) -> JoinPlan:
    """Return a join of the current workspace; a stranger's does not exist."""
    return get_object_or_404(join_queries.plans_of(request.workspace), pk=pk)


def _shown(request: SignedInRequest, plan: JoinPlan) -> dict[str, Any]:
    versions = join_queries.versions_by_table(plan)
    spec = join_queries.spec_of(plan)
    shown: dict[str, Any] = {
        "plan": plan,
        "versions": versions,
        "is_busy": join_queries.is_busy(plan),
        "can_change": can_edit(request.user, plan),
        "words": reader_language(),
        "followed": plan.definition.get("followed", {}),
        "again": plan.definition.get("again"),
        "preview": plan.definition.get("preview"),
        "report": plan.definition.get("report"),
    }
    if spec is None:
        return shown
    timed = {table.name for table in spec.tables if table.time_column}
    for rows in (shown["report"] or {}, (shown["preview"] or {}).get("tables", {})):
        for name, counts in rows.items():
            counts.setdefault("is_timed", name in timed)
    if plan.result and shown["can_change"] and not shown["is_busy"]:
        places = {table: place for place, table in enumerate(plan.definition["tables"])}
        shown["sources"] = [(places[table], table, now, fits) for table, now, fits in join_queries.sources_for(plan)]
    shown["unchecked"] = [name for name, counts in (shown["report"] or {}).items() if not counts["is_timed"]]
    shown["is_checked"] = any(counts["is_timed"] for counts in (shown["report"] or {}).values())
    guesses = plan.definition.get("guesses", {})
    try:
        shown["diagram"] = draw(spec, versions)
        shown["sections"] = sections(versions, spec, guesses)
    except ExperimentError:
        # Tables that hang in a circle cannot be drawn; the form can still be put right.
        loose = type(spec)(spec.base, (), spec.time_column, spec.time_format)
        shown["diagram"], shown["sections"] = draw(loose, versions), sections(versions, loose, guesses)
    shown["spec"] = spec
    shown["base"] = base_choices(versions[spec.base], spec)
    shown["untimed"] = [table.name for table in spec.tables if table.relation == "many" and not table.time_column]
    return shown
