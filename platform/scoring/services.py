"""Starting to score a file with a champion."""

import shutil
from dataclasses import dataclass, field, replace
from functools import partial

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop

from accounts.models import User
from accounts.permissions import require_edit, require_view
from audit.services import record
from catalog import storage
from catalog.models import DatasetVersion
from catalog.reading import Reading
from common.storage import local_path
from experiments.artifact.needed_columns import MISSING_COLUMNS
from experiments.errors import ExperimentError
from experiments.scoring.formats.csv import CSV
from jobs.services import enqueue, request_cancel
from registry.models import ModelVersion
from registry.queries.signed import require_champion
from scenarios.models import ChosenList, Scenario
from scoring.appending import list_chosen, source_code
from scoring.columns import inputs_of
from scoring.job_kinds import JobKind
from scoring.models import Headings, ScoringJob

OTHER_MODEL = gettext_noop(
    "This scenario was saved for another model, not for that of %(version)s. Choose one that was saved for it."
)


DELETED = gettext_noop("These scores have been deleted. Score the customers again.")
STILL_SCORES = gettext_noop("This scoring has not ended. Cancel it first, or let it finish.")


class ScoringError(ExperimentError):
    """A file that cannot be scored, with the reason."""


@dataclass(frozen=True)
class Wanted:
    """How the scores are to leave.

    Attributes
    ----------
    file_format : a format that people read; the others are written beside it.
    headings : names for machines, or words in the language of the reasons.
    language : of reasons, headings and the data dictionary; that of the person where nothing is said.
    scenario_id : by which customers are chosen from the scores, if by any.
    """

    file_format: str = CSV.name
    headings: str = Headings.NAMES
    language: str | None = None
    scenario_id: int | None = None

    @property
    def spoken(self) -> str:
        return self.language or get_language() or "en"


def start_scoring(
    user: User,
    version: ModelVersion,
    uploaded_file: File,
    *,
    language: str | None = None,
    reading: Reading | None = None,
    wanted: Wanted | None = None,
) -> ScoringJob:
    """Keep the file and have the worker score it with the champion; reasons come in the starter's language.

    ``reading`` holds what the person chose for reading the file, as for an upload.
    """
    require_view(user, version)
    require_usable(version)
    wanted = replace(wanted or Wanted(), language=language) if language else wanted or Wanted()
    kept = storage.keep(uploaded_file)
    source = Source(kept.name, kept.path, kept.size, reading=reading or Reading())
    try:
        return store_scoring(user, version, source, wanted)
    except BaseException:
        storage.forget(kept)
        raise


def score_version(
    user: User, version: ModelVersion, table: DatasetVersion, *, wanted: Wanted | None = None
) -> ScoringJob:
    """Have the worker score a table that is here already, as it was read, or as a join made it."""
    require_view(user, version, table)
    require_usable(version)
    if table.dataset.workspace_id != version.registered_model.workspace_id:
        raise PermissionDenied
    if not table.is_ready:
        raise ScoringError(gettext_noop("%(table)s has not been read yet, so it cannot be scored."), table=str(table))
    lacking = lacking_columns(version, table)
    if lacking:
        raise ScoringError(MISSING_COLUMNS, count=len(lacking), columns=", ".join(lacking[:10]))
    source = Source(str(table)[:200], table.parquet_path, table.size_bytes, version=table)
    return store_scoring(user, version, source, wanted or Wanted())


def lacking_columns(version: ModelVersion, table: DatasetVersion) -> list[str]:
    """Return the columns that a model needs and a table has not."""
    present = set(table.columns.values_list("name", flat=True))
    return [column.name for column in inputs_of(version) if column.is_needed and column.name not in present]


@dataclass(frozen=True)
class Source:
    """What is scored: a file that was kept, or a version of a dataset."""

    name: str
    path: str
    size: int
    reading: Reading = field(default_factory=Reading)
    version: DatasetVersion | None = None


