"""A query on a real PostgreSQL server becomes a table with its types, and cannot do anything else."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from experiments.databases import HostRules, Login, QueryLimits, fetch_query, try_login
from experiments.errors import BadInput, Cancelled
from experiments.ingest.reading import ingest_file
from tests.platform_process import wait_until
from tests.postgres_server import Server, running_postgres

HERE = HostRules(("127.0.0.0/8",))
SLOW = "SELECT count(*) FROM generate_series(1, 100000) AS a CROSS JOIN generate_series(1, 1000000) AS b"
# A query that is fetched piece by piece shows the words of the fetch, not its own.
ASKED = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_postgres() as running:
        running.run(
            """CREATE TABLE loans (id bigint, branch varchar(4), amount numeric(12,2), account numeric(22,0),
               rate double precision, granted date, seen timestamptz, is_open boolean, note text, tags text[])""",
            """INSERT INTO loans SELECT n, lpad((n % 9)::text, 4, '0'), n + 0.25, 6222020200112233000000 + n,
               n / 7.0, date '2024-01-01' + n, timestamptz '2024-01-01 00:00+00' + n * interval '1 minute',
               n % 2 = 0, CASE WHEN n % 5 = 0 THEN NULL ELSE '备注 ' || n || E'\\n"二"' END, ARRAY['a', n::text]
               FROM generate_series(1, 2500) AS n""",
            "CREATE TABLE secrets (x int)",
            "CREATE SEQUENCE numbers",
            f"CREATE ROLE writer LOGIN PASSWORD '{running.password}'",
            "GRANT ALL ON SEQUENCE numbers TO writer",
            "GRANT ALL ON loans TO writer",
            "GRANT ALL ON SCHEMA public TO writer",
            "REVOKE ALL ON secrets FROM reader",
        )
        yield running


@pytest.fixture
def login(server: Server) -> Login:
    return Login("postgresql", "127.0.0.1", server.port, server.database, server.user, server.password)


def other(login: Login, **changed: object) -> Login:
    return Login(**{**{name: getattr(login, name) for name in login.__dataclass_fields__}, **changed})  # type: ignore[arg-type]


def test_every_type_arrives_as_it_is(login: Login, tmp_path: Path) -> None:
    limits = QueryLimits(time_zone="Asia/Shanghai")
    fetched = fetch_query(
        login, "SELECT * FROM loans ORDER BY id", destination=tmp_path / "loans.parquet", rules=HERE, limits=limits
    )

    table = pl.read_parquet(tmp_path / "loans.parquet")
    assert fetched.rows == table.height == 2_500
    assert dict(table.schema) == {
        "id": pl.Int64, "branch": pl.String, "amount": pl.Float64, "account": pl.String, "rate": pl.Float64,
        "granted": pl.Date, "seen": pl.Datetime("us"), "is_open": pl.Boolean, "note": pl.String, "tags": pl.String,
    }  # fmt: skip
    assert table.row(0)[:4] == (1, "0001", 1.25, "6222020200112233000001")
    assert str(table["seen"][0]) == "2024-01-01 08:01:00"
    assert table["note"][:5].to_list() == [f'备注 {n}\n"二"' for n in range(1, 5)] + [None]


def test_the_table_is_read_on_like_a_file(login: Login, tmp_path: Path) -> None:
    fetch_query(login, "SELECT * FROM loans", destination=tmp_path / "loans.parquet", rules=HERE)
    report = ingest_file(tmp_path / "loans.parquet", tmp_path / "table.parquet")

    types = {column.name: column.type for column in report.columns}
    assert (types["amount"], types["granted"], types["is_open"], types["branch"]) == (
        "numeric", "date", "boolean", "categorical",
    )  # fmt: skip


CHANGES = [
    "SELECT nextval('numbers')",
    "WITH gone AS (DELETE FROM loans RETURNING id) SELECT * FROM gone",
    "SELECT 1 AS one INTO copied",
    "SELECT lo_create(0)",
    "SELECT set_config('x.y', 'z', false)",
    "SELECT query_to_xml('DELETE FROM loans', true, true, '')",
    "SELECT 1; COMMIT; CREATE TABLE copied (x int)",
]


def is_as_it_was(server: Server) -> bool:
    counts = [
        server.value("SELECT count(*) FROM loans"),
        server.value("SELECT count(*) FROM pg_largeobject_metadata"),
        server.value("SELECT last_value FROM numbers"),
        server.value("SELECT to_regclass('copied') IS NULL"),
    ]
    return counts == [2_500, 0, 1, True]


@pytest.mark.parametrize("query", CHANGES)
def test_nothing_can_be_changed_by_whoever_may_write(
    server: Server, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr("experiments.databases.fetching.refuse_writers", lambda session, login: None)

    with pytest.raises(BadInput):
        fetch_query(other(login, user="writer"), query, destination=tmp_path / "x.parquet", rules=HERE)

    assert is_as_it_was(server)


@pytest.mark.parametrize("query", CHANGES)
def test_the_transaction_alone_keeps_everything_as_it_was(
    server: Server, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr("experiments.databases.fetching.check_select", lambda query, kind: query)
    monkeypatch.setattr("experiments.databases.fetching.refuse_writers", lambda session, login: None)

    # Before its release 16 PostgreSQL lets a large object be made in a read-only transaction; ours is taken back.
    with suppress(BadInput):
        fetch_query(other(login, user="writer"), query, destination=tmp_path / "x.parquet", rules=HERE)
    server.run("ALTER SEQUENCE numbers RESTART")

    assert is_as_it_was(server)


@pytest.mark.parametrize(
    ("right", "told"),
    [
        ("GRANT INSERT ON loans TO harmful", "INSERT, UPDATE, DELETE ON public.loans"),
        ("GRANT TRUNCATE ON loans TO harmful", "INSERT, UPDATE, DELETE ON public.loans"),
        ("GRANT UPDATE (note) ON loans TO harmful", "INSERT, UPDATE, DELETE ON public.loans"),
        ("GRANT DELETE ON loans TO PUBLIC", "INSERT, UPDATE, DELETE ON public.loans"),
        ("GRANT ALL ON SEQUENCE numbers TO harmful", "USAGE, UPDATE ON public.numbers"),
        ("GRANT CREATE ON SCHEMA public TO harmful", "CREATE ON SCHEMA public"),
        ("GRANT CREATE ON DATABASE bank TO harmful", "CREATE ON DATABASE bank"),
        ("GRANT pg_write_server_files TO harmful", "pg_write_server_files"),
        ("GRANT pg_execute_server_program TO harmful", "pg_execute_server_program"),
        ("GRANT pg_write_all_data TO harmful", "pg_write_all_data"),
        ("ALTER ROLE harmful NOINHERIT; GRANT writer TO harmful", "INSERT, UPDATE, DELETE ON public.loans"),
        ("GRANT writer TO harmful", "CREATE ON SCHEMA public"),
        ("ALTER ROLE harmful SUPERUSER", "SUPERUSER"),
        ("ALTER ROLE harmful CREATEROLE", "CREATEROLE"),
        ("ALTER ROLE harmful NOINHERIT; GRANT owner TO harmful", "SUPERUSER"),
        ("GRANT EXECUTE ON FUNCTION lo_export(oid, text) TO harmful", "EXECUTE ON lo_export"),
        ("CREATE EXTENSION dblink", "EXECUTE ON dblink"),
        ("ALTER TABLE secrets OWNER TO harmful", "public.secrets"),
    ],
)
def test_a_login_that_may_write_is_refused_and_told_what_it_may(
    server: Server, login: Login, tmp_path: Path, right: str, told: str
) -> None:
    server.run(f"CREATE ROLE harmful LOGIN PASSWORD '{server.password}'", "GRANT SELECT ON loans TO harmful")
    harmful = other(login, user="harmful")
    try:
        assert try_login(harmful, HERE) is None
        server.run(*right.split("; "))
        with pytest.raises(BadInput, match="may do more in this database than read") as refused:
            try_login(harmful, HERE)
        assert told in str(refused.value)
        with pytest.raises(BadInput, match="may do more"):
            fetch_query(harmful, "SELECT id FROM loans", destination=tmp_path / "x.parquet", rules=HERE)
    finally:
        server.run(
            "DROP EXTENSION IF EXISTS dblink", "REVOKE DELETE ON loans FROM PUBLIC",
            "ALTER TABLE secrets OWNER TO owner", "DROP OWNED BY harmful", "DROP ROLE harmful",
        )  # fmt: skip
    assert is_as_it_was(server)


def test_dblink_writes_nothing(server: Server, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.databases.fetching.refuse_writers", lambda session, login: None)
    server.run("CREATE EXTENSION dblink")
    where = f"host=127.0.0.1 port={server.port} dbname=bank user=writer password={server.password}"
    try:
        for query in (
            f"SELECT dblink_exec('{where}', 'DELETE FROM loans')",
            f"SELECT * FROM dblink('{where}', 'DELETE FROM loans RETURNING id') AS gone(id bigint)",
            f"SELECT public.dblink_exec('{where}', 'DELETE FROM loans')",
            f"SELECT \"dblink_exec\"('{where}', 'DELETE FROM loans')",
            f"SELECT upper(dblink_exec /* */ ('{where}', 'DELETE FROM loans'))",
        ):
            with pytest.raises(BadInput, match="may not be called from here"):
                fetch_query(login, query, destination=tmp_path / "x.parquet", rules=HERE)
    finally:
        server.run("DROP EXTENSION dblink")

    assert is_as_it_was(server)


def test_a_query_means_on_the_server_what_it_meant_when_it_was_looked_at(
    server: Server, login: Login, tmp_path: Path
) -> None:
    server.run("ALTER ROLE reader SET standard_conforming_strings = off")
    try:
        fetch_query(login, "SELECT 'a\\' AS x, '\\' AS y -- it''s", destination=tmp_path / "x.parquet", rules=HERE)
    finally:
        server.run("ALTER ROLE reader RESET standard_conforming_strings")

    assert pl.read_parquet(tmp_path / "x.parquet").row(0) == ("a\\", "\\")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT * FROM lones", 'relation "lones" does not exist'),
        ("SELECT amout FROM loans", 'column "amout" does not exist'),
        ("SELECT FROM WHERE", "cannot be understood from “WHERE” on"),
        ("SELECT id FROM loans GROUP BY id HAVING note = 1", "operator does not exist|must appear"),
        ("SELECT * FROM secrets", "reader may not read one of these tables"),
        ("SELECT 1 / 0", "22012"),
        ("SELECT 'x'::bytea AS raw", "The column raw holds binary data"),
        ("SELECT 1 AS x WHERE false", "returns no rows"),
        ("SELECT date 'infinity' AS x", "x|22|code"),
    ],
)
def test_what_the_database_refuses_is_told_in_a_sentence(
    login: Login, tmp_path: Path, query: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        fetch_query(login, query, destination=tmp_path / "x.parquet", rules=HERE)


def test_values_of_customers_do_not_get_into_sentences(login: Login, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        fetch_query(login, "SELECT note::int FROM loans", destination=tmp_path / "x.parquet", rules=HERE)

    assert "备注" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"password": "wrong-word-42"}, "does not accept reader with this password"),
        ({"user": "nobody"}, "does not accept nobody with this password"),
        ({"database": "nowhere"}, "no database called nowhere"),
        ({"port": 1}, "Nothing answers at 127.0.0.1, port 1"),
    ],
)
def test_a_login_that_fails_says_why_and_never_the_password(
    login: Login, changed: dict[str, object], sentence: str
) -> None:
    wrong = other(login, **changed)

    with pytest.raises(BadInput, match=sentence) as refused:
        try_login(wrong, HERE)

    told = f"{refused.value} {refused.value.params} {wrong!r} {refused.value.__context__!r}"
    assert wrong.password not in told


def test_a_login_that_works_says_nothing(login: Login) -> None:
    assert try_login(login, HERE) is None


def test_this_server_is_not_asked_unless_allowed(login: Login) -> None:
    with pytest.raises(BadInput, match="XIAOYU_QUERY_HOSTS"):
        try_login(login, HostRules())


def test_too_many_rows_and_too_long_a_time_end_the_query(server: Server, login: Login, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="more than 2,000 rows"):
        fetch_query(
            login, "SELECT * FROM loans", destination=tmp_path / "x.parquet", rules=HERE, limits=QueryLimits(rows=2_000)
        )
    with pytest.raises(BadInput, match="longer than 1 second"):
        fetch_query(login, SLOW, destination=tmp_path / "x.parquet", rules=HERE, limits=QueryLimits(seconds=1))

    wait_until(lambda: server.value(ASKED) == 0, 300, "a query that would take hours is ended")


def test_a_wish_to_stop_is_heard_while_the_database_thinks(server: Server, login: Login, tmp_path: Path) -> None:
    def stop(rows: int) -> None:
        if server.value(ASKED):
            raise Cancelled

    with pytest.raises(Cancelled):
        fetch_query(login, SLOW, destination=tmp_path / "x.parquet", rules=HERE, on_progress=stop)

    assert threading.active_count() < 20
    assert server.value(ASKED) == 0


def test_two_columns_of_one_name_are_told_apart(login: Login, tmp_path: Path) -> None:
    fetch_query(login, "SELECT a.id, b.id FROM loans a JOIN loans b USING (id) LIMIT 3",
                destination=tmp_path / "x.parquet", rules=HERE)  # fmt: skip

    assert len(set(pl.read_parquet(tmp_path / "x.parquet").columns)) == 2
