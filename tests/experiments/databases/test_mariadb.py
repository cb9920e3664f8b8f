"""A query on a real MariaDB server becomes a table, and neither it nor its login can do anything else."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from experiments.databases import HostRules, Login, fetch_query, try_login
from experiments.errors import BadInput
from tests.mariadb_server import MariaDb, running_mariadb

HERE = HostRules(("127.0.0.0/8",))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDb]:
    with running_mariadb() as running:
        running.run(
            "CREATE TABLE loans (id bigint, amount decimal(12,2), note varchar(40))",
            "INSERT INTO loans SELECT seq, seq + 0.25, CONCAT('备注', seq) FROM seq_1_to_500",
            "CREATE SEQUENCE numbers",
        )
        yield running


@pytest.fixture
def login(server: MariaDb) -> Login:
    return Login("mysql", "127.0.0.1", server.port, server.database, server.user, server.password)


def named(login: Login, user: str) -> Login:
    return Login(login.kind, login.host, login.port, login.database, user, login.password)


def test_a_query_becomes_a_table(login: Login, tmp_path: Path) -> None:
    query = "SELECT id, amount, upper(note) AS note FROM loans WHERE note <> 'into outfile' -- all\nORDER BY id"
    fetched = fetch_query(login, query, destination=tmp_path / "x.parquet", rules=HERE)

    assert fetched.rows == 500
    assert pl.read_parquet(tmp_path / "x.parquet").row(0) == (1, 1.25, "备注1")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM loans INTO OUTFILE '{file}'",
        "SELECT * FROM loans into/**/outfile '{file}'",
        "SELECT * FROM loans into#\noutfile '{file}'",
        "SELECT * FROM loans into-- \noutfile '{file}'",
        "SELECT 'x' INTO DUMPFILE '{file}'",
        "SELECT 1 /*! INTO OUTFILE '{file}' */",
        "SELECT 1 /*M! INTO OUTFILE '{file}' */",
        "SELECT 1 --1 INTO OUTFILE '{file}'",
        "SELECT 'a\\' INTO OUTFILE '{file}' -- '",
        'SELECT "a\\" INTO OUTFILE \'{file}\' -- "',
        "SELECT NEXT VALUE FOR numbers",
        "SELECT NEXTVAL(numbers)",
        "SELECT LOAD_FILE('/etc/passwd')",
        "SELECT * FROM loans PROCEDURE ANALYSE()",
    ],
)
@pytest.mark.parametrize("mode", ["", "NO_BACKSLASH_ESCAPES", "ANSI", "ORACLE"])
def test_no_file_is_written_or_read_even_by_a_login_that_may(
    server: MariaDb, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, mode: str
) -> None:
    monkeypatch.setattr("experiments.databases.fetching.refuse_writers", lambda session, login: None)
    file = server.place / "stolen"
    server.run(
        f"CREATE OR REPLACE USER writer@'127.0.0.1' IDENTIFIED BY '{server.password}'",
        "GRANT ALL ON *.* TO writer@'127.0.0.1'",
        f"SET GLOBAL sql_mode = '{mode}'",
    )
    try:
        with pytest.raises(BadInput):
            fetch_query(named(login, "writer"), query.format(file=file), destination=tmp_path / "x.parquet", rules=HERE)
    finally:
        server.run("SET GLOBAL sql_mode = DEFAULT")

    assert not file.exists()


@pytest.mark.parametrize("mode", ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI", "ORACLE"])
def test_strings_mean_the_same_whatever_the_server_is_set_to(
    server: MariaDb, login: Login, tmp_path: Path, mode: str
) -> None:
    server.run(f"SET GLOBAL sql_mode = '{mode}'")
    try:
        fetch_query(
            login, "SELECT 'a\\\\b' AS x, \"it's\" AS y, 'it''s' AS z", destination=tmp_path / "x.parquet", rules=HERE
        )
    finally:
        server.run("SET GLOBAL sql_mode = DEFAULT")

    assert pl.read_parquet(tmp_path / "x.parquet").row(0) == ("a\\b", "it's", "it's")


@pytest.mark.parametrize(
    ("right", "told"),
    [
        ("GRANT FILE ON *.* TO harmful@'127.0.0.1'", "FILE ON *.*"),
        ("GRANT INSERT ON bank.loans TO harmful@'127.0.0.1'", "INSERT ON `bank`.`loans`"),
        ("GRANT UPDATE (note) ON bank.loans TO harmful@'127.0.0.1'", "UPDATE ON `bank`.`loans`"),
        ("GRANT ALL ON bank.* TO harmful@'127.0.0.1'", "ALL PRIVILEGES ON `bank`.*"),
        ("GRANT CREATE ON *.* TO harmful@'127.0.0.1'", "CREATE ON *.*"),
        ("GRANT SELECT ON bank.* TO harmful@'127.0.0.1' WITH GRANT OPTION", "GRANT OPTION ON `bank`.*"),
        ("GRANT writers TO harmful@'127.0.0.1'", "DELETE ON `bank`.*"),
        (
            "GRANT writers TO harmful@'127.0.0.1'; SET DEFAULT ROLE writers FOR harmful@'127.0.0.1'",
            "DELETE ON `bank`.*",
        ),
    ],
)
def test_a_login_that_may_write_is_refused_and_told_what_it_may(
    server: MariaDb, login: Login, tmp_path: Path, right: str, told: str
) -> None:
    server.run(
        "CREATE OR REPLACE ROLE writers", "GRANT DELETE ON bank.* TO writers",
        f"CREATE OR REPLACE USER harmful@'127.0.0.1' IDENTIFIED BY '{server.password}'",
        "GRANT SELECT ON bank.loans TO harmful@'127.0.0.1'",
    )  # fmt: skip
    harmful = named(login, "harmful")
    assert try_login(harmful, HERE) is None
    server.run(*right.split("; "))

    with pytest.raises(BadInput, match="may do more in this database than read") as refused:
        try_login(harmful, HERE)
    assert told in str(refused.value)
    assert server.password not in str(refused.value)
    with pytest.raises(BadInput, match="may do more"):
        fetch_query(harmful, "SELECT id FROM loans", destination=tmp_path / "x.parquet", rules=HERE)


def test_a_reader_by_a_role_is_let_in(server: MariaDb, login: Login, tmp_path: Path) -> None:
    server.run(
        "CREATE OR REPLACE ROLE readers", "GRANT SELECT ON bank.* TO readers",
        f"CREATE OR REPLACE USER member@'127.0.0.1' IDENTIFIED BY '{server.password}'",
        "GRANT readers TO member@'127.0.0.1'", "SET DEFAULT ROLE readers FOR member@'127.0.0.1'",
    )  # fmt: skip

    member = named(login, "member")
    assert try_login(member, HERE) is None
    assert fetch_query(member, "SELECT id FROM loans", destination=tmp_path / "x.parquet", rules=HERE).rows == 500
