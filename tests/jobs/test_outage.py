"""A database or a queue that goes away for ten seconds costs ten seconds, and neither a step nor a job."""

import time
from collections.abc import Iterator

import pytest

from tests.jobs.test_up import BUSY_SECONDS
from tests.platform_process import PlatformProcess, wait_until
from tests.postgres_server import Server, running_postgres
from tests.redis_server import RedisServer, running_redis

pytestmark = pytest.mark.slow
STEPS = 100  # twenty seconds of work
AWAY_SECONDS = 10


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def queue() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, postgres: Server, queue: RedisServer
) -> Iterator[PlatformProcess]:
    """The platform and its servers, which each test leaves at work."""
    process = PlatformProcess(
        tmp_path_factory.mktemp("platform") / "var", database_url=postgres.url, broker_url=queue.url
    )
    process.start()
    yield process
    process.stop_for_good()


def test_a_job_goes_on_where_it_was_after_ten_seconds_without_its_database_and_its_queue(
    platform: PlatformProcess, postgres: Server, queue: RedisServer
) -> None:
    job = platform.enqueue_count(STEPS)
    wait_until(lambda: len(platform.steps(job)) > 5, BUSY_SECONDS, "the job has begun")

    postgres.stop()
    queue.stop()
    time.sleep(AWAY_SECONDS)
    steps = len(platform.steps(job))
    postgres.begin()
    queue.begin()

    wait_until(lambda: len(platform.steps(job)) > steps + 5, BUSY_SECONDS, "the job goes on", platform.log.read_text)
    wait_until(lambda: platform.job(job)[0] == "succeeded", BUSY_SECONDS, "the job ends", platform.log.read_text)
    assert [step for _process, step in platform.steps(job)] == list(range(STEPS))
    assert platform.job(job) == ("succeeded", 1)


def test_workers_that_waited_while_their_queue_began_anew_take_jobs_again(
    platform: PlatformProcess, queue: RedisServer
) -> None:
    first = platform.enqueue_count(1)
    wait_until(lambda: platform.job(first)[0] == "succeeded", BUSY_SECONDS, "the queue works", platform.log.read_text)

    queue.stop()
    time.sleep(AWAY_SECONDS)
    queue.begin()
    # Sent at once, when the workers may not have come back, and later.
    at_once = platform.enqueue_count(1)
    wait_until(
        lambda: platform.job(at_once)[0] == "succeeded", BUSY_SECONDS, "they take jobs again", platform.log.read_text
    )
    later = platform.enqueue_count(1)
    wait_until(
        lambda: platform.job(later)[0] == "succeeded", BUSY_SECONDS, "and go on doing so", platform.log.read_text
    )
