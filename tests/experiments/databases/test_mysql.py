"""MySQL without MySQL: what is said to a server and what is made of its answers, against one that speaks its protocol.

No MySQL server is at hand where these tests run; the server here answers from a script, the client is the real one.
"""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pymysql
import pytest
from pymysql.constants import FIELD_TYPE, FLAG

from experiments.databases import HostRules, Login, fetch_query, try_login
from experiments.databases.mysql import MySqlSession, field_of, rights_in
from experiments.errors import BadInput

HERE = HostRules(("127.0.0.0/8",))
UTF8, BINARY = 45, 63
COLUMNS = [
    ("id", FIELD_TYPE.LONGLONG, 0, 20, 0, BINARY),
    ("amount", FIELD_TYPE.NEWDECIMAL, 0, 14, 2, BINARY),
    ("account", FIELD_TYPE.NEWDECIMAL, 0, 23, 0, BINARY),
    ("granted", FIELD_TYPE.DATE, FLAG.BINARY, 10, 0, BINARY),
    ("seen", FIELD_TYPE.DATETIME, FLAG.BINARY, 19, 0, BINARY),
    ("city", FIELD_TYPE.VAR_STRING, 0, 40, 0, UTF8),
]
ROWS = [
    ("1", "1.25", "6222020200112233000001", "2024-01-31", "2024-01-31 08:00:00", "东"),
    ("2", None, "6222020200112233000002", "0000-00-00", None, None),
]


class _Speaking(socketserver.StreamRequestHandler):
    """One connection: a greeting, an OK for any login but a wrong one, then an answer to each command."""

    server: "ScriptedServer"

    def handle(self) -> None:
        self._sent = 0
        salt = b"12345678" + b"123456789012\0"
        capabilities = 0xFFFFF7FF & ~(1 << 24)
        self._send(
            b"\x0a" + self.server.version.encode() + b"\0" + struct.pack("<I", 7) + salt[:8] + b"\0"
            + struct.pack("<HBHH", capabilities & 0xFFFF, UTF8, 2, capabilities >> 16) + bytes([21]) + b"\0" * 10
            + salt[8:] + b"mysql_native_password\0"
        )  # fmt: skip
        login = self._receive()
        if b"nobody" in login:
            self._send(self._error(1045, "Access denied for user 'nobody'@'127.0.0.1' (using password: YES)"))
            return
        self._ok()
        while command := self._receive():
            if command[0] == 1:
                return
            self._answer(command[1:].decode("utf-8"))

    def _answer(self, query: str) -> None:
        self.server.asked.append(query)
        for part, error in self.server.errors.items():
            if part in query:
                self._send(self._error(*error))
                return
        if query.startswith("SHOW GRANTS"):
            self._send_rows(
                [("grants", FIELD_TYPE.VAR_STRING, 0, 400, 0, UTF8)], [(one,) for one in self.server.grants]
            )
            return
        if not query.lower().startswith("select"):
            self._ok()
            return
        self._send_rows(COLUMNS, ROWS)

    def _send_rows(self, columns: list[Any], rows: list[Any]) -> None:
        self._send(bytes([len(columns)]))
        for name, type_, flags, length, digits, charset in columns:
            texts = b"".join(self._text(text) for text in ("def", "bank", "loans", "loans", name, name))
            self._send(texts + b"\x0c" + struct.pack("<HIBHBH", charset, length, type_, flags, digits, 0))
        self._send(b"\xfe\0\0\x02\0")
        for row in rows:
            self._send(b"".join(b"\xfb" if value is None else self._text(value) for value in row))
        self._send(b"\xfe\0\0\x02\0")

    @staticmethod
    def _text(text: str) -> bytes:
        return bytes([len(text.encode())]) + text.encode()

    @staticmethod
    def _error(code: int, text: str) -> bytes:
        return b"\xff" + struct.pack("<H", code) + b"#HY000" + text.encode()

    def _ok(self) -> None:
        self._send(b"\0\0\0\x02\0\0\0")

    def _send(self, content: bytes) -> None:
        self.wfile.write(struct.pack("<I", len(content))[:3] + bytes([self._sent % 256]) + content)
        self._sent += 1

    def _receive(self) -> bytes:
        head = self.rfile.read(4)
        if len(head) < 4:
            return b""
        self._sent = head[3] + 1
        return self.rfile.read(int.from_bytes(head[:3], "little"))


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Remembers what it was asked; fails where a query holds certain words."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Speaking)
        self.version = "8.0.36"
        self.asked: list[str] = []
        self.errors: dict[str, tuple[int, str]] = {}
        self.grants = ["GRANT USAGE ON *.* TO `reader`@`%`", "GRANT SELECT ON `bank`.* TO `reader`@`%`"]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as scripted:
        threading.Thread(target=scripted.serve_forever, daemon=True).start()
        yield scripted
        scripted.shutdown()


