"""Reads of jobs worth a name."""

from jobs.models import Job, JobState


def jobs_ahead_of(job: Job) -> int:
    """Count what the workers of a job's queue are at, or will take up before it; paused work takes no worker."""
    same_queue = Job.objects.filter(queue=job.queue)
    waiting = same_queue.filter(state=JobState.QUEUED, created_at__lt=job.created_at).count()
    return waiting + same_queue.filter(state=JobState.RUNNING).count()
