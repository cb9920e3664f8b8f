"""A Redis server of its own for tests, where its program is installed; gone when they end."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis

from tests.servers import Kept, free_port, redis_program, unprivileged

START_SECONDS = 300


@dataclass(frozen=True)
class RedisServer:
    """Where it listens; what was in it is gone when it stops."""

    port: int
    kept: Kept

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def begin(self) -> None:
        self.kept.start()
        self.wait()

    def stop(self) -> None:
        self.kept.stop()

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                redis.Redis(port=self.port).ping()
                return
            except redis.ConnectionError:
                assert time.monotonic() < until, self.kept.told()
                time.sleep(0.1)


@contextlib.contextmanager
def running_redis() -> Iterator[RedisServer]:
    program = redis_program()
    if program is None:
        pytest.skip("no Redis server is installed on this machine")
    kept = Kept("redis", account=unprivileged("redis"))
    try:
        server = RedisServer(free_port(), kept)
        own = ("--dir", kept.folder, "--save", "", "--appendonly", "no", "--daemonize", "no")
        kept.keep([program, "--bind", "127.0.0.1", "--port", server.port, *own])
        server.wait()
        yield server
    finally:
        kept.end()
