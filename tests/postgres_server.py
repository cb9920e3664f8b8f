"""A PostgreSQL server of its own for tests, where its binaries are installed; gone when they end."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from tests.servers import Kept, free_port, postgres_folder, unprivileged

PASSWORD = "only-in-tests-7391"
START_SECONDS = 300


@dataclass(frozen=True)
class Server:
    """Where it listens and who may come in."""

    port: int
    kept: Kept
    user: str = "reader"
    owner: str = "owner"
    password: str = PASSWORD
    database: str = "bank"

    @property
    def url(self) -> str:
        return f"postgresql://{self.owner}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    def begin(self) -> None:
        """Start the server; what is asked before it listens is refused."""
        self.kept.start()

    def stop(self) -> None:
        """Stop the server at once, whoever is connected."""
        self.kept.stop()

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


@contextlib.contextmanager
def running_postgres() -> Iterator[Server]:
    folder = postgres_folder()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed on this machine")
    kept = Kept("postgres", account=unprivileged("postgres"))
    try:
        password_file, data, port = kept.folder / "password", kept.folder / "data", free_port()
        password_file.write_text(PASSWORD)
        password_file.chmod(0o644)
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", "owner", "--pwfile", password_file, "-A", "scram-sha-256",
             "--no-sync", "-E", "UTF8", "--locale=C"],
            check=True, capture_output=True, user=kept.account, cwd=kept.folder,
        )  # fmt: skip
        # Only for a while: what it writes may be lost with the machine.
        hasty = ("-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "autovacuum=off")
        command = [folder / "postgres", "-D", data, "-p", port, "-h", "127.0.0.1", "-k", "", "-F",
                   "-c", "shared_buffers=64MB", "-c", "max_connections=60", *hasty]  # fmt: skip
        kept.keep(command, stop_signal=signal.SIGINT)
        server = Server(port, kept)
        _prepare(server)
        yield server
    finally:
        kept.end()


def _prepare(server: Server) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = psycopg.connect(
                host="127.0.0.1", port=server.port, user="owner", password=PASSWORD, dbname="postgres", autocommit=True
            )
            break
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise AssertionError(server.kept.told()) from None
            time.sleep(0.2)
    with connection:
        connection.execute("CREATE DATABASE bank")
        connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'".encode())
    server.run("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader")
