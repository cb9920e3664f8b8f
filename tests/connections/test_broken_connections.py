"""A real server, a real socket: a file survives a cut line and a killed server, and a killed worker costs nothing."""

import base64
import http.client
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.platform_process import wait_until
from tests.running_platform import Caller, PlatformWithoutSamples

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = 8 << 20


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformWithoutSamples]:
    process = PlatformWithoutSamples(tmp_path_factory.mktemp("platform") / "var")
    process.start()
    yield process
    process.interrupt()
    process.stop_for_good()


@pytest.fixture(scope="module")
def caller(platform: PlatformWithoutSamples) -> Caller:
    return platform.caller("analyst")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV of about 40 MB."""
    path = tmp_path_factory.mktemp("table") / "customers.csv"
    chance = random.Random(7)
    block = "".join(
        f"C{chance.randrange(10**9):09d},{chance.random():.6f},{chance.randrange(100)},{chance.choice(('东', '西'))}\n"
        for _ in range(20_000)
    )
    with path.open("w", encoding="utf-8") as out:
        out.write("customer,amount,age,city\n")
        for _ in range(65):
            out.write(block)
    return path


def ask(caller: Caller, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", caller.platform.port, timeout=300)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, path, body, {**TUS, "Authorization": f"Bearer {caller.token}", **named})
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer


def open_upload(caller: Caller, table: Path) -> str:
    name = base64.b64encode(table.name.encode()).decode()
    length = str(table.stat().st_size)
    answer = ask(caller, "POST", "/api/v1/uploads", Upload_Length=length, Upload_Metadata=f"filename {name}")
    assert answer.status == 201
    return str(answer.headers["Location"])


def offset_of(caller: Caller, address: str) -> int:
    answer = ask(caller, "HEAD", address)
    assert answer.status == 200
    return int(answer.headers["Upload-Offset"])


def send_piece(caller: Caller, address: str, table: Path, offset: int) -> int:
    with table.open("rb") as stream:
        stream.seek(offset)
        piece = stream.read(PIECE)
    kind = "application/offset+octet-stream"
    answer = ask(caller, "PATCH", address, piece, Upload_Offset=str(offset), Content_Type=kind)
    assert answer.status == 204, answer.status
    return int(answer.headers["Upload-Offset"])


def send_and_cut(caller: Caller, address: str, table: Path, offset: int, sent: int) -> None:
    """Announce a whole piece, send a part of it, and hang up without a word."""
    with table.open("rb") as stream:
        stream.seek(offset)
        part = stream.read(sent)
    with socket.create_connection(("127.0.0.1", caller.platform.port), timeout=300) as line:
        head = (
            f"PATCH {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {caller.token}\r\n"
            f"Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n"
            f"Upload-Offset: {offset}\r\nContent-Length: {PIECE}\r\n\r\n"
        )
        line.sendall(head.encode() + part)
        time.sleep(0.5)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def send_rest(caller: Caller, address: str, table: Path) -> None:
    offset = offset_of(caller, address)
    while offset < table.stat().st_size:
        offset = send_piece(caller, address, table, offset)


def part_of(platform: PlatformWithoutSamples, address: str) -> Path:
    return platform.var / "files" / "incoming" / f"{address.rsplit('/', 1)[-1].replace('-', '')}.part"


def test_a_file_survives_a_cut_line_and_a_killed_server(
    platform: PlatformWithoutSamples, caller: Caller, table: Path
) -> None:
    address = open_upload(caller, table)
    offset = send_piece(caller, address, table, 0)

    send_and_cut(caller, address, table, offset, 3_000_000)

    wait_until(lambda: offset_of(caller, address) > offset, 120, "what arrived before the cut is kept")
    after_cut = offset_of(caller, address)
    assert offset < after_cut <= offset + 3_000_000

    web = platform.child("web server")
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: platform.child("web server") != web, 240, "another web server is there")
    wait_until(lambda: answers(caller, address), 240, "it answers")
    assert offset_of(caller, address) == after_cut

    send_rest(caller, address, table)
    assert part_of(platform, address).read_bytes() == table.read_bytes()
    assert ask(caller, "DELETE", address).status == 204


def answers(caller: Caller, address: str) -> bool:
    try:
        return offset_of(caller, address) >= 0
    except OSError:
        return False


def test_an_upload_needs_no_memory_of_its_size(platform: PlatformWithoutSamples, caller: Caller, table: Path) -> None:
    """The whole file in one piece, as some clients send it."""
    address = open_upload(caller, table)
    server = psutil.Process(platform.child("web server"))
    before = memory_of(server)
    kind = "application/offset+octet-stream"

    answer = ask(caller, "PATCH", address, table.read_bytes(), Upload_Offset="0", Content_Type=kind)

    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(table.stat().st_size))
    assert memory_of(server) - before < 20 << 20
    assert ask(caller, "DELETE", address).status == 204


def memory_of(process: psutil.Process) -> int:
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))


def test_a_worker_killed_while_it_reads_leaves_nothing_half(
    platform: PlatformWithoutSamples, caller: Caller, table: Path
) -> None:
    address = open_upload(caller, table)
    send_rest(caller, address, table)
    made = caller.post("/datasets/from-uploads", {"uploads": [address.rsplit("/", 1)[-1]], "name": "Killed"})
    version = f"/datasets/{made['id']}"
    wait_until(lambda: caller.get(version)["percent"] > 5, 240, "the reading has begun")

    os.kill(platform.child("worker for files"), signal.SIGKILL)
    [parquet] = [folder / "table.parquet" for folder in folders_of(platform, table)]
    assert not parquet.exists()
    assert caller.get(version)["columns"] == []

    wait_until(lambda: caller.get(version)["state"] == "ready", 240, "another worker takes it up and ends")
    read: Any = caller.get(version)
    assert (read["row_count"], read["column_count"]) == (1_300_000, 4)
    assert [column["name"] for column in read["columns"]] == ["customer", "amount", "age", "city"]
    assert parquet.exists()
    assert [path.name for path in parquet.parent.iterdir() if path.name.startswith(".ingest-")] == []
    assert caller.get("/datasets")[0]["id"] == made["id"]


def folders_of(platform: PlatformWithoutSamples, table: Path) -> list[Path]:
    kept = (platform.var / "files" / "datasets").glob("*/source.csv")
    return [path.parent for path in kept if path.stat().st_size == table.stat().st_size]
