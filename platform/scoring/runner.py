"""The work of scoring: the registered artifact is verified, the file is scored in chunks, the output appears whole."""

from collections import Counter
from typing import Any

import polars as pl
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from audit.services import record
from catalog.reading import Reading
from common.storage import exists, local_path, new_folder
from experiments.data.schema import file_hash
from experiments.errors import ExperimentError
from experiments.privacy.masking import masked, masked_throughout
from experiments.privacy.personal_patterns import matches
from experiments.progress import Event, Said, StageStarted, Tick
from experiments.scoring.batch import ScoringSummary, score_file
from experiments.scoring.formats import FORMATS
from jobs.models import Job, JobState
from privacy.protection import protect_values_as
from registry.models import ModelVersion, VersionState
from registry.queries.signed import sealed_folder_of
from scenarios.models import Scenario
from scoring.appending import list_chosen
from scoring.columns import headings_of
from scoring.models import Headings, ScoringJob, ScoringState

STAGE_SENTENCES = {"prepare": gettext_noop("Reading the file"), "score": gettext_noop("Scoring the customers")}
RETIRED = gettext_noop("No scores were made: %(version)s was retired before they were ready. Choose another model.")
SCENARIO_GONE = gettext_noop(
    "No list was made: the scenario “%(scenario)s” was deleted before the scores were ready. Choose another scenario."
)
OWNER_LEFT = gettext_noop(
    "No list was made by the scenario “%(scenario)s”: %(owner)s, who started the scoring, may no longer see it. "
    "Another member can choose the scenario here."
)
FETCHED = ("model_version", "source_version", "owner")
STATE_AFTER = {
    JobState.SUCCEEDED: ScoringState.FINISHED,
    JobState.FAILED: ScoringState.FAILED,
    JobState.CANCELLED: ScoringState.CANCELLED,
}


def run(job: Job, context: Any) -> None:
    """Score the file of a scoring job."""
    scoring_job = ScoringJob.objects.select_related(*FETCHED).get(pk=job.subject_id)
    ScoringJob.objects.filter(pk=scoring_job.pk).update(state=ScoringState.RUNNING)
    model_dir = sealed_folder_of(scoring_job.model_version)
    take_hash(scoring_job)
    folder = new_folder(scoring_job.folder, may_exist=True)
    summary = score_file(
        model_dir,
        local_path(scoring_job.source_path),
        outputs={name: folder / f"scores.{name}" for name in FORMATS},
        asked_for=scoring_job.file_format,
        headings=headings_of(scoring_job) if scoring_job.headings == Headings.WORDS else None,
        file_name=scoring_job.file_name,
        reading=Reading.from_json(scoring_job.reading).options(),
        reasons=4,
        language=scoring_job.spoken_language,
        protect_ids=protection_of_ids(scoring_job),
        keep_rows=None if scoring_job.source_version_id else local_path(scoring_job.rows_key),
        on_progress=listener(context, scoring_job.model_version),
    )
    keep_result(scoring_job, summary)
    if scoring_job.scenario_name:
        list_as_asked(scoring_job)


def list_as_asked(scoring_job: ScoringJob) -> None:
    """Have the customers listed that the scenario chooses; where that cannot be, the scores stay and say why."""
    try:
        with transaction.atomic():
            # The scenario may have been deleted since; locked, it stays until the list is asked for.
            asked = _scenario_of(scoring_job)
            if asked is not None:
                list_chosen(scoring_job, asked, scoring_job.owner)
                return
        why, params = SCENARIO_GONE, {"scenario": scoring_job.scenario_name}
    except PermissionDenied:
        why, params = OWNER_LEFT, {"owner": str(scoring_job.owner), "scenario": scoring_job.scenario_name}
    scoring_job.summary = {**scoring_job.summary, "no_list": {"message": why, "params": params}}
    scoring_job.save(update_fields=["summary"])


