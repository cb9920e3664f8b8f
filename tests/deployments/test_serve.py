"""The process that scores in real time: found where it listens, told apart from others, reloaded in full traffic."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from deployments.live.forwarding import _hang_up, forwarded
from deployments.management.commands import serve
from serving.pointers import REAL_TIME, Whereabouts, write_whereabouts
from tests.platform_process import ROOT, START_SECONDS, wait_until
from tests.servers import free_port


def get(port: int, path: str) -> tuple[int, Any]:
    line = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request("GET", path)
        response = line.getresponse()
        return response.status, json.loads(response.read())
    finally:
        line.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """``manage.py serve`` with a database of its own, and the port that it says it has."""
    own = {"XIAOYU_VAR": str(tmp_path), "XIAOYU_SERVE_PORT": str(free_port()), "XIAOYU_DATABASE_URL": ""}
    environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py"]
    subprocess.run([*command, "migrate", "-v0"], cwd=ROOT, env=environment, check=True, timeout=START_SECONDS)
    process = subprocess.Popen([*command, "serve"], cwd=ROOT, env=environment)
    where = tmp_path / "real-time-server.json"
    wait_until(where.exists, START_SECONDS, "the server says where it listens")
    port = json.loads(where.read_text())["port"]
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


@pytest.mark.slow
def test_a_reload_in_full_traffic_drops_no_request_and_nothing_else_is_reached_there(
    server: tuple[subprocess.Popen[bytes], int],
) -> None:
    process, port = server
    assert get(port, "/v2/health/ready") == (200, {"ready": True})
    assert get(port, "/v2/models/offer")[0] == 401
    assert get(port, "/api/v1/me")[0] == 404

    answers: list[Any] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            try:
                answers.append(get(port, "/v2/health/live"))
            except OSError as failure:
                answers.append(failure)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    first = workers_of(process.pid)
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: workers_of(process.pid).isdisjoint(first), START_SECONDS, "other processes answer")
    enough.set()
    for thread in threads:
        thread.join()
    assert [each for each in answers if each != (200, {"live": True})] == []
    assert answers


def workers_of(pid: int) -> set[int]:
    """Return the children of a process; none while they are being replaced."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(each) for each in found} or {0}


@pytest.mark.parametrize(
    ("bind", "host"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.5", "127.0.0.5"), ("::", "::1"), ("::1", "::1")],
)
def test_pages_find_the_server_at_the_address_at_which_it_listens(bind: str, host: str) -> None:
    assert serve.reached_at(bind) == host


def test_requests_are_passed_on_to_the_address_that_the_server_left_word_of(
    settings: Any, tmp_path: Path, rf: RequestFactory
) -> None:
    settings.VAR = tmp_path
    with serve._listening("127.0.0.5", 0) as listener:

        def answer() -> None:
            line, _address = listener.accept()
            with line:
                line.recv(65_536)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        write_whereabouts(Whereabouts(listener.getsockname()[1], "", host="127.0.0.5"), REAL_TIME)
        found = forwarded(rf.get("/v2/health/live"))
        thread.join(timeout=120)
        _hang_up()
    assert (found.status_code, found.content) == (200, b"{}")


def test_a_port_that_is_taken_is_left_to_who_has_it_and_another_is_used() -> None:
    with serve._listening("127.0.0.1", 0) as taken, serve._listening("127.0.0.1", taken.getsockname()[1]) as other:
        assert other.getsockname()[1] not in (0, taken.getsockname()[1])
        assert other.get_inheritable()
