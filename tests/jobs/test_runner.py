"""A job's row tells the truth, whatever happens to the work."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User, Workspace
from experiments.errors import BadInput, Cancelled, FinishNow
from jobs import registry, services
from jobs.context import JobContext
from jobs.errors import LeaseLost
from jobs.lease import holder_is_dead, new_lease
from jobs.lifecycle import claim
from jobs.models import Job, JobState
from jobs.runner import run_job

pytestmark = pytest.mark.django_db
Enqueue = Callable[[Callable[[Job, JobContext], None]], Job]
ended: list[str] = []
works: list[Callable[[Job, JobContext], None]] = []


def run_work(job: Job, context: JobContext) -> None:
    works[-1](job, context)


@pytest.fixture
def enqueue(workspace: Workspace, analyst: User) -> Iterator[Enqueue]:
    registry.register("test", f"{__name__}.run_work", on_end=lambda job: ended.append(job.state))
    ended.clear()

    def put(what: Callable[[Job, JobContext], None]) -> Job:
        works.append(what)
        return services.enqueue("test", workspace=workspace, owner=analyst, subject_id=1)

    yield put
    registry._works.pop("test")


def test_a_job_that_returns_has_succeeded_and_its_subject_is_told(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: context.progress(percent=40, stage="Reading"))
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.percent, job.lease, ended) == (JobState.SUCCEEDED, 100.0, "", ["succeeded"])
    assert job.finished_at is not None


def test_an_expected_failure_keeps_its_sentence_and_its_parameters(enqueue: Enqueue) -> None:
    def fail(job: Job, context: JobContext) -> None:
        raise BadInput("The file has %(rows)s row.", rows=1)

    job = enqueue(fail)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_message, job.error_params) == ("failed", "The file has %(rows)s row.", {"rows": 1})
    assert (job.error_reference, ended) == ("", ["failed"])


def test_an_unexpected_failure_shows_a_reference_and_logs_the_traceback_masked(enqueue: Enqueue) -> None:
    def fail(job: Job, context: JobContext) -> None:
        raise ZeroDivisionError("token=xy_verysecretword")

    job = enqueue(fail)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error_reference.startswith("E-")
    line = job.log.get()
    assert line.is_technical
    assert "ZeroDivisionError" in line.params["traceback"]
    assert "verysecretword" not in line.params["traceback"]


def test_a_request_to_cancel_reaches_the_work_and_ends_it(enqueue: Enqueue) -> None:
    heard = []

    def long_work(job: Job, context: JobContext) -> None:
        services.request_cancel(job)
        try:
            context.heartbeat()
        except Cancelled:
            heard.append("cancelled")
            raise

    job = enqueue(long_work)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, heard, ended) == ("cancelled", ["cancelled"], ["cancelled"])


def test_a_request_to_finish_is_heard_once_and_the_job_succeeds(enqueue: Enqueue) -> None:
    def long_work(job: Job, context: JobContext) -> None:
        services.request_finish(job)
        with pytest.raises(FinishNow):
            context.heartbeat()
        context.heartbeat()

    job = enqueue(long_work)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "succeeded"


def test_a_job_that_waits_is_cancelled_at_once(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    services.request_cancel(job)
    assert (job.state, ended) == ("cancelled", ["cancelled"])
    assert run_job(job.pk) is None


def test_only_one_of_two_workers_gets_a_job(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    assert claim(job.pk) is not None
    assert claim(job.pk) is None


def test_a_worker_whose_lease_was_taken_writes_nothing_more(enqueue: Enqueue) -> None:
    def overtaken(job: Job, context: JobContext) -> None:
        Job.objects.filter(pk=job.pk).update(lease=new_lease())
        try:
            context.heartbeat()
        except LeaseLost:
            raise
        raise AssertionError("the loss of the lease must be heard")

    job = enqueue(overtaken)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, ended) == ("running", [])


def abandon(job: Job, **values: Any) -> None:
    """Leave a job as a killed worker leaves it: running, under the lease of a process that is gone."""
    machine = new_lease().split(":")[0]
    values = {"lease": f"{machine}:999999:1:dead", "attempts": 1, **values}
    Job.objects.filter(pk=job.pk).update(state="running", heartbeat_at=timezone.now(), **values)


def test_the_job_of_a_dead_worker_goes_back_to_the_queue_at_once(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job)
    assert services.recover_stale_jobs() == 1
    job.refresh_from_db()
    assert (job.state, job.lease) == ("queued", "")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("succeeded", 2)


def test_the_job_of_another_machine_is_left_alone_while_its_heart_beats(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job, lease="elsewhere:12:1:word")
    assert services.recover_stale_jobs() == 0
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=21))
    assert services.recover_stale_jobs() == 1


def test_a_living_worker_in_long_compiled_code_keeps_its_job(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job, lease=new_lease())
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    assert services.recover_stale_jobs() == 0


def test_a_job_that_kills_every_worker_is_given_up_with_a_sentence(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job, attempts=services.MAX_ATTEMPTS)
    services.recover_stale_jobs()
    job.refresh_from_db()
    assert (job.state, ended) == ("failed", ["failed"])
    assert "want of memory" in job.error_message


def test_a_cancel_that_no_worker_lived_to_hear_is_carried_out(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job, cancel_requested=True)
    services.recover_stale_jobs()
    job.refresh_from_db()
    assert (job.state, ended) == ("cancelled", ["cancelled"])


def test_a_lost_message_is_sent_again(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now() - timedelta(seconds=11))
    assert services.recover_stale_jobs() == 1
    assert services.recover_stale_jobs() == 0


def test_a_lease_knows_its_own_process_as_alive() -> None:
    lease = new_lease()
    machine, pid, started, word = lease.split(":")
    assert len(lease) <= 40
    assert holder_is_dead(lease) is False
    assert holder_is_dead(f"{machine}:{pid}:{int(started) - 100}:{word}") is True
    assert holder_is_dead(f"another:{pid}:{started}:{word}") is None