def _scenario_of(scoring_job: ScoringJob) -> Scenario | None:
    if scoring_job.scenario_id is None:
        return None
    return Scenario.objects.select_for_update().filter(pk=scoring_job.scenario_id).first()


def take_hash(scoring_job: ScoringJob) -> None:
    """Put on record which bytes are scored: a file that came piece by piece was not hashed on its way."""
    details = {"file": scoring_job.file_name, "sha256": file_hash(local_path(scoring_job.source_path))}
    record(scoring_job.owner, "scoring_job.hashed", workspace=scoring_job.workspace, obj=scoring_job, details=details)


def protection_of_ids(scoring_job: ScoringJob) -> Any:
    """Return what hides the ids in the scores where the model's own are personal data; nothing where they are not.

    A version of a dataset hides its own already; what is hidden twice can be joined to nothing.
    """
    experiment = scoring_job.model_version.leaderboard_row.experiment
    name = experiment.asked.id_column or ""
    table = scoring_job.source_version
    if table is not None and table.columns.filter(name=name).exclude(personal_data="").exists():
        return None
    column = experiment.version.columns.filter(name=name).first()
    return protect_values_as(column) if column else None


def require_not_retired(version: ModelVersion) -> None:
    """Raise once a version is retired, also while it scores: from then on nobody acts on its scores.

    Raises
    ------
    ExperimentError : it is.
    """
    if ModelVersion.objects.filter(pk=version.pk, state=VersionState.RETIRED).exists():
        raise ExperimentError(RETIRED, version=str(version))


def listener(context: Any, version: ModelVersion) -> Any:
    def hear(event: Event) -> None:
        require_not_retired(version)
        match event:
            case StageStarted(stage):
                context.progress(stage=STAGE_SENTENCES.get(stage, stage))
            case Said(message, params):
                context.say(message, params)
            case Tick(_elapsed, fraction):
                context.progress(percent=100 * fraction)

    return hear


def keep_result(scoring_job: ScoringJob, summary: ScoringSummary) -> None:
    plain = without_persons(summary.to_dict())
    paths = {name: f"{scoring_job.folder}/scores.{name}" for name in FORMATS}
    scoring_job.files = {name: path for name, path in paths.items() if exists(path)}
    scoring_job.summary, scoring_job.row_count = plain, summary.rows
    scoring_job.artifact_hash = summary.model_hash
    scoring_job.save(update_fields=["files", "summary", "row_count", "artifact_hash"])


def without_persons(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a summary in which the texts met in the file, which a page will show, tell of nobody."""
    cover = summary["cover"]
    levels = {column: hidden_words(found) for column, found in cover["unseen_levels"].items()}
    met = {
        column: {**found, "words": hidden_words(found["words"]), "examples": masked_throughout(found["examples"])}
        for column, found in cover["contradictions"].items()
    }
    return {**summary, "cover": {**cover, "unseen_levels": levels, "contradictions": met}}


def hidden_words(words: dict[str, int]) -> dict[str, int]:
    """Return words with their counts, numbers of persons masked, and of names of persons only the first letter."""
    texts = pl.Series(list(words), dtype=pl.String)
    # In a column of names some are always too rare to be told as such.
    are_names = len(texts) > 0 and bool(matches(texts, "name").mean() >= 0.5)  # type: ignore[operator]
    hidden: Counter[str] = Counter()
    for word, count in words.items():
        hidden[f"{word[:1]}**" if are_names else masked(word)] += count
    return dict(hidden)


def on_end(job: Job) -> None:
    """Give the scoring job the state its job ended in, whoever ended it."""
    state = STATE_AFTER.get(JobState(job.state))
    if not state:
        return
    ScoringJob.objects.filter(pk=job.subject_id).update(state=state, finished_at=timezone.now())
    if state != ScoringState.FINISHED:
        # Nobody can be explained of a list that there is not: the customers' rows do not stay behind.
        local_path(ScoringJob(pk=job.subject_id).rows_key).unlink(missing_ok=True)
