"""A database that goes away for ten seconds costs ten seconds, and neither a step nor a job."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.jobs.test_up import BUSY_SECONDS
from tests.platform_process import PlatformProcess, wait_until
from tests.postgres_server import Server, running_postgres

pytestmark = pytest.mark.slow
STEPS = 100  # twenty seconds of work
AWAY_SECONDS = 10


class OnPostgres(PlatformProcess):
    """A platform whose rows are in a server of its own."""

    def __init__(self, var: Path, server: Server) -> None:
        super().__init__(var)
        self.server = server

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "XIAOYU_DATABASE_URL": self.server.url}

    def job(self, key: str) -> tuple[str, int]:
        with psycopg.connect(self.server.url) as connection:
            row = connection.execute("SELECT state, attempts FROM jobs_job WHERE id = %s", [key]).fetchone()
        assert row is not None
        return str(row[0]), int(row[1])


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[OnPostgres]:
    with running_postgres() as server:
        process = OnPostgres(tmp_path / "var", server)
        yield process
        process.stop_for_good()


def test_a_job_goes_on_where_it_was_after_ten_seconds_without_its_database(platform: OnPostgres) -> None:
    platform.start()
    job = platform.enqueue_count(STEPS)
    wait_until(lambda: len(platform.steps(job)) > 5, BUSY_SECONDS, "the job has begun")

    platform.server.stop()
    time.sleep(AWAY_SECONDS)
    steps = len(platform.steps(job))
    platform.server.begin()

    wait_until(lambda: len(platform.steps(job)) > steps + 5, 60, "the job goes on", platform.log.read_text)
    wait_until(lambda: platform.job(job)[0] == "succeeded", BUSY_SECONDS, "the job ends", platform.log.read_text)
    assert [step for _process, step in platform.steps(job)] == list(range(STEPS))
    assert platform.job(job) == ("succeeded", 1)