@pytest.fixture
def login(server: ScriptedServer) -> Login:
    return Login("mysql", "127.0.0.1", server.server_address[1], "bank", "reader", "only-in-tests")


def test_every_type_arrives_as_it_is(server: ScriptedServer, login: Login, tmp_path: Path) -> None:
    fetched = fetch_query(login, "select * from loans", destination=tmp_path / "loans.parquet", rules=HERE)

    table = pl.read_parquet(tmp_path / "loans.parquet")
    assert fetched.rows == 2
    assert dict(table.schema) == {
        "id": pl.Int64, "amount": pl.Float64, "account": pl.String, "granted": pl.Date, "seen": pl.Datetime("us"),
        "city": pl.String,
    }  # fmt: skip
    assert table.row(0)[:3] == (1, 1.25, "6222020200112233000001")
    assert str(table["seen"][0]) == "2024-01-31 08:00:00"
    assert table.row(1)[3:] == (None, None, None)


@pytest.mark.parametrize(
    ("version", "limit"),
    [
        ("8.0.36", "SET SESSION max_execution_time = 600000"),
        ("5.5.5-10.11.6-MariaDB", "SET SESSION max_statement_time = 600"),
    ],
)
def test_the_session_reads_only_and_ends_in_time(
    server: ScriptedServer, login: Login, tmp_path: Path, version: str, limit: str
) -> None:
    server.version = version
    fetch_query(login, "select * from loans", destination=tmp_path / "loans.parquet", rules=HERE)

    order = [server.asked.index(said) for said in (
        "SET SESSION TRANSACTION READ ONLY", limit, "START TRANSACTION READ ONLY", "select * from loans")]  # fmt: skip
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ((1146, "Table 'bank.lones' doesn't exist"), "Table 'bank.lones' doesn't exist"),
        ((1064, "You have an error in your SQL syntax"), "error in your SQL syntax"),
        ((1142, "SELECT command denied to user 'reader'"), "reader may not read"),
        ((1792, "Cannot execute statement in a READ ONLY transaction."), "Only reading is allowed"),
        ((3024, "Query execution was interrupted, maximum statement execution time exceeded"), "longer than 600"),
        ((1969, "Query execution was interrupted (max_statement_time exceeded)"), "longer than 600"),
        ((1292, "Incorrect value: '13912345678'"), r"code 1292"),
    ],
)
def test_what_the_database_refuses_is_told_in_a_sentence(
    server: ScriptedServer, login: Login, tmp_path: Path, error: tuple[int, str], sentence: str
) -> None:
    server.errors["from loans"] = error

    with pytest.raises(BadInput, match=sentence) as refused:
        fetch_query(login, "select * from loans", destination=tmp_path / "loans.parquet", rules=HERE)

    assert "13912345678" not in str(refused.value)


def test_a_login_that_fails_says_why_and_never_the_password(server: ScriptedServer, login: Login) -> None:
    wrong = Login("mysql", "127.0.0.1", login.port, "bank", "nobody", "sesame-street")

    with pytest.raises(BadInput, match="does not accept nobody") as refused:
        try_login(wrong, HERE)

    assert "sesame-street" not in f"{refused.value} {refused.value.__context__!r}"


