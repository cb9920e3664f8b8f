"""The first two steps of building a model: the question with its file, and the check of the data."""

import csv
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest
from catalog import check_page
from catalog import queries as catalog_queries
from catalog import services as catalog
from catalog.errors import UploadRefused
from catalog.models import Column, ColumnRole, DatasetVersion, Finding
from catalog.upload_handler import StreamingUploadHandler
from catalog.views import answer_upload, received, refuse_upload, safe_cell, upload_context, upload_refusal
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from training import services
from training.forms_setup import ExperimentForm
from training.models import Experiment, ExperimentState
from training.views.access import for_editors, for_viewers, may_change
from training.words import KINDS

COLUMNS_A_PAGE = 200
OFFERED_VERSIONS = 50
CSV_HEADER = ("column", "label", "role", "taken_out", "type", "missing", "distinct", "single_auc", "iv", "marks")
ONE_CLICK = timedelta(seconds=15)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def experiment_new(request: HttpRequest) -> HttpResponseBase:
    """Step 1. The upload handler must be in place before anything reads the form; the CSRF check comes after it."""
    request.upload_handlers = [StreamingUploadHandler(request)]
    return _experiment_new(request)


@csrf_protect
@workspace_required
def _experiment_new(request: SignedInRequest) -> HttpResponse:
    versions = list(catalog_queries.ready_versions_of(request.workspace)[:OFFERED_VERSIONS])
    if request.method != "POST":
        form = ExperimentForm(versions=versions, initial=_asked_for(request, versions))
        return render(request, "training/new.html", {**upload_context(form), "versions": versions})
    form = ExperimentForm(request.POST, request.FILES, versions=versions, refusal=upload_refusal(request),
                          received=received(request))  # fmt: skip
    if form.is_valid():
        try:
            experiment = _draft(request, form)
        except UploadRefused as refused:
            form.add_error("file", told(refused.message, refused.params))
        else:
            return answer_upload(request, reverse("experiment_data", args=[experiment.pk]))
    return refuse_upload(request, form, "training/new.html", versions=versions)


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
        version = catalog.receive_files(user, workspace, form.cleaned_data["files"], upload_key=form.key)
    return _open_once(request, version, form.cleaned_data["kind"], form.cleaned_data["experiment_name"])


@transaction.atomic
def _open_once(request: SignedInRequest, version: DatasetVersion, kind: str, name: str) -> Experiment:
    """Two clicks on one button are one question: a draft that is seconds old and asks the same is taken again."""
    user, workspace = request.user, request.workspace
    DatasetVersion.objects.select_for_update().get(pk=version.pk)
    name = name or version.dataset.name
    just_opened = Experiment.objects.filter(
        version=version, kind=kind, owner=user, name=name, state=ExperimentState.DRAFT,
        created_at__gte=timezone.now() - ONE_CLICK,
    ).first()  # fmt: skip
    if just_opened:
        return just_opened
    return services.draft_experiment(user=user, workspace=workspace, kind=kind, version=version, name=name)


@require_safe
@for_viewers
def experiment_data(request: SignedInRequest, experiment: Experiment) -> HttpResponse:
    """Step 2: what was found in the data, what was done about it, and what each column is for."""
    check = experiment.data_check
    by_severity = check_page.findings_by_severity(check)
    lines = check_page.column_lines(check, [each for group in by_severity.values() for each in group])
    asked = {name: request.GET.get(name, "").strip() for name in ("show", "q", "sort")}
    found = check_page.narrow(lines, show=asked["show"], text=asked["q"], sort=asked["sort"])
    words = KINDS[experiment.kind]
    return render(
        request,
        "training/data_check.html",
        {
            "experiment": experiment,
            "check": check,
            "version": check.version,
            "words": words,
            "findings": by_severity,
            "groups": check_page.grouped([*by_severity["block"], *by_severity["warning"]]),
            "passed": [(check_page.passed_chip(finding), finding) for finding in by_severity["passed"]],
            "target": check_page.target_card(check, lines, str(words.rate)),
            "page": Paginator(found, COLUMNS_A_PAGE).get_page(request.GET.get("page")),
            "counts": check_page.count_filters(lines),
            "asked": asked,
            "roles": [(role.value, role.label) for role in ColumnRole],
            "is_draft": experiment.state == ExperimentState.DRAFT,
            "can_change": may_change(request, experiment) and not check.is_frozen,
            "can_go_on": check.state == "ready",
        },
    )


