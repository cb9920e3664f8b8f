"""A query on a real PostgreSQL server becomes a table with its types, and cannot do anything else."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from experiments.data.databases import HostRules, Login, QueryLimits, fetch_query, try_login
from experiments.data.reading import ingest_file
from experiments.errors import BadInput, Cancelled
from tests.postgres_server import Server, running_postgres

HERE = HostRules(("127.0.0.0/8",))
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
        login, "SELECT * FROM loans ORDER BY id", tmp_path / "loans.parquet", rules=HERE, limits=limits
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
    fetch_query(login, "TABLE loans", tmp_path / "loans.parquet", rules=HERE)
    report = ingest_file(tmp_path / "loans.parquet", tmp_path / "table.parquet")

    types = {column.name: column.type for column in report.columns}
    assert (types["amount"], types["granted"], types["is_open"], types["branch"]) == (
        "numeric", "date", "boolean", "categorical",
    )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "SELECT nextval('numbers')",
        "WITH gone AS (DELETE FROM loans RETURNING id) SELECT * FROM gone",
        "SELECT 1 AS one INTO copied",
    ],
)
def test_nothing_can_be_changed(server: Server, login: Login, tmp_path: Path, query: str) -> None:
    server.run("CREATE SEQUENCE IF NOT EXISTS numbers", "GRANT ALL ON SEQUENCE numbers TO reader",
               "GRANT ALL ON loans TO reader", "GRANT CREATE ON SCHEMA public TO reader")  # fmt: skip

    with pytest.raises(BadInput):
        fetch_query(login, query, tmp_path / "x.parquet", rules=HERE)

    assert server.value("SELECT count(*) FROM loans") == 2_500
    assert server.value("SELECT to_regclass('copied') IS NULL") is True


def test_whatever_a_function_does_is_taken_back(server: Server, login: Login, tmp_path: Path) -> None:
    # Before its release 16 PostgreSQL lets this happen in a read-only transaction; ours is never committed.
    with suppress(BadInput):
        fetch_query(login, "SELECT lo_create(0)", tmp_path / "x.parquet", rules=HERE)

    assert server.value("SELECT count(*) FROM pg_largeobject_metadata") == 0


def test_the_server_itself_refuses_a_second_statement(
    server: Server, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.run("GRANT ALL ON SCHEMA public TO reader")
    monkeypatch.setattr("experiments.data.databases.fetching.check_select", lambda query: query)

    with pytest.raises(BadInput, match="multiple commands"):
        fetch_query(login, "SELECT 1; COMMIT; CREATE TABLE broken_out (x int)", tmp_path / "x.parquet", rules=HERE)

    assert server.value("SELECT to_regclass('broken_out') IS NULL") is True


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT * FROM lones", 'relation "lones" does not exist'),
        ("SELECT amout FROM loans", 'column "amout" does not exist'),
        ("SELECT FROM WHERE", "syntax error"),
        ("SELECT * FROM secrets", "reader may not read one of these tables"),
        ("SELECT 1 / 0", "22012"),
        ("SELECT 'x'::bytea AS raw", "The column raw holds bytes"),
        ("SELECT 1 AS x WHERE false", "gives no rows"),
        ("SELECT date 'infinity' AS x", "x|22|code"),
    ],
)
def test_what_the_database_refuses_is_told_in_a_sentence(
    login: Login, tmp_path: Path, query: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        fetch_query(login, query, tmp_path / "x.parquet", rules=HERE)


def test_values_of_customers_do_not_get_into_sentences(login: Login, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        fetch_query(login, "SELECT note::int FROM loans", tmp_path / "x.parquet", rules=HERE)

    assert "备注" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"password": "wrong-word-42"}, "does not let reader in"),
        ({"user": "nobody"}, "does not let nobody in"),
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


def test_too_many_rows_and_too_long_a_time_end_the_query(login: Login, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="more than 2,000 rows"):
        fetch_query(login, "SELECT * FROM loans", tmp_path / "x.parquet", rules=HERE, limits=QueryLimits(rows=2_000))
    begun = time.monotonic()
    with pytest.raises(BadInput, match="longer than 1 seconds"):
        fetch_query(login, "SELECT pg_sleep(60)", tmp_path / "x.parquet", rules=HERE, limits=QueryLimits(seconds=1))

    assert time.monotonic() - begun < 20


def test_a_wish_to_stop_is_heard_while_the_database_thinks(server: Server, login: Login, tmp_path: Path) -> None:
    stop_at = time.monotonic() + 1

    def stop(rows: int) -> None:
        if time.monotonic() > stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        fetch_query(login, "SELECT pg_sleep(60)", tmp_path / "x.parquet", rules=HERE, on_progress=stop)

    assert threading.active_count() < 20
    assert server.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sleep%' AND state = 'active' "
                        "AND pid <> pg_backend_pid()") == 0  # fmt: skip


def test_two_columns_of_one_name_are_told_apart(login: Login, tmp_path: Path) -> None:
    fetch_query(login, "SELECT a.id, b.id FROM loans a JOIN loans b USING (id) LIMIT 3", tmp_path / "x.parquet",
                rules=HERE)  # fmt: skip

    assert len(set(pl.read_parquet(tmp_path / "x.parquet").columns)) == 2
