"""A MariaDB server of its own for tests, where its binaries are installed; gone when they end."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest

from tests.servers import Kept, free_port, unprivileged

PASSWORD = "only-in-tests-2816"
START_SECONDS = 300


@dataclass(frozen=True)
class MariaDb:
    """Where it listens and who may come in."""

    port: int
    place: Path
    user: str = "reader"
    password: str = PASSWORD
    database: str = "bank"

    def run(self, *statements: str) -> None:
        """Carry out statements as the one who may do everything."""
        with contextlib.closing(_connect(self.port, self.database)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def connect(self) -> "pymysql.connections.Connection":
        """Connect as the one who may do everything, with no database chosen."""
        return _connect(self.port, None)

    def value(self, query: str) -> object:
        with contextlib.closing(_connect(self.port, self.database)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        return row[0] if row else None


@contextlib.contextmanager
def running_mariadb() -> Iterator[MariaDb]:
    server, install = _binary("mariadbd"), _binary("mariadb-install-db")
    if server is None or install is None:
        pytest.skip("no MariaDB server is installed on this machine")
    account = unprivileged("mysql")
    kept = Kept("mariadb", account=account)
    data, port = kept.folder / "data", free_port()
    as_user = [f"--user={account}"] if account else []
    try:
        subprocess.run(
            [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
             "--skip-test-db", *as_user],
            check=True, capture_output=True, cwd=kept.folder,
        )  # fmt: skip
        kept.keep(
            [server, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
             # A server that starts removes the temporary tables of every other in the same folder.
             f"--tmpdir={data}", f"--socket={kept.folder}/socket", f"--pid-file={kept.folder}/pid",
             "--secure-file-priv=", "--skip-log-bin",
             "--innodb-buffer-pool-size=16M", "--character-set-server=utf8mb4"],
        )  # fmt: skip
        _prepare(port)
        yield MariaDb(port, kept.folder)
    finally:
        kept.end()


def _binary(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin")


def _prepare(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = _connect(port, None)
            break
        except pymysql.err.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE bank CHARACTER SET utf8mb4")
        cursor.execute(f"CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        cursor.execute("GRANT SELECT ON bank.* TO reader@'127.0.0.1'")


def _connect(port: int, database: str | None) -> "pymysql.connections.Connection":
    return pymysql.connect(host="127.0.0.1", port=port, user="root", database=database, charset="utf8mb4")
