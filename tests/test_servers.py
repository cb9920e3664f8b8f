"""The tests' own servers run as nobody in particular, and are gone with whoever started them, however that one ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import two_rounds
from tests.platform_process import wait_until
from tests.servers import redis_program

STARTS = """
import time
from tests.redis_server import running_redis
with running_redis() as server:
    print(server.port, server.kept.folder, flush=True)
    time.sleep(600)
"""
ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.skipif(redis_program() is None, reason="no Redis server is installed on this machine")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_server_ends_with_whoever_started_it(number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", STARTS], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    assert process.stdout is not None
    port, folder = process.stdout.readline().split()
    assert _answers(int(port))

    process.send_signal(number)
    process.wait(timeout=300)

    wait_until(lambda: not _answers(int(port)), 300, "the server is gone")
    wait_until(lambda: not Path(folder).exists(), 300, "its folder is gone")


def test_a_server_that_is_not_there_is_told_in_a_closing_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(two_rounds, "missing", lambda: ["postgresql", "redis"])
    monkeypatch.setattr(two_rounds, "_pytest", lambda title, _arguments, given: rounds.append((title, given)) or 0)

    assert two_rounds.main([]) == 0

    assert rounds == [("Every test, on SQLite and files", {})]
    assert capsys.readouterr().out.splitlines() == [
        f"SKIPPED {name} is not on this machine and could not be installed: nothing was tested on it."
        for name in ("PostgreSQL", "Redis")
    ]


def _answers(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_root_runs_no_server() -> None:
    from tests.servers import unprivileged

    assert (unprivileged("no such account") is None) == (os.geteuid() != 0)