@require_safe
@for_viewers
def experiment_columns_csv(request: SignedInRequest, experiment: Experiment) -> HttpResponse:
    """All columns of the check as a table for other programs."""
    check = experiment.data_check
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="data-check-{experiment.pk}.csv"'
    answer.write("\ufeff")
    written = csv.writer(answer)
    written.writerow(CSV_HEADER)
    for line in check_page.column_lines(check, check.findings.select_related("column")):
        column, checked = line.column, line.checked
        written.writerow(
            (
                safe_cell(column.name),
                safe_cell(column.label),
                checked.role,
                int(line.is_out),
                column.type,
                column.missing_count,
                column.distinct_count,
                checked.single_auc,
                checked.information_value,
                "; ".join(str(badge.text) for badge in line.badges),
            )
        )
    return answer


@require_POST
@for_editors
def experiment_target(request: SignedInRequest, experiment: Experiment) -> HttpResponse:
    """Choose the target column and the value that counts as the event."""
    check = experiment.data_check
    target, event = request.POST.get("target", ""), request.POST.get("event", "")
    column = get_object_or_404(check.version.columns, name=target)
    if target != check.target:
        event = ""  # the other column's values are not this one's
    return _decide(request, experiment, lambda: catalog.choose_target(check, column.name, event, request.user))


@require_POST
@for_editors
def experiment_column(request: SignedInRequest, experiment: Experiment, column_pk: int) -> HttpResponse:
    """Give a column another role, take it out, or put it back."""
    check = experiment.data_check
    column = get_object_or_404(check.version.columns, pk=column_pk)
    act, role = request.POST.get("act", ""), request.POST.get("role", "")
    if act == "exclude":
        return _decide(request, experiment, lambda: catalog.exclude(check, column, request.user),
                       _("%(column)s is taken out") % {"column": column.name})  # fmt: skip
    if act == "include":
        return _decide(request, experiment, lambda: catalog.include(check, column, request.user),
                       _("%(column)s is back in") % {"column": column.name})  # fmt: skip
    if role not in ColumnRole.values:
        return _back(experiment)
    return _decide(request, experiment, lambda: _set_role(experiment, column, role, request.user))


def _set_role(experiment: Experiment, column: Column, role: str, user: Any) -> None:
    """A role given to a column that was out puts it back: nobody names the date of a table and means it unused."""
    if role != ColumnRole.IGNORE and experiment.data_check.columns.filter(column=column, excluded=True).exists():
        catalog.include(experiment.data_check, column, user)
    catalog.set_role(experiment.data_check, column, role, user)


@require_POST
@for_editors
def experiment_finding(request: SignedInRequest, experiment: Experiment, finding_pk: int) -> HttpResponse:
    """Undo what the system did about a finding, or do it again."""
    finding = get_object_or_404(Finding.objects.select_related("check_of", "column"), pk=finding_pk,
                                check_of=experiment.data_check)  # fmt: skip
    if request.POST.get("act") == "redo":
        return _decide(request, experiment, lambda: catalog.redo_finding(finding, request.user))
    return _decide(request, experiment, lambda: catalog.undo_finding(finding, request.user),
                   _("Undone: %(columns)s back in") % {"columns": ", ".join(finding.columns)})  # fmt: skip


@require_POST
@for_editors
def experiment_findings(request: SignedInRequest, experiment: Experiment, code: str) -> HttpResponse:
    """Undo or do again what was done about all findings of one kind."""
    act = catalog.redo_all if request.POST.get("act") == "redo" else catalog.undo_all
    return _decide(request, experiment, lambda: act(experiment.data_check, code, request.user))


def _decide(request: SignedInRequest, experiment: Experiment, act: Any, said: str = "") -> HttpResponse:
    """Do it, or say why it cannot be done; then show the page again."""
    try:
        act()
    except ExperimentError as error:
        messages.error(request, told(error.message, error.params))
    else:
        if said:
            messages.success(request, said)
    return _back(experiment)


def _back(experiment: Experiment) -> HttpResponse:
    return redirect("experiment_data", experiment.pk)


EXPERIMENT = "experiments/<int:pk>"
urlpatterns = [
    path("experiments/new/", experiment_new, name="experiment_new"),
    path(f"{EXPERIMENT}/data/", experiment_data, name="experiment_data"),
    path(f"{EXPERIMENT}/data/columns.csv", experiment_columns_csv, name="experiment_columns_csv"),
    path(f"{EXPERIMENT}/data/target/", experiment_target, name="experiment_target"),
    path(f"{EXPERIMENT}/data/columns/<int:column_pk>/", experiment_column, name="experiment_column"),
    path(f"{EXPERIMENT}/data/findings/all/<slug:code>/", experiment_findings, name="experiment_findings"),
    path(f"{EXPERIMENT}/data/findings/<int:finding_pk>/", experiment_finding, name="experiment_finding"),
]
