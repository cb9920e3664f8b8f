"""The Celery doorway: a job's id in, its work done."""

from celery import shared_task

from jobs.confinement import run_confined


@shared_task(name="jobs.run")
def run(job_id: str) -> None:
    run_confined(job_id)
