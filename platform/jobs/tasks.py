"""The Celery doorway: a job's id in, its work done."""

from celery import shared_task

from jobs.runner import run_job
from jobs.stopping import is_stopping


@shared_task(name="jobs.run")
def run(job_id: str) -> None:
    run_job(job_id, is_stopping=is_stopping)
