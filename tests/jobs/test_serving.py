"""Slow clients, large bodies and stops, on real sockets: nobody waits for somebody else."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from jobs.serving import MOST_CONNECTIONS
from tests.platform_process import wait_until
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20
pytestmark = pytest.mark.slow
# No answer takes so long, however much else a machine has to do; only one that never comes does.
NEVER = 300
LONG_ANSWER = b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD_BEGUN = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
FORM_BEGUN = b"POST /count?form HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\na=b"
UPLOAD_BEGUN = b"PATCH /count?upload HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n" + b"x" * 5000


class TinySite:
    """The web server in a process of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder, self.port = folder, free_port()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        environment.pop("XIAOYU_PARENT_PID", None)
        command = [sys.executable, "-m", "tests.jobs.tiny_site", str(self.port), *words]
        self.process = subprocess.Popen(
            command, cwd=folder, env={**environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
        )
        wait_until(self.listens, NEVER, "the site listens")
        assert self.get("/") == (200, b"a page")

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=NEVER)

    def get(self, path: str) -> tuple[int, bytes]:
        with contextlib.closing(self.connection()) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def begun(self, words: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=NEVER)
        client.sendall(words)
        return client

    def workers(self) -> set[int]:
        return {one.pid for one in psutil.Process(self.process.pid).children()}

    def holds(self, client: socket.socket) -> bool:
        """Tell whether the server keeps its end of this connection open."""
        wanted = client.getsockname()
        lines = [line for pid in self.workers() for line in psutil.Process(pid).net_connections("tcp")]
        return any(line.raddr == wanted for line in lines)

    def memory(self) -> int:
        return max(psutil.Process(pid).memory_info().rss for pid in self.workers())

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=NEVER)


Start = Callable[..., TinySite]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start sites of one test's own: ``start("PROXY")``."""
    sites: list[TinySite] = []

    def start_one(*words: str) -> TinySite:
        sites.append(TinySite(tmp_path, *words))
        return sites[-1]

    yield start_one
    for site in sites:
        site.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinySite]:
    one = TinySite(tmp_path_factory.mktemp("site"))
    yield one
    one.stop()


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinySite]:
    """A site whose patience ends after two seconds, and with a body that comes slowly after five."""
    one = TinySite(tmp_path_factory.mktemp("impatient"), "IMPATIENT")
    yield one
    one.stop()


def test_hundreds_of_slow_clients_of_every_kind_keep_nobody_from_a_page(start: Start) -> None:
    site = start("PATIENT")  # None of them is let go for an hour, so whoever waited for one would get no page.
    slow = [site.begun(words) for _ in range(150) for words in (b"", HEAD_BEGUN, FORM_BEGUN, UPLOAD_BEGUN)]
    slow += [site.begun(LONG_ANSWER) for _ in range(30)]

    assert [site.get("/") for _ in range(20)] == [(200, b"a page")] * 20

    for one in slow:
        one.close()


def test_more_connections_than_there_is_room_for_end_the_oldest_that_wait(site: TinySite) -> None:
    slow = [site.begun(HEAD_BEGUN) for _ in range(MOST_CONNECTIONS + 200)]
    assert site.get("/") == (200, b"a page")
    with contextlib.suppress(ConnectionResetError):
        assert slow[0].recv(1000) == b""
    for one in slow:
        one.close()


def test_a_kept_connection_is_answered_again_and_again(site: TinySite) -> None:
    with contextlib.closing(site.connection()) as connection:
        for _ in range(200):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"a page"
        time.sleep(3)  # longer than servers often keep one
        connection.request("POST", "/count?again", b"x" * 2_000_000)
        assert connection.getresponse().read() == b"2000000"
        connection.request("HEAD", "/stream")
        assert connection.getresponse().read() == b""


