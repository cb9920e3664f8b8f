"""Pages of the inventory: the list, its files, and the entry of one model."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, require_edit
from accounts.requests import SignedInRequest
from experiments.errors import ExperimentError
from inventory.exports import file_of
from inventory.forms import EntryForm, FilterForm
from inventory.models import Review
from inventory.queries import Asked, Line, lines_of, models_for, people_in, resting_on
from inventory.services import change, entry_of, may_rate
from registry.models import RegisteredModel
from training.words import sentence

FORMS = ("csv", "xlsx")


@require_GET
@workspace_required
def inventory_list(request: SignedInRequest) -> HttpResponse:
    """The models of the workspace, narrowed by tier, review, person and text."""
    form = FilterForm(request.GET or None, people=people_in(request.workspace))
    every = lines_of(models_for(request.workspace, Asked()))
    lines = lines_of(models_for(request.workspace, form.asked)) if request.GET else every
    return render(
        request,
        "inventory/list.html",
        {
            "form": form,
            "lines": lines,
            "total": len(every),
            "is_narrowed": form.asked != Asked(),
            "query": request.GET.urlencode(),
            "facts": facts_of(every),
            "may_edit": bool(every) and can_edit(request.user, every[0].model),
        },
    )


def facts_of(lines: list[Line]) -> dict[str, int]:
    """Return what stands above the list."""
    return {
        "high": sum(line.entry.risk_tier == "high" for line in lines),
        "unrated": sum(line.entry.risk_tier == "" for line in lines),
        "overdue": sum(line.entry.review == Review.OVERDUE for line in lines),
        "unvalidated": sum(line.entry.validator_id is None for line in lines),
    }


@require_GET
@workspace_required
def inventory_file(request: SignedInRequest, form: str) -> HttpResponseBase:
    """The list as it is narrowed, as CSV or Excel."""
    if form not in FORMS:
        raise Http404
    asked = FilterForm(request.GET or None, people=people_in(request.workspace)).asked
    return file_of(lines_of(models_for(request.workspace, asked)), form)


@require_http_methods(["GET", "POST"])
@workspace_required
def inventory_entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """The entry of one model, and what rests on it."""
    model = get_object_or_404(RegisteredModel.objects.select_related("workspace"), pk=pk, workspace=request.workspace)
    entry = entry_of(model)
    if request.method == "POST":
        require_edit(request.user, model)
    form = EntryForm(
        request.POST or None, entry=entry, people=people_in(request.workspace),
        may_rate=may_rate(request.user, model),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and is_changed(request, model, form):
        return redirect("inventory_entry", pk=pk)
    context: dict[str, Any] = {
        "model": model, "entry": entry, "form": form, "resting": resting_on(model),
        "may_edit": can_edit(request.user, model),
    }  # fmt: skip
    return render(request, "inventory/entry.html", context, status=422 if form.errors else 200)


def is_changed(request: SignedInRequest, model: RegisteredModel, form: EntryForm) -> bool:
    """Write the entry; tell in the form why not."""
    try:
        change(model, request.user, form.wish)
    except ExperimentError as refused:
        field = str(refused.at[0]) if refused.at else None
        form.add_error(field if field in form.fields else None, sentence(refused.message, refused.params))
        return False
    messages.success(request, _("Saved and written to the audit log."))
    return True
