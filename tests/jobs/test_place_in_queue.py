"""Whoever waits is told how much will be done before it is their turn."""

import pytest

from accounts.models import User, Workspace
from catalog.job_kinds import JobKind as FileWork
from jobs import services
from jobs.models import Job, JobState
from jobs.templatetags.jobs import place_in_queue
from training.job_kinds import JobKind

pytestmark = pytest.mark.database


def ask(workspace: Workspace, user: User, state: str = JobState.QUEUED, kind: str = JobKind.EXPERIMENT) -> Job:
    job = services.enqueue(kind, workspace=workspace, owner=user, subject_id=1)
    Job.objects.filter(pk=job.pk).update(state=state)
    return Job.objects.get(pk=job.pk)


def test_only_what_the_same_workers_will_do_first_is_ahead(workspace: Workspace, analyst: User) -> None:
    ask(workspace, analyst, JobState.RUNNING)
    ask(workspace, analyst)
    for state in (JobState.PAUSED, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED):
        ask(workspace, analyst, state)
    ask(workspace, analyst, kind=FileWork.INGEST)
    mine = ask(workspace, analyst)
    ask(workspace, analyst)

    assert place_in_queue(mine) == "In the queue, 2 jobs ahead"


def test_the_first_in_line_is_next(workspace: Workspace, analyst: User) -> None:
    assert place_in_queue(ask(workspace, analyst)) == "Next in the queue"
