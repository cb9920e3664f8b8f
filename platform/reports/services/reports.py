"""Asking for a report, cancelling it, handing it out, throwing it away."""

from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse

from accounts.models import User
from audit.services import record
from common.language import reader_language
from common.storage import open_file
from experiments.errors import gettext_noop
from jobs import services as jobs
from registry.models import ModelVersion
from reports.errors import ReportError
from reports.job_kinds import JobKind
from reports.models import Report, ReportForm, ReportLanguage
from reports.queries import why_no_pdf
from training.models import Experiment, LeaderboardRow

NO_MODEL = gettext_noop("No model of this finalist was saved, so there is nothing to report on.")
NO_PDF = gettext_noop("This server cannot produce PDF. Request a web page or a Word file.")
NOT_MADE = gettext_noop("This report is not ready yet.")
NO_PAGE = gettext_noop("No report of this version has been made as a web page yet. Request one first.")
CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@transaction.atomic
def ask(
    user: User,
    row: LeaderboardRow,
    version: ModelVersion | None = None,
    *,
    form: str,
    language: str,
    gain: float | None = None,
    cost: float | None = None,
) -> Report:
    """Have a worker make a report; one of the same that is under way is taken in its place.

    Parameters
    ----------
    gain, cost : the money at stake, as the page on which a cut-off is chosen asks for it; profit is told with both.

    Raises
    ------
    ReportError : the finalist has no model, or no PDF can be made here.
    """
    if not row.model_path:
        raise ReportError(NO_MODEL)
    if form == ReportForm.PDF and why_no_pdf() is not None:
        raise ReportError(NO_PDF)
    LeaderboardRow.objects.select_for_update().get(pk=row.pk)
    asked = {"leaderboard_row": row, "version": version, "form": form, "language": language, "gain": gain, "cost": cost}
    for report in Report.objects.filter(**asked, made_at=None).select_related("job"):
        if report.is_under_way:
            return report
    workspace = row.experiment.workspace
    report = Report.objects.create(
        **asked, owner=user,
        model_hash=version.artifact_hash if version else row.model_hash,
    )  # fmt: skip
    report.job = jobs.enqueue(JobKind.REPORT, workspace=workspace, owner=user, subject_id=report.pk, size=0)
    report.save(update_fields=["job"])
    record(user, "report.asked", workspace=workspace, obj=report, details={"form": form, "language": language})
    return report


def ask_for_sample(experiment: Experiment) -> None:
    """Have a report ready in the sample workspace: on the recommended model, in Chinese."""
    row = experiment.leaderboard.filter(is_recommended=True).exclude(model_path="").first()
    if experiment.is_sample and row is not None and not Report.objects.filter(leaderboard_row=row).exists():
        ask(experiment.owner, row, form=ReportForm.DOCX, language=ReportLanguage.ZH)


def cancel(report: Report, user: User) -> None:
    """Stop the making of a report."""
    if report.job is None or not report.is_under_way:
        return
    record(user, "report.cancelled", workspace=report.leaderboard_row.experiment.workspace, obj=report)
    jobs.request_cancel(report.job)


def let_go(experiment: Experiment) -> list[str]:
    """Stop the reports on an experiment that is thrown away, and return the folders of those that were made."""
    found = Report.objects.filter(leaderboard_row__experiment=experiment).select_related("job")
    for report in found:
        if report.job is not None and report.is_under_way:
            jobs.request_cancel(report.job)
    return [report.folder for report in found]


def newest_page(reports: QuerySet[Report]) -> Report:
    """Return the newest of some reports that is a web page, in the reader's language if there is one.

    Raises
    ------
    ReportError : none has been made.
    """
    pages = reports.filter(form=ReportForm.HTML).exclude(made_at=None).order_by("-made_at", "-pk")
    found = pages.filter(language=reader_language()).first() or pages.first()
    if found is None:
        raise ReportError(NO_PAGE)
    return found


def file_of(report: Report, user: User) -> FileResponse:
    """Answer with the file, on record.

    Raises
    ------
    ReportError : it has not been made.
    """
    if not report.is_made:
        raise ReportError(NOT_MADE)
    record(
        user, "report.downloaded", workspace=report.leaderboard_row.experiment.workspace, obj=report,
        details={"form": report.form, "report_sha256": report.sha256},
    )  # fmt: skip
    name = f"report-{report.leaderboard_row.experiment_id}-{report.leaderboard_row.candidate}-{report.language}"
    return FileResponse(
        open_file(report.path), as_attachment=True, filename=f"{name}.{report.form}",
        content_type=CONTENT_TYPES[report.form],
    )  # fmt: skip