@transaction.atomic
def store_scoring(user: User, version: ModelVersion, source: Source, wanted: Wanted) -> ScoringJob:
    workspace = version.registered_model.workspace
    scenario = scenario_for(version, wanted.scenario_id)
    scoring_job = ScoringJob.objects.create(
        workspace=workspace,
        model_version=version,
        owner=user,
        file_name=source.name,
        source_path=source.path,
        source_version=source.version,
        size_bytes=source.size,
        language=wanted.spoken,
        file_format=wanted.file_format,
        headings=wanted.headings,
        scenario=scenario,
        scenario_name=scenario.name if scenario else "",
        reading=source.reading.to_json(),
    )
    scoring_job.job = enqueue(
        JobKind.SCORING, workspace=workspace, owner=user, subject_id=scoring_job.pk, size=source.size
    )
    scoring_job.save(update_fields=["job"])
    told = source.reading.told()
    details = {
        "file": source.name,
        "model_version": str(version),
        "artifact": version.artifact_hash,
        **({"dataset_version": source.version.pk} if source.version else {}),
        **({"reading": told} if told else {}),
        **({"scenario": scenario.name} if scenario else {}),
    }
    record(user, "scoring_job.started", workspace=workspace, obj=scoring_job, details=details)
    return scoring_job


def scenario_for(version: ModelVersion, scenario_id: int | None) -> Scenario | None:
    """Return a scenario of the very model that scores; a cut-off means nothing to another.

    Raises
    ------
    ScoringError : it is of another model, or not there.
    """
    if scenario_id is None:
        return None
    scenario = Scenario.objects.filter(pk=scenario_id, leaderboard_row=version.leaderboard_row_id).first()
    if scenario is None:
        raise ScoringError(OTHER_MODEL, version=str(version))
    return scenario


@transaction.atomic
def choose_from(scoring_job: ScoringJob, scenario: Scenario, user: User) -> ChosenList:
    """Have the customers listed that a scenario chooses from finished scores.

    Raises
    ------
    ScoringError : the scenario is of another model.
    """
    scenario_for(scoring_job.model_version, scenario.pk)
    # Locked, so that nobody deletes the scores between the look and the list.
    if ScoringJob.objects.select_for_update().get(pk=scoring_job.pk).is_deleted:
        raise ScoringError(DELETED)
    return list_chosen(scoring_job, scenario, user)


def require_usable(version: ModelVersion) -> None:
    if not version.is_champion:
        raise ScoringError(
            gettext_noop("%(version)s is not a champion, so it cannot be used for scoring."), version=str(version)
        )
    if version.has_expired:
        raise ScoringError(
            gettext_noop("%(version)s expired on %(day)s. Have it approved again before scoring with it."),
            version=str(version),
            day=version.expires_on.isoformat() if version.expires_on else "",
        )
    require_champion(version)


@transaction.atomic
def delete_scores(scoring_job: ScoringJob, user: User) -> None:
    """Delete what was scored: the scores, the rows that were kept, and the file that was uploaded.

    That a version scored a file, and when, stays on record; so do the lists that were chosen from the scores.

    Raises
    ------
    ScoringError : it has not ended.
    """
    require_edit(user, scoring_job)
    row = ScoringJob.objects.select_for_update().get(pk=scoring_job.pk)
    if row.is_deleted:
        return
    if not row.has_ended:
        raise ScoringError(STILL_SCORES)
    for chosen in ChosenList.objects.filter(source=source_code(row), made_at=None).select_related("job"):
        if chosen.job is not None and chosen.is_under_way:
            request_cancel(chosen.job)
    details = {"file": row.file_name, "rows": row.row_count}
    record(user, "scoring_job.deleted", workspace=row.workspace, obj=row, details=details)
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    folders = [local_path(row.folder)]
    if row.source_version_id is None and row.source_path.startswith(f"{storage.FOLDER}/"):
        # An upload has a folder of its own; a data version that was scored stays.
        folders.append(local_path(row.source_path).parent)
    for folder in folders:
        transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))


def cancel_scoring(scoring_job: ScoringJob, user: User) -> None:
    """Ask the worker to stop; nothing of the output is kept."""
    if scoring_job.job is None or scoring_job.job.is_terminated:
        return
    with transaction.atomic():
        request_cancel(scoring_job.job)
        record(user, "scoring_job.cancel_requested", workspace=scoring_job.workspace, obj=scoring_job)
