"""Starting to score a file with a champion."""

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import get_language, gettext_noop

from accounts.models import User
from accounts.permissions import can_view
from audit.services import record
from catalog import storage
from catalog.reading import Reading
from experiments.errors import ExperimentError
from jobs.models import JobKind
from jobs.services import enqueue, request_cancel
from registry.approved import require_champion
from registry.models import ModelVersion
from scoring.models import ScoringJob


class ScoringError(ExperimentError):
    """A file that cannot be scored, with the reason."""


def start_scoring(
    user: User,
    version: ModelVersion,
    uploaded_file: File,
    *,
    language: str | None = None,
    reading: Reading | None = None,
) -> ScoringJob:
    """Keep the file and have the worker score it with the champion; reasons come in the starter's language.

    ``reading`` holds what the person chose for reading the file, as for an upload.
    """
    if not can_view(user, version):
        raise PermissionDenied
    require_usable(version)
    kept = storage.keep(uploaded_file)
    try:
        return store_scoring(
            user, version, kept, language=language or get_language() or "en", reading=reading or Reading()
        )
    except BaseException:
        storage.forget(kept)
        raise


@transaction.atomic
def store_scoring(
    user: User, version: ModelVersion, kept: storage.KeptFile, *, language: str, reading: Reading
) -> ScoringJob:
    workspace = version.registered_model.workspace
    scoring_job = ScoringJob.objects.create(
        workspace=workspace,
        model_version=version,
        owner=user,
        file_name=kept.name,
        source_path=kept.path,
        size_bytes=kept.size,
        language=language,
        reading=reading.to_json(),
    )
    scoring_job.job = enqueue(
        JobKind.SCORING, workspace=workspace, owner=user, subject_id=scoring_job.pk, size=kept.size
    )
    scoring_job.save(update_fields=["job"])
    details = {
        "file": kept.name,
        "model_version": str(version),
        "artifact": version.artifact_hash,
        **({"reading": reading.told()} if reading.told() else {}),
    }
    record(user, "scoring_job.started", workspace=workspace, obj=scoring_job, details=details)
    return scoring_job


def require_usable(version: ModelVersion) -> None:
    if not version.is_champion:
        raise ScoringError(gettext_noop("%(version)s is not a champion, so it may not score."), version=str(version))
    if version.has_expired:
        raise ScoringError(
            gettext_noop("%(version)s expired on %(day)s. Have it approved again before it scores."),
            version=str(version),
            day=version.expires_on.isoformat() if version.expires_on else "",
        )
    require_champion(version)


def cancel_scoring(scoring_job: ScoringJob, user: User) -> None:
    """Ask the worker to stop; nothing of the output is kept."""
    if scoring_job.job is None or scoring_job.job.is_terminated:
        return
    with transaction.atomic():
        request_cancel(scoring_job.job)
        record(user, "scoring_job.cancel_requested", workspace=scoring_job.workspace, obj=scoring_job)
