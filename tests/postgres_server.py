"""A PostgreSQL server of its own for tests, where its binaries are installed; gone when they end."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

PASSWORD = "only-in-tests-7391"
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """Where it listens and who may come in."""

    port: int
    user: str = "reader"
    owner: str = "owner"
    password: str = PASSWORD
    database: str = "bank"
    command: list[str] = field(default_factory=list)
    system_user: str | None = None
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"postgresql://{self.owner}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    def begin(self) -> None:
        """Start the server; what is asked before it listens is refused."""
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(self.command, user=self.system_user, cwd=self.command[2], **silent)  # type: ignore[call-overload]
        self.running.append(process)

    def stop(self) -> None:
        """Stop the server at once, whoever is connected."""
        process = self.running.pop()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)

    def run(self, *statements: str) -> None:
        """Carry out statements as the owner of the tables."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=self.owner, password=self.password, dbname=self.database,
            autocommit=True,
        ) as connection:  # fmt: skip
            for statement in statements:
                connection.execute(statement.encode())

    def value(self, query: str) -> object:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=self.owner, password=self.password, dbname=self.database
        ) as connection:
            row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def binaries() -> Path | None:
    """Return the folder with initdb and postgres; packages for Debian put them beside the path."""
    found = [Path(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    on_path = shutil.which("initdb")
    folders = [*found, *([Path(on_path).parent] if on_path else [])]
    return next((each for each in folders if (each / "initdb").exists() and (each / "postgres").exists()), None)


@contextlib.contextmanager
def running_postgres() -> Iterator[Server]:
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed on this machine")
    user = _user()
    place = Path(tempfile.mkdtemp(prefix="xiaoyu-postgres-"))
    if user:
        os.chown(place, pwd.getpwnam(user).pw_uid, -1)
    password_file = place / "password"
    password_file.write_text(PASSWORD)
    password_file.chmod(0o644)
    data = place / "data"
    port = free_port()
    server = None
    try:
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", "owner", "--pwfile", password_file, "-A", "scram-sha-256",
             "--no-sync", "-E", "UTF8", "--locale=C"],
            check=True, capture_output=True, user=user, cwd=place,
        )  # fmt: skip
        command = [folder / "postgres", "-D", data, "-p", port, "-h", "127.0.0.1", "-k", place, "-F",
                   "-c", "shared_buffers=16MB", "-c", "max_connections=40"]  # fmt: skip
        server = Server(port, command=list(map(str, command)), system_user=user)
        server.begin()
        _prepare(port)
        yield server
    finally:
        if server is not None and server.running:
            server.stop()
        shutil.rmtree(place, ignore_errors=True)


def _prepare(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = psycopg.connect(
                host="127.0.0.1", port=port, user="owner", password=PASSWORD, dbname="postgres", autocommit=True
            )
            break
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    with connection:
        connection.execute("CREATE DATABASE bank")
        connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'".encode())
    Server(port).run("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader")


def _user() -> str | None:
    """PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    return "postgres"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
