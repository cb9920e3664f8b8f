"""Asking for an export, cancelling it, handing it out, deleting it."""

import shutil
from functools import partial

from django.db import transaction
from django.http import FileResponse

from accounts.models import User
from audit.services import record
from common.storage import local_path, open_file
from experiments.data.schema import file_hash
from experiments.errors import gettext_noop
from exports.errors import ExportError
from exports.job_kinds import JobKind
from exports.models import Export, ExportForm
from exports.queries import refusals_of
from jobs import services as jobs
from registry.models import ModelVersion
from registry.queries.signed import sealed_folder_of
from training.models import Experiment

WITHOUT_DIALECT = gettext_noop("Choose the SQL dialect of your database.")
ONLY_SQL = gettext_noop("Only SQL has dialects; leave the dialect out.")
NOT_MADE = gettext_noop("This export is not ready yet.")
ALTERED = gettext_noop(
    "The file of this export is no longer the one that was verified. Delete the export and request it again."
)


def ask(user: User, version: ModelVersion, *, form: str, dialect: str = "") -> Export:
    """Have a worker make an export, unless there is one of this form or it is under way.

    Raises
    ------
    ExportError : the model cannot be had in this form, or the dialect is missing.
    ArtifactError : the version's files are not those that were registered.
    ModelServerAway, ModelServerRefused : nobody could say whether the model can be had in this form.
    """
    if form == ExportForm.SQL and not dialect:
        raise ExportError(WITHOUT_DIALECT).about("dialect")
    if form != ExportForm.SQL and dialect:
        raise ExportError(ONLY_SQL).about("dialect")
    sealed_folder_of(version)
    refusal = refusals_of(version)[form]
    if refusal is not None:
        raise ExportError(refusal.message, **refusal.params)
    return begin(user, version, form=form, dialect=dialect)


@transaction.atomic
def begin(user: User, version: ModelVersion, *, form: str, dialect: str = "") -> Export:
    """Put an export in the queue; where it is there or under way, that one is taken."""
    ModelVersion.objects.select_for_update().get(pk=version.pk)
    asked = {"version": version, "form": form, "dialect": dialect}
    found = Export.objects.filter(**asked).select_related("job").first()
    if found is not None and (found.is_made or found.is_under_way):
        return found
    export = found or Export(**asked)
    export.owner, export.model_hash = user, version.artifact_hash
    export.save()
    workspace = version.registered_model.workspace
    size = sum(path.stat().st_size for path in local_path(version.artifact_path).rglob("*") if path.is_file())
    export.job = jobs.enqueue(JobKind.EXPORT, workspace=workspace, owner=user, subject_id=export.pk, size=size)
    export.save(update_fields=["job"])
    record(user, "export.asked", workspace=workspace, obj=export, details=export.facts)
    return export


@transaction.atomic
def cancel(export: Export, user: User) -> None:
    """Stop the making of an export."""
    if export.job is None or not export.is_under_way:
        return
    record(user, "export.cancelled", workspace=export.version.registered_model.workspace, obj=export)
    jobs.request_cancel(export.job)


@transaction.atomic
def delete(export: Export, user: User) -> None:
    """Delete an export with its file; one that is under way is stopped."""
    if export.job is not None and export.is_under_way:
        jobs.request_cancel(export.job)
    record(
        user, "export.deleted", workspace=export.version.registered_model.workspace, obj=export,
        details=export.facts,
    )  # fmt: skip
    folder = local_path(export.folder)
    export.delete()
    transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))


def let_go(experiment: Experiment) -> list[str]:
    """Stop the exports of an experiment's versions, and return the folders of those that were made."""
    found = Export.objects.filter(version__leaderboard_row__experiment=experiment).select_related("job")
    for export in found:
        if export.job is not None and export.is_under_way:
            jobs.request_cancel(export.job)
    return [export.folder for export in found]


def file_of(export: Export, user: User) -> FileResponse:
    """Answer with the file, on record.

    Raises
    ------
    ExportError : it has not been made, or is no longer the one that was verified.
    ArtifactError : the version's files are not those that were registered.
    FileNotFoundError : the file is gone.
    """
    if not export.is_made:
        raise ExportError(NOT_MADE)
    sealed_folder_of(export.version)
    if file_hash(local_path(export.path)) != export.sha256:
        raise ExportError(ALTERED)
    record(
        user, "export.downloaded", workspace=export.version.registered_model.workspace, obj=export,
        details=export.facts,
    )  # fmt: skip
    name = "-".join(part for part in (f"model-{export.version_id}-v{export.version.number}", export.form,
                                      export.dialect) if part)  # fmt: skip
    return FileResponse(
        open_file(export.path), as_attachment=True, filename=f"{name}.zip", content_type="application/zip"
    )
