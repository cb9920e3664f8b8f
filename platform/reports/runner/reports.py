"""The work of making a report: the model is verified, what is on record is gathered, the file appears whole."""

import hashlib
import shutil
from pathlib import Path

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from accounts.models import Workspace
from audit.services import record
from common.storage import local_path, new_folder
from experiments.data.schema import file_hash
from experiments.report import make_report
from jobs.context import JobContext
from jobs.models import Job
from registry.queries.signed import sealed_folder_of
from reports.errors import ReportError
from reports.evidence import background_of
from reports.models import Report, ReportForm
from reports.queries import used_in
from results.queries.act import stakes_of
from results.queries.evidence import untouched_folder_of

GATHERING = gettext_noop("Collecting the model's records")
WRITING = gettext_noop("Writing the report")
KEEPING = gettext_noop("Storing the report")
TEMPLATE_ALTERED = gettext_noop(
    "The Word template %(file)s is no longer the file that passed its trial. Upload it again, or reset to the "
    "standard template."
)
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def run(job: Job, context: JobContext) -> None:
    """Make a report; called again after a crash, it begins anew."""
    fetched = ("leaderboard_row__experiment__workspace", "version__registered_model")
    report = Report.objects.select_related("owner", *fetched).filter(pk=job.subject_id).first()
    if report is None or report.is_made:
        return
    context.progress(percent=5, stage=GATHERING)
    folder = _verified(report)
    with translation.override(LANGUAGES[report.language]):
        stakes = stakes_of(report.leaderboard_row.experiment, {"gain": report.gain, "cost": report.cost})
        # A finalist's paper tells what became of it: once submitted, its purpose and sign-offs are on record.
        version = report.version or report.leaderboard_row.model_versions.order_by("pk").last()
        known = background_of(report.leaderboard_row, version, timezone.localdate(), stakes)
    context.progress(percent=30, stage=WRITING)
    written = make_report(folder, report.form, language=report.language, known=known, template=_template_of(report))
    context.progress(percent=95, stage=KEEPING)
    _keep(report, written)


def _template_of(report: Report) -> Path | None:
    """Return the bank's own Word template, if it has set one, and note that the report is set in it.

    Noted at once: a template that a report is set in stays, whatever is set or brought while the report is written.

    Raises
    ------
    ReportError : the file is no longer the one that passed its trial.
    """
    if report.form != ReportForm.DOCX:
        return None
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=report.leaderboard_row.experiment.workspace_id)
        report.template = used_in(workspace)
        Report.objects.filter(pk=report.pk).update(template=report.template)
    if report.template is None:
        return None
    path = local_path(report.template.path)
    if not path.is_file() or file_hash(path) != report.template.sha256:
        raise ReportError(TEMPLATE_ALTERED, file=report.template.file_name)
    return path


def _verified(report: Report) -> Path:
    """Return the folder of the very model that was asked about; a changed one is refused."""
    if report.version is not None:
        return sealed_folder_of(report.version)
    return untouched_folder_of(report.leaderboard_row)


def _keep(report: Report, written: bytes) -> None:
    """Write the file, and then put on record what it is."""
    folder, name = report.folder, f"report.{report.form}"
    place = new_folder(folder, may_exist=True)
    (place / f".{name}").write_bytes(written)
    (place / f".{name}").replace(place / name)
    report.path, report.sha256, report.size_bytes = (
        f"{folder}/{name}",
        hashlib.sha256(written).hexdigest(),
        len(written),
    )
    report.made_at = timezone.now()
    kept = {name: getattr(report, name) for name in ("path", "sha256", "size_bytes", "made_at", "template")}
    if not Report.objects.filter(pk=report.pk).update(**kept):
        # The experiment was deleted meanwhile: nothing of its customers stays behind.
        shutil.rmtree(place)
        return
    record(
        report.owner, "report.made", workspace=report.leaderboard_row.experiment.workspace, obj=report,
        details={
            "form": report.form, "language": report.language, "report_sha256": report.sha256,
            **({"template_sha256": report.template.sha256} if report.template else {}),
        },
    )  # fmt: skip
