"""The page of a model's validation reports: asking for one, its progress, its file."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, is_admin, require_edit
from accounts.requests import SignedInRequest
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from jobs.once import once
from registry.models import ModelVersion
from registry.queries.models import versions_in
from reports import queries
from reports.forms import ReportRequest
from reports.models import Report
from reports.services import reports as services
from results.queries.leaderboard import leaderboard_for
from results.views.chosen import chosen_line, for_viewers_of_results
from training.models import Experiment, LeaderboardRow
from training.words import words_for


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewers_of_results
@once
def candidate_reports(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The reports on a finalist of an experiment."""
    row = chosen_line(request, leaderboard_for(experiment)).row
    return _page(request, row, None)  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
@once
def version_reports(request: SignedInRequest, pk: int) -> HttpResponse:
    """The reports on a version of a model."""
    version = get_object_or_404(versions_in(request.workspace), pk=pk)
    return _page(request, version.leaderboard_row, version)


def _page(request: SignedInRequest, row: LeaderboardRow, version: ModelVersion | None) -> HttpResponse:
    missing = queries.why_no_pdf()
    form = ReportRequest(request.POST or None, has_pdf=missing is None, words=words_for(row.experiment))
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(request.user, row, version, **form.cleaned_data)
        except ExperimentError as refused:
            messages.error(request, told(refused.message, refused.params))
        return redirect(request.get_full_path())
    shown = {
        "form": form,
        "row": row,
        "version": version,
        "experiment": row.experiment,
        "reports": [_for_reader(one, request) for one in queries.reports_on(request.workspace, row, version)],
        "why_no_pdf": told(*missing) if missing else "",
        "may_set_template": is_admin(request.user, request.workspace),
    }
    return render(request, "reports/reports.html", shown)


@require_GET
@workspace_required
def report_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """One line of the list, asked for again while the report is being made."""
    return render(request, "reports/_line.html", {"report": _for_reader(_found(request, pk), request)})


@require_GET
@workspace_required
def report_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    try:
        return services.file_of(_found(request, pk), request.user)
    except (ExperimentError, FileNotFoundError) as missing:
        raise Http404 from missing


@require_POST
@workspace_required
def report_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    report = _found(request, pk)
    require_edit(request.user, report, _("Only the person who requested it, a modeler or an admin can cancel it."))
    services.cancel(report, request.user)
    messages.success(request, _("Stop requested."))
    if report.version_id:
        return redirect("version_reports", pk=report.version_id)
    row = report.leaderboard_row
    return redirect(
        f"{reverse('candidate_reports', args=[row.experiment_id])}?{urlencode({'candidate': row.candidate})}"
    )


def _for_reader(report: Report, request: SignedInRequest) -> Report:
    """Return a report that knows whether who looks at it may cancel it."""
    report.may_cancel = can_edit(request.user, report)  # type: ignore[attr-defined]
    return report


def _found(request: SignedInRequest, pk: int) -> Report:
    return get_object_or_404(queries.reports_in(request.workspace), pk=pk)
