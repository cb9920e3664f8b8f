"""The work of making an export: the version is verified, the engine writes and proves, the file appears whole."""

import shutil

from django.utils import timezone
from django.utils.translation import gettext_noop

from audit.services import record
from common.storage import local_path, new_folder
from experiments.exports.making import Export as Made
from experiments.exports.making import export_model
from exports.models import Export
from jobs.context import JobContext
from jobs.models import Job
from registry.queries.signed import sealed_folder_of

VERIFYING = gettext_noop("Comparing the model's files with those registered")
WRITING = gettext_noop("Writing the model and comparing its scores")
FIRST, LAST = 5.0, 95.0


def run(job: Job, context: JobContext) -> None:
    """Make an export; called again after a crash, it begins anew."""
    fetched = ("owner", "version__registered_model__workspace", "version__author")
    export = Export.objects.select_related(*fetched).filter(pk=job.subject_id).first()
    if export is None or export.is_made:
        return
    context.progress(percent=FIRST, stage=VERIFYING)
    source = sealed_folder_of(export.version)
    # What a worker that was lost has left is no part of this one.
    shutil.rmtree(local_path(export.folder), ignore_errors=True)
    place = new_folder(export.folder)

    def on_progress(share: float) -> None:
        context.progress(percent=FIRST + share * (LAST - FIRST), stage=WRITING)

    try:
        made = export_model(
            source, local_path(export.path), form=export.form, dialect=export.dialect, on_progress=on_progress
        )
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    _keep(export, made)


def _keep(export: Export, made: Made) -> None:
    """Put on record what the file is, and what was proven of it."""
    export.sha256, export.size_bytes = made.sha256, made.size_bytes
    export.model_hash, export.made_at = export.version.artifact_hash, timezone.now()
    proof = made.proof.to_dict()
    kept = {name: getattr(export, name) for name in ("sha256", "size_bytes", "model_hash", "made_at")}
    if not Export.objects.filter(pk=export.pk).update(**kept, **proof):
        # It was deleted meanwhile: nothing of it stays behind.
        shutil.rmtree(local_path(export.folder), ignore_errors=True)
        return
    record(
        export.owner, "export.made", workspace=export.version.registered_model.workspace, obj=export,
        details=export.facts,
    )  # fmt: skip
