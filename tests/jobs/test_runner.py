"""A job's row tells the truth, whatever happens to the work."""

import errno
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from accounts.models import User, Workspace
from experiments.disk import DISK_FULL
from experiments.errors import BadInput, Cancelled, FinishNow
from jobs import outage, registry, runner, services
from jobs.context import JobContext
from jobs.errors import LeaseLost
from jobs.lease import holder_is_dead, new_lease
from jobs.lifecycle import claim
from jobs.models import Job, JobLogLine, JobState
from jobs.registry import JobRunner
from jobs.runner import run_job

pytestmark = [pytest.mark.django_db, pytest.mark.database]
Enqueue = Callable[..., Job]
ended: list[str] = []
paused: list[str] = []
works: list[Callable[[Job, JobContext], None]] = []


class Tried(JobRunner):
    """Whatever a test has put in."""

    name, label = "test", "Test"

    def run(self, context: JobContext) -> None:
        works[-1](self.job, context)

    def on_end(self) -> None:
        ended.append(self.job.state)

    def on_pause(self) -> None:
        paused.append(self.job.state)


class TriedOnce(JobRunner):
    """What cannot go on from where it was."""

    name, label = "test-once", "Test"

    def run(self, context: JobContext) -> None:
        works[-1](self.job, context)


def test_two_kinds_of_work_do_not_share_a_name_and_one_may_be_loaded_again() -> None:
    same = {"name": "test-once", "label": "Test", "run": TriedOnce.run, "__module__": __name__}
    with pytest.raises(ImproperlyConfigured, match="TriedOnce"):
        type("Other", (JobRunner,), same)
    assert registry.kind_named("test-once") is TriedOnce

    try:
        loaded_again = type("TriedOnce", (JobRunner,), same)
        assert registry.kind_named("test-once") is loaded_again
    finally:
        registry._kinds["test-once"] = TriedOnce


@pytest.fixture
def enqueue(workspace: Workspace, analyst: User) -> Enqueue:
    ended.clear()
    paused.clear()

    def put(what: Callable[[Job, JobContext], None], kind: type[JobRunner] = Tried) -> Job:
        works.append(what)
        return services.enqueue(kind.name, workspace=workspace, owner=analyst, subject_id=1)

    return put


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


def test_a_sentence_and_a_line_of_the_log_quote_no_number_of_a_person(enqueue: Enqueue) -> None:
    def fail(job: Job, context: JobContext) -> None:
        context.say("Read %(cell)s", {"cell": "转13912345678"})
        told = {"message": "It is %(value)s.", "params": {"value": "li.wei@example.com"}}
        raise BadInput("%(value)s is none of %(values)s. %(more)s", value="13912345678", values=["a", "b"], more=told)

    job = enqueue(fail)
    run_job(job.pk)
    job.refresh_from_db()

    assert job.error_params["value"] == "139****5678"
    assert job.error_params["values"] == ["a", "b"]
    assert "li.wei" not in str(job.error_params)
    assert job.log.get().params == {"cell": "转139****5678"}


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


def test_a_disk_that_is_full_is_told_as_such_whichever_library_met_it(enqueue: Enqueue) -> None:
    for error in (OSError(errno.ENOSPC, "No space left on device"), RuntimeError("IO Error: No space left on device")):

        def fail(job: Job, context: JobContext, error: Exception = error) -> None:
            raise error

        job = enqueue(fail)
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.error_message, job.error_reference) == ("failed", DISK_FULL, "")


@pytest.mark.django_db(transaction=True)
def test_a_job_under_which_the_database_goes_away_is_given_back_and_goes_on(enqueue: Enqueue) -> None:
    def fail_once(job: Job, context: JobContext) -> None:
        if job.attempts == 1:
            raise OperationalError("server closed the connection unexpectedly")

    job = enqueue(fail_once)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.lease, job.attempts) == ("queued", "", 1)
    assert job.log.get().message == runner.DATABASE_WAS_AWAY

    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("succeeded", 2)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_never_keeps_its_database_is_given_up_with_a_sentence(enqueue: Enqueue) -> None:
    def fail(job: Job, context: JobContext) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    job = enqueue(fail)
    for _ in range(runner.MAX_ATTEMPTS):
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_message) == ("failed", runner.AWAY_TOO_OFTEN)