def test_a_large_body_streams_through_without_filling_memory_or_disk(site: TinySite) -> None:
    before = site.memory()
    with contextlib.closing(site.connection()) as connection:
        connection.request(
            "PATCH", "/count?large", iter([b"x" * MEGABYTE] * 200), {"Content-Length": str(200 * MEGABYTE)}
        )
        assert connection.getresponse().read() == str(200 * MEGABYTE).encode()
    assert site.memory() - before < 30 * MEGABYTE


def test_what_arrived_before_the_connection_broke_is_read(site: TinySite) -> None:
    client = site.begun(UPLOAD_BEGUN.replace(b"upload", b"cut") + b"x" * 2_000_000)
    wait_until(lambda: (site.folder / "seen-cut").exists(), NEVER, "the upload is being read")
    client.close()
    wait_until(lambda: (site.folder / "broken-cut").exists(), NEVER, "the break is seen")
    assert (site.folder / "broken-cut").read_text() == "2005000"


@pytest.mark.parametrize("size", [1_000, 3_000_000, 30_000_000])
def test_a_refusal_arrives_although_the_body_was_not_read(site: TinySite, size: int) -> None:
    for headers in ({}, {"Connection": "close"}):
        with contextlib.closing(site.connection()) as connection:
            connection.request("POST", "/refuse", b"x" * size, headers)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (401, b"not you")


@pytest.mark.parametrize("words", [b"", HEAD_BEGUN, FORM_BEGUN, UPLOAD_BEGUN, LONG_ANSWER])
def test_a_client_that_does_not_move_is_let_go(impatient: TinySite, words: bytes) -> None:
    client = impatient.begun(words)
    if words == LONG_ANSWER:
        wait_until(lambda: not impatient.holds(client), NEVER, "a client that reads nothing is let go")
    with contextlib.suppress(ConnectionResetError):
        while client.recv(MEGABYTE):
            assert words == LONG_ANSWER


def test_a_client_that_moves_slowly_but_steadily_is_heard_out(impatient: TinySite) -> None:
    client = impatient.begun(b"POST /count?steady HTTP/1.1\r\nHost: x\r\nContent-Length: 12000\r\n\r\n")
    for _ in range(12):
        client.sendall(b"x" * 1000)
        time.sleep(0.5)
    assert client.recv(1000).endswith(b"12000")


def test_a_body_without_a_length_is_taken_up_to_a_limit(site: TinySite) -> None:
    for size, status in ((100_000, 200), (3_000_000, 413)):
        with contextlib.closing(site.connection()) as connection:
            connection.request("POST", "/count?chunks", iter([b"x" * size]), encode_chunked=True)
            assert connection.getresponse().status == status


def test_a_stop_lets_what_is_begun_be_answered(start: Start) -> None:
    site = start()
    with contextlib.closing(site.connection()) as connection:
        connection.request("GET", "/sleep")
        wait_until((site.folder / "asleep").exists, NEVER, "the answer is begun")
        site.process.send_signal(signal.SIGTERM)
        assert connection.getresponse().read() == b"slept"
    assert site.process.wait(timeout=NEVER) == 0


def test_a_reload_answers_what_is_begun_and_goes_on(start: Start) -> None:
    site = start()
    first = site.workers()
    with contextlib.closing(site.connection()) as connection:
        connection.request("GET", "/sleep")
        wait_until((site.folder / "asleep").exists, NEVER, "the answer is begun")
        site.process.send_signal(signal.SIGHUP)
        assert connection.getresponse().read() == b"slept"
    wait_until(
        lambda: not first & {one.pid for one in psutil.Process(site.process.pid).children()}, NEVER, "it is replaced"
    )
    assert site.get("/") == (200, b"a page")


def test_only_behind_a_proxy_are_its_words_believed(start: Start) -> None:
    headers = {"X-Forwarded-For": "9.9.9.9, 10.1.2.3", "X-Forwarded-Proto": "https"}
    for words, told in (((), b"127.0.0.1 http "), (("PROXY",), b"10.1.2.3 https https")):
        with contextlib.closing(start(*words).connection()) as connection:
            connection.request("GET", "/who", headers=headers)
            assert connection.getresponse().read() == told