@pytest.mark.parametrize(
    ("grants", "told"),
    [
        (["GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29'"], []),
        (["GRANT SELECT, SHOW VIEW ON `bank`.* TO `r`@`%`", "GRANT SELECT (`a`, `b`) ON `x`.`y` TO `r`@`%`"], []),
        (["GRANT `readers`@`%` TO `r`@`%`", "SET DEFAULT ROLE `readers` FOR `r`@`%`"], []),
        (["GRANT FILE ON *.* TO `r`@`%`"], ["FILE ON *.*"]),
        (
            ["GRANT ALL PRIVILEGES ON `bank`.* TO `r`@`%` WITH GRANT OPTION"],
            ["ALL PRIVILEGES, GRANT OPTION ON `bank`.*"],
        ),
        (["GRANT SELECT, INSERT (`a`), UPDATE ON `b`.`c` TO `r`@`%`"], ["INSERT, UPDATE ON `b`.`c`"]),
        (["GRANT EXECUTE ON PROCEDURE `b`.`p` TO `r`@`%`"], ["EXECUTE ON `b`.`p`"]),
        (["GRANT BACKUP_ADMIN,SYSTEM_USER ON *.* TO `r`@`%`"], ["BACKUP_ADMIN, SYSTEM_USER ON *.*"]),
        (["GRANT PROXY ON ``@`` TO `root`@`localhost` WITH GRANT OPTION"], ["GRANT PROXY ON ``@``"]),
        (["GRANT SELECT ON `a`.* TO `r`@`%` WITH GRANT OPTION"], ["GRANT OPTION ON `a`.*"]),
        (["GRANT CREATE TEMPORARY TABLES ON `odd ``db`.* TO `r`@`%`"], ["CREATE TEMPORARY TABLES ON `odd ``db`.*"]),
    ],
)
def test_what_a_login_may_do_besides_reading_is_told_by_its_grants(grants: list[str], told: list[str]) -> None:
    assert rights_in(grants) == told


def test_a_login_that_may_write_is_refused_when_tried_and_when_asked(
    server: ScriptedServer, login: Login, tmp_path: Path
) -> None:
    server.grants.append("GRANT FILE ON *.* TO `reader`@`%`")

    with pytest.raises(BadInput, match=r"reader may do more in this database than read: FILE ON \*\.\*"):
        try_login(login, HERE)
    with pytest.raises(BadInput, match="may do more"):
        fetch_query(login, "select * from loans", destination=tmp_path / "loans.parquet", rules=HERE)
    server.grants.clear()
    with pytest.raises(BadInput, match="does not say what reader may do"):
        try_login(login, HERE)
    assert "select * from loans" not in server.asked


def test_nobody_there_says_so() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with pytest.raises(BadInput, match="Nothing answers"):
        try_login(Login("mysql", "127.0.0.1", port, "bank", "reader", "x"), HERE)


def test_the_client_neither_sends_files_nor_understands_several_statements(
    server: ScriptedServer, login: Login
) -> None:
    session = MySqlSession(login, "127.0.0.1")
    flags = session._connection.client_flag
    session.close()

    assert not flags & pymysql.constants.CLIENT.MULTI_STATEMENTS
    assert not flags & pymysql.constants.CLIENT.LOCAL_FILES


def test_a_wish_to_stop_kills_the_query(server: ScriptedServer, login: Login) -> None:
    session = MySqlSession(login, "127.0.0.1")
    session.stop()
    session.close()

    assert "KILL QUERY 7" in server.asked


class _Described:
    def __init__(
        self, type_code: int, flags: int = 0, length: int = 10, scale: int = 0, charsetnr: int = BINARY
    ) -> None:
        self.name, self.type_code, self.flags = "x", type_code, flags
        self.length, self.scale, self.charsetnr = length, scale, charsetnr


@pytest.mark.parametrize(
    ("described", "holds"),
    [
        (_Described(FIELD_TYPE.LONGLONG), "whole"),
        (_Described(FIELD_TYPE.LONGLONG, flags=FLAG.UNSIGNED), "words"),
        (_Described(FIELD_TYPE.NEWDECIMAL, length=19), "whole"),
        (_Described(FIELD_TYPE.NEWDECIMAL, length=23), "words"),
        (_Described(FIELD_TYPE.NEWDECIMAL, length=12, scale=2), "number"),
        (_Described(FIELD_TYPE.BLOB, flags=FLAG.BINARY), "bytes"),
        (_Described(FIELD_TYPE.BLOB, charsetnr=UTF8), "words"),
        (_Described(FIELD_TYPE.VAR_STRING, charsetnr=UTF8), "words"),
        (_Described(FIELD_TYPE.TIME), "words"),
        (_Described(FIELD_TYPE.JSON, charsetnr=UTF8), "words"),
    ],
)
def test_what_a_column_holds_is_told_by_its_type_and_flags(described: _Described, holds: str) -> None:
    assert field_of(described).holds == holds