@pytest.mark.django_db(transaction=True)
def test_what_must_be_written_is_written_when_the_database_is_back(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue(lambda job, context: context.say("Read"))
    refusals = iter([OperationalError("gone"), InterfaceError("connection already closed")])
    real = JobLogLine.objects.create

    def create(**values: Any) -> Any:
        if (error := next(refusals, None)) is not None:
            raise error
        return real(**values)

    monkeypatch.setattr(outage, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(JobLogLine.objects, "create", create)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, [line.message for line in job.log.all()]) == ("succeeded", 1, ["Read"])


def test_silence_says_nothing_just_after_the_database_was_away(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job, lease="elsewhere:12:1:word")
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    assert services.recover_stale_jobs(trusts_silence=False) == 0
    assert services.recover_stale_jobs() == 1


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


def pause_asked_for(job: Job, context: JobContext) -> None:
    services.request_pause(job)
    context.heartbeat()
    raise AssertionError("a wish for a pause must be heard")


def test_a_paused_job_lets_go_of_its_worker_and_its_subject_is_told(enqueue: Enqueue) -> None:
    job = enqueue(pause_asked_for)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.lease, job.pause_requested, job.finished_at) == ("paused", "", False, None)
    assert (paused, ended) == (["paused"], [])


def test_a_paused_job_is_taken_by_no_worker_and_no_recovery(enqueue: Enqueue) -> None:
    job = enqueue(pause_asked_for)
    run_job(job.pk)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(days=3), sent_at=None)
    assert services.recover_stale_jobs() == 0
    assert run_job(job.pk) is None
    job.refresh_from_db()
    assert job.state == "paused"


def test_a_resumed_job_is_queued_again_and_done(
    enqueue: Enqueue, django_capture_on_commit_callbacks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue(pause_asked_for)
    run_job(job.pk)
    works.append(lambda job, context: None)
    sent: list[Any] = []
    monkeypatch.setattr(services, "send", lambda job: sent.append(job.pk))
    with django_capture_on_commit_callbacks(execute=True):
        services.request_resume(job)
        services.request_resume(job)
    assert (job.state, sent, paused) == ("queued", [job.pk], ["paused", "queued"])
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("succeeded", 1)


def test_a_job_that_waits_is_paused_at_once(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    services.request_pause(job)
    assert (job.state, paused) == ("paused", ["paused"])


def test_a_wish_for_a_pause_that_is_taken_back_gives_the_job_to_the_queue(enqueue: Enqueue) -> None:
    def change_of_mind(job: Job, context: JobContext) -> None:
        services.request_pause(job)
        try:
            context.heartbeat()
        finally:
            services.request_resume(job)

    job = enqueue(change_of_mind)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, paused) == ("queued", [])


def test_a_pause_that_no_worker_lived_to_hear_is_carried_out(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job, pause_requested=True)
    services.recover_stale_jobs()
    job.refresh_from_db()
    assert (job.state, paused) == ("paused", ["paused"])


def test_a_paused_job_is_cancelled_at_once(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    services.request_pause(job)
    services.request_cancel(job)
    assert (job.state, ended) == ("cancelled", ["cancelled"])


def test_a_paused_job_that_is_to_finish_goes_on_to_do_so(enqueue: Enqueue) -> None:
    heard = []

    def long_work(job: Job, context: JobContext) -> None:
        try:
            context.heartbeat()
        except FinishNow:
            heard.append("finish")

    job = enqueue(long_work)
    services.request_pause(job)
    services.request_finish(job)
    assert job.state == "queued"
    run_job(job.pk)
    assert heard == ["finish"]


def test_a_run_that_is_ending_anyway_is_not_paused(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    services.request_finish(job)
    services.request_pause(job)
    assert job.state == "queued"


def test_work_that_cannot_go_on_later_is_not_paused(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None, TriedOnce)
    services.request_pause(job)
    job.refresh_from_db()
    assert (job.state, job.pause_requested) == ("queued", False)


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
    assert "ran out of memory" in job.error_message


def test_a_cancel_that_no_worker_lived_to_hear_is_carried_out(enqueue: Enqueue) -> None:
    job = enqueue(lambda job, context: None)
    abandon(job, cancel_requested=True)
    services.recover_stale_jobs()
    job.refresh_from_db()
    assert (job.state, ended) == ("cancelled", ["cancelled"])


def test_a_lost_message_is_sent_again(enqueue: Enqueue, stopped_clock: datetime) -> None:
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
