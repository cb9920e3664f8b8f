"""The sign of life for machines: workers, queues and scheduler, told with reasons and without anybody's data."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from jobs import signs
from jobs.lifecycle import claim, take_back
from jobs.models import Job, JobState, SignOfLife
from jobs.queues import EXPERIMENTS, FILES, QUEUES, SMALL_FILES


def all_there(seen_at: Any = None) -> None:
    for name, queues in (*((queue, [queue]) for queue in QUEUES), ("scheduler", [])):
        SignOfLife.objects.update_or_create(
            name=name, defaults={"queues": queues, "seen_at": seen_at or timezone.now()}
        )


@pytest.fixture
def waiting(analyst: User) -> Callable[..., Job]:
    def wait(queue: str, seconds: int, **more: Any) -> Job:
        job = Job.objects.create(
            kind="ingest",
            workspace=analyst.memberships.get().workspace,
            owner=analyst,
            subject_id=1,
            queue=queue,
            **more,
        )
        Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(seconds=seconds))
        return job

    return wait


def health() -> tuple[int, list[str]]:
    answer = Client().get("/health/")
    return answer.status_code, answer.json()["reasons"]


def test_all_is_well_while_everyone_says_so(db: None) -> None:
    all_there()

    answer = Client().get("/health/")

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {
        "status": "ok",
        "reasons": [],
        "queues": [{"name": q, "workers": 1, "running": 0, "waiting": 0, "oldest_seconds": 0} for q in QUEUES],
        "schedulers": 1,
    }


def test_a_queue_without_a_worker_and_a_missing_scheduler_are_named(db: None) -> None:
    all_there()
    SignOfLife.objects.filter(name__in=[EXPERIMENTS, "scheduler"]).update(seen_at=timezone.now() - timedelta(minutes=1))

    assert health() == (
        503,
        [
            "No worker is taking jobs from the queue experiments.",
            "No scheduler is running, so jobs of a lost worker are not resumed.",
        ],
    )


def test_a_worker_that_is_at_work_says_so_by_its_job(waiting: Callable[..., Job]) -> None:
    all_there()
    SignOfLife.objects.filter(name=FILES).delete()
    waiting(FILES, 900)
    waiting(FILES, 1000, state=JobState.RUNNING, heartbeat_at=timezone.now())

    assert health() == (200, [])


def test_a_job_that_nobody_takes_is_told_with_its_wait(stopped_clock: datetime, waiting: Callable[..., Job]) -> None:
    all_there()
    waiting(SMALL_FILES, 30)
    assert health() == (200, [])
    waiting(SMALL_FILES, 95)

    status, (reason,) = health()
    assert status == 503
    assert reason.startswith("A job has waited in the queue small-files for 95 seconds")


def test_a_job_given_back_begins_to_wait_anew(waiting: Callable[..., Job]) -> None:
    all_there()
    job = claim(waiting(FILES, 4000).pk)
    assert job is not None
    take_back(job)

    assert health() == (200, [])


def test_a_database_that_does_not_answer_is_told_without_its_words(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("password of xiaoyu@10.0.0.7 refused")

    monkeypatch.setattr("jobs.views_health.health_of_jobs", fail)

    answer = Client().get("/health/")

    assert (answer.status_code, answer.json()["reasons"]) == (503, ["The database is not answering."])
    assert "10.0.0.7" not in answer.content.decode()


def test_a_load_balancer_may_ask_for_the_web_server_alone(db: None) -> None:
    assert Client().get("/health/").status_code == 503
    assert Client().get("/health/web/").json() == {"status": "ok"}


def test_what_is_told_is_told_in_the_language_of_who_asks(db: None) -> None:
    reasons = Client(headers={"Accept-Language": "zh-hans"}).get("/health/").json()["reasons"]

    assert reasons[0] == "没有工作进程处理队列 small-files 中的任务。"


@pytest.mark.slow
def test_a_real_worker_says_again_and_again_that_it_is_there_while_it_waits(tmp_path: Path) -> None:
    """With its own database and queue, as it is started by everyone."""
    root = Path(signs.__file__).parents[2]
    environment = {**os.environ, "XIAOYU_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment.pop("XIAOYU_DATABASE_URL", None)
    command = [sys.executable, "manage.py"]
    subprocess.run([*command, "migrate", "-v0"], cwd=root, env=environment, check=True)

    def seen() -> list[tuple[str, str]]:
        with sqlite3.connect(tmp_path / "xiaoyu.sqlite3") as database:
            return database.execute("select queues, seen_at from jobs_signoflife").fetchall()

    worker = subprocess.Popen([*command, "worker", "--queues=files"], cwd=root, env=environment)
    try:
        first = _until(seen)
        assert [queues for queues, _ in first] == ['["files"]']
        assert len(_until(lambda: seen() != first and seen())) == 1
    finally:
        for process in (*psutil.Process(worker.pid).children(recursive=True), worker):
            process.send_signal(signal.SIGKILL)
        worker.wait()


def _until(look: Callable[[], Any], seconds: float = 300) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError("it did not happen in time")
