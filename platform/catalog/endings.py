"""What a dataset or a check is told when its job ends; light, because a web server tells it too."""

from catalog import storage
from catalog.models import DatasetVersion, JoinPlan, VersionState
from common.storage import local_path
from experiments.data.workspace import sweep
from jobs.models import Job, JobState


def on_ingest_end(job: Job) -> None:
    """A file that could not be read leaves a version that says so, and no Parquet."""
    if job.state == JobState.SUCCEEDED:
        return
    version = DatasetVersion.objects.filter(pk=job.subject_id, state=VersionState.INGESTING).first()
    if version is None:
        return
    DatasetVersion.objects.filter(pk=version.pk).update(state=VersionState.FAILED)
    local_path(storage.parquet_beside(version.source_path)).unlink(missing_ok=True)
    # A reader that was killed over its limits could not tidy up.
    sweep(local_path(version.source_path).parent)


def on_join_end(job: Job) -> None:
    """A join that did not come to its end is failed where it was to make a table; a preview leaves it as it was."""
    if job.state == JobState.SUCCEEDED:
        return
    running = JoinPlan.objects.filter(pk=job.subject_id, job=job, state=JoinPlan.State.RUNNING)
    state = JoinPlan.State.FAILED if job.state == JobState.FAILED else JoinPlan.State.DRAFT
    running.update(state=state)
