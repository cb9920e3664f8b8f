"""The whole platform as one command: it survives its own death and leaves nothing behind."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common.test_private import open_to_others
from tests.platform_process import PlatformProcess, servers_of_this_round, wait_until

pytestmark = pytest.mark.slow
STEPS = 60  # twelve seconds of work
BUSY_SECONDS = 240  # a worker that starts on a busy machine imports for a minute before it works


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    process = PlatformProcess(tmp_path_factory.mktemp("platform") / "var", **servers_of_this_round())
    yield process
    process.stop_for_good()


@pytest.fixture
def platform(kept: PlatformProcess) -> PlatformProcess:
    kept.be_up()
    return kept


@pytest.mark.database
def test_a_killed_worker_costs_nothing_but_a_moment(platform: PlatformProcess) -> None:
    job = platform.enqueue_count(STEPS)
    wait_until(lambda: len(platform.steps(job)) > 5, BUSY_SECONDS, "the job has begun")

    os.kill(platform.child("worker for files"), signal.SIGKILL)

    wait_until(lambda: platform.job(job)[0] == "succeeded", BUSY_SECONDS, "the job goes on by itself and ends")
    steps = platform.steps(job)
    assert [step for _process, step in steps] == list(range(STEPS))
    assert len({process for process, _step in steps}) == 2
    assert platform.job(job)[1] == 2


def test_a_killed_platform_leaves_no_process_and_its_job_continues_after_the_next_start(
    platform: PlatformProcess,
) -> None:
    job = platform.enqueue_count(STEPS)
    wait_until(lambda: len(platform.steps(job)) > 5, BUSY_SECONDS, "the job has begun")

    platform.kill()

    wait_until(lambda: not platform.still_alive(), BUSY_SECONDS, "every child is gone")
    done_before = len(platform.steps(job))
    platform.forget_log()
    platform.start()
    wait_until(lambda: platform.job(job)[0] == "succeeded", BUSY_SECONDS, "the job continues")
    assert [step for _process, step in platform.steps(job)] == list(range(STEPS))
    assert done_before < STEPS


@pytest.mark.database
def test_ctrl_c_stops_everything_gives_the_job_back_and_leaves_nothing(platform: PlatformProcess) -> None:
    job = platform.enqueue_count(STEPS)
    wait_until(lambda: len(platform.steps(job)) > 5, BUSY_SECONDS, "the job has begun")

    assert platform.interrupt() == 0

    wait_until(lambda: not platform.still_alive(), BUSY_SECONDS, "every child is gone")
    assert not (platform.var / "up.json").exists()
    assert platform.job(job) == ("queued", 0)
    # Queue, database, record and what jobs wrote, with a log that was left open before the start.
    assert open_to_others(platform.var) == []
    platform.forget_log()
    platform.start()
    wait_until(lambda: platform.job(job)[0] == "succeeded", BUSY_SECONDS, "the job continues")


def test_a_dead_web_server_is_started_again(platform: PlatformProcess) -> None:
    first = platform.child("web server")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: platform.child("web server") != first, BUSY_SECONDS, "another web server is there")
    wait_until(lambda: _answers(platform.port), BUSY_SECONDS, "it answers")


def test_a_second_start_beside_the_first_is_refused_in_a_sentence(platform: PlatformProcess) -> None:
    answer = platform.manage("up", "--no-samples")
    assert answer.returncode == 1
    assert "Xiaoyu is running already" in answer.stderr
    assert f"http://127.0.0.1:{platform.port}/" in answer.stderr


def test_a_port_in_use_gets_a_sentence_that_names_another(tmp_path: Path) -> None:
    platform = PlatformProcess(tmp_path / "var", **servers_of_this_round())
    with socket.socket() as other:
        other.bind(("127.0.0.1", platform.port))
        other.listen()
        answer = platform.manage("up", "--no-samples")
    assert answer.returncode == 1
    assert answer.stderr.strip() == (
        f"CommandError: Port {platform.port} on 127.0.0.1 is in use by another program. "
        f"Stop that one, or take another port: XIAOYU_PORT={platform.port + 1} make up"
    )


def _answers(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0
