"""What a job costs is the job: its worker lives, the next one is done, and a small one waits for no large one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.limits import limits_in, most_memory
from jobs.queues import EXPERIMENTS, FILES, QUEUES, SMALL_BYTES, SMALL_FILES, queue_for
from tests.platform_process import PlatformProcess, wait_until

BUSY_SECONDS = 240
SMALL = 1_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    process = PlatformProcess(Path(tmp_path_factory.mktemp("confined")) / "var")
    process.start()
    yield process
    process.stop_for_good()


def ended(platform: PlatformProcess, *jobs: str) -> list[tuple[Any, ...]]:
    """Wait for the end of jobs and return state, attempts and sentence of each."""
    for job in jobs:
        wait_until(lambda job=job: platform.job(job)[0] not in ("queued", "running"), BUSY_SECONDS, "the job has ended")
    return [platform.row(job, "state, attempts, error_message") for job in jobs]


@pytest.mark.slow
def test_a_job_whose_process_dies_fails_at_once_with_a_sentence_and_its_worker_lives(platform: PlatformProcess) -> None:
    worker = platform.child("worker for files")
    kinds = ("greedy", "greedy_natively", "broken", "panicking")
    greedy, native, broken, panicking, last = ended(
        platform, *platform.enqueue(*[(kind, 1, None) for kind in kinds], ("count", 1, None))
    )
    assert [state for state, _attempts, _words in (greedy, native, broken, panicking)] == ["failed"] * 4
    assert {attempts for _state, attempts, _words in (greedy, native, broken, panicking)} == {1}
    assert "more than %(limit)s GB of memory" in greedy[2]
    assert greedy[2] == native[2]
    assert "crashed" in broken[2]
    assert panicking[2] == ""  # a reference is shown instead
    assert last[:2] == ("succeeded", 1)
    assert platform.child("worker for files") == worker


@pytest.mark.slow
def test_small_files_pass_a_large_one(platform: PlatformProcess) -> None:
    large, *small = platform.enqueue(("sleeping", 600, None), ("count", 2, SMALL), ("count", 2, SMALL))
    assert [state for state, *_ in ended(platform, *small)] == ["succeeded", "succeeded"]
    assert platform.job(large)[0] == "running"
    assert platform.manage("shell", "-c", f"from jobs.models import Job; from jobs.services import request_cancel; "
                           f"request_cancel(Job.objects.get(pk='{large}'))").returncode == 0  # fmt: skip


@pytest.mark.slow
def test_a_small_file_that_takes_long_goes_on_among_the_large_ones(platform: PlatformProcess) -> None:
    long, idle, short = platform.enqueue(("working", 500, SMALL), ("sleeping", 500, SMALL), ("count", 1, SMALL))
    wait_until(lambda: platform.row(long, "queue")[0] == FILES, BUSY_SECONDS, "the long one was handed over")
    wait_until(lambda: platform.row(idle, "queue")[0] == FILES, BUSY_SECONDS, "so was one that does nothing")
    assert ended(platform, short)[0][0] == "succeeded"
    assert platform.job(long)[1] <= 1


def test_work_goes_into_a_queue_by_its_kind_and_size() -> None:
    assert queue_for("experiments", 10) == EXPERIMENTS
    assert [queue_for("", size) for size in (None, 0, 1, SMALL_BYTES, SMALL_BYTES + 1)] == [
        FILES, FILES, SMALL_FILES, SMALL_FILES, FILES,
    ]  # fmt: skip
    assert set(QUEUES) == {EXPERIMENTS, FILES, SMALL_FILES}


def test_every_work_on_a_file_is_limited_and_a_search_limits_itself(settings: Any) -> None:
    settings.FILE_JOB_BYTES, settings.FILE_JOB_SECONDS, settings.SMALL_FILE_JOB_SECONDS = 5 << 30, 600.0, 60.0
    large, small, search = (limits_in(queue) for queue in (FILES, SMALL_FILES, EXPERIMENTS))
    assert (large.gigabytes, large.seconds, large.processor_seconds) == ("5", 600.0, None)
    # On a busy machine the clock runs on while others are at work.
    assert (small.seconds, small.processor_seconds) == (600.0, 60.0)
    assert (search.memory_bytes, search.seconds, search.processor_seconds) == (None, None, None)
    settings.FILE_JOB_BYTES = 0
    assert most_memory() >= 3 << 30
