"""The process that the runs of these tests share gives each of them what a process of its own would."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from experiments.processes.fork_server import ForkServer
from tests.kept_fork_server import Lender, LentForkServer
from tests.platform_process import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lender() -> Iterator[Lender]:
    lender = Lender()
    yield lender
    lender.close()


def lent(lender: Lender) -> LentForkServer:
    server = lender()
    assert isinstance(server, LentForkServer)
    wait_until(lambda: server.is_ready(1.0), 300, "its libraries are loaded")
    return server


def test_the_next_run_gets_the_same_process_and_none_of_the_fits_of_the_one_before(lender: Lender) -> None:
    first = lent(lender)
    pid, _line = first.fork()
    first.close()

    assert not psutil.pid_exists(pid)
    assert lender() is first
    first.close()


def test_a_run_within_another_gets_a_process_of_its_own(lender: Lender) -> None:
    outer = lent(lender)
    inner = lender()
    try:
        assert type(inner) is ForkServer
    finally:
        inner.close()
        outer.close()


def test_a_process_that_died_or_would_start_otherwise_is_not_lent_again(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lent(lender)
    first.close()
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait()
    second = lender()
    assert second is not first
    second.close()
    monkeypatch.setenv("XIAOYU_OF_THIS_TEST", "1")
    third = lender()
    assert third is not second
    third.close()
