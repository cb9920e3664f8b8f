"""A database reads dirty cells as scoring a file does: trimming, words for nothing and written numbers."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import psycopg
import pymysql
import pytest

from experiments.data.column_reading import read_texts
from experiments.data.schema import ColumnReading
from experiments.data.values import MISSING, MISSING_AMONG_NUMBERS
from experiments.features.levels import BOOLEAN_WORDS, as_days
from experiments.scorecard.dates_sql import DatesSql
from experiments.scorecard.reading_sql import SPACES, ReadingSql, with_clause
from experiments.scorecard.scorecard import Scorecard
from experiments.scorecard.sql import scorecard_sql
from tests.experiments.scorecard.test_sql import in_sqlite
from tests.mariadb_server import running_mariadb
from tests.postgres_server import running_postgres

FIGURES = (
    *("0", "1", "12", "123", "1234", "31", "0.5", ".5", "5.", "12.50", "1,234", "1,234.5", "1.234,5", "1.234", "1,5"),
    *("12,345", "1'234", "1,234,567", "1.234.567", "12,34", "1,2345", "001", "007.5", "123456789012345", "0,5"),
    *("1234567890123456", "1234567890.12345678", "12345678.1234567", "1 234", "1 234 567", "12 34", "1  234", "10,000"),
    *("6222 0212", "1e5", "1E-3", "1.5e+4", "2e", "2e-", "e5", "1e400", "-1e400", "1e-400", "12E5", "0e0"),
    *("0,123", "1e30", "2e30", "１２", "１，２３４", "１２．５", "1.2.3", "1,2,3", "1,234'567",),
    *("-0", "1_000", "0x1F", "inf", "nan", "12a", "", "abc"),
    "9" * 29, "9" * 400,
)  # fmt: skip
UNITS = ("", "", "", "%", "％", "‰", "千", "万", "百万", "千万", "亿", "万亿", "元", "万元", "%元", "美元")
MONEY = ("", "", "", "", "¥", "￥", "$", "€", "£", "CNY", "US$", "人民币", "cny")
SIGNS = ("", "", "", "-", "+", "－", "−", "--")
ENDS = ("", "", "", "-", "元", "EUR", "元-")
PADS = ("", "", "", *SPACES, "\u200b", " \t\u3000")
READINGS = (
    ColumnReading(True), ColumnReading(True, has_fractions=True), ColumnReading(True, decimal=","),
    ColumnReading(True, decimal=",", has_fractions=True),
)  # fmt: skip

DATE_READINGS = tuple(ColumnReading(True, day_order=order) for order in ("", "day_first", "month_first"))  # type: ignore[arg-type]
YEARS = (2024, 2023, 2000, 1900, 1899, 2100, 2101, 1970, 1969, 9999, 999, 24)
TO_WIDE = str.maketrans("0123456789-/:", "０１２３４５６７８９－／：")


def written_numbers(count: int) -> list[str]:
    """Numbers in every way of writing them that anybody has thought of, and in some that nobody reads."""
    random = np.random.default_rng(8)

    def one() -> str:
        parts = [random.choice(each) for each in (SIGNS, MONEY, SIGNS if random.random() < 0.1 else ("",), FIGURES)]
        word = "".join([*parts, random.choice(("", "", "", " ", "\u3000")), random.choice(UNITS), random.choice(ENDS)])
        word = f"({word})" if random.random() < 0.1 else word
        word = f'="{word}"' if random.random() < 0.05 else word
        return random.choice(PADS) + word + random.choice(PADS)

    nothing = [pad + word + pad for word in MISSING for pad in ("\t", "\u3000")]
    return sorted({*(str(one()) for _ in range(count)), *MISSING_AMONG_NUMBERS, *nothing, *FIGURES})


def written_dates(count: int) -> list[str]:
    """Dates in every way of writing them, days that no month has among them."""
    random = np.random.default_rng(9)

    def one() -> str:
        year, month, day = (int(random.choice(each)) for each in (YEARS, range(14), [*range(33), 28, 29, 30, 31]))
        month_name = str(random.choice(["Jan", "feb", "MAR", "Jun", "Sep", "Dec", "Foo", "Sept"]))
        m, d = (str(figure) if random.random() < 0.3 else f"{figure:02}" for figure in (month, day))
        mark = str(random.choice(["-", "/", "."]))
        hour, minute, second = (int(random.integers(0, most)) for most in (25, 61, 61))
        y = f"{year:04}"
        forms = (
            *[mark.join((y, m, d))] * 6, *[f"{y}年{m}月{d}日"] * 2, *[mark.join((d, m, y))] * 4, mark.join((m, d, y)),
            mark.join((y, m)), f"{y}年{m}月", f"{y}{month:02}{day:02}", f"{y}{month:02}", f"{d}-{month_name}-{y}",
            f"{y}{month:02}{day:02}{hour:02}{minute:02}{second:02}", f"{d} {month_name} {y}", f"{month_name}-{y}",
            str(random.integers(19_990, 60_010)), f"{random.integers(20_000, 60_000)}.{random.integers(1, 9999)}",
        )  # fmt: skip
        clock = f"{hour:02}:{minute:02}:{second:02}"
        clocks = (
            *[""] * 12, f" {clock}", f"T{clock}", f" {clock[:5]}", f"T{clock[:5]}", f" {hour}:{minute:02}",
            f" {clock}.5",
            f"T{clock}.123456", f"T{clock}Z", f" {clock}Z", f" {clock} PM", f" {clock[:5]} am", f" {clock}+08:00",
            f"T{clock}.25-0530", f" {clock} +0100", f" {hour}时{minute}分", f"{hour:02}时{minute:02}分",
        )  # fmt: skip
        word = str(random.choice(forms)) + str(random.choice(clocks))
        word = word.translate(TO_WIDE) if random.random() < 0.1 else word
        return str(random.choice(PADS)) + word + str(random.choice(PADS))

    others = ("0", "99999999", "99991231", "0000-00-00", "2024", "2024-", "12:30", "20240115", "202401", "0001-01-01")
    return sorted({*(one() for _ in range(count)), *MISSING_AMONG_NUMBERS, *others})


def statement(dialect: str, reading: ColumnReading) -> str:
    reader = ReadingSql(dialect, {"x": reading})  # type: ignore[arg-type]
    source = f"s.{reader.name('x')}"
    plain, read = reader.as_double(source), reader.read_number("x", "n")
    number = f"CASE WHEN {reader.is_plain(source, 'x')} THEN {plain} ELSE {read} END"
    tables = with_clause(reader.tables("words", ["x"]))
    return f"{tables}\nSELECT i, {number} FROM words AS s {reader.join(source, 'n')}"


def date_statement(dialect: str, reading: ColumnReading) -> str:
    reader = ReadingSql(dialect, {"x": reading})  # type: ignore[arg-type]
    dates, source = DatesSql(reader), f"s.{reader.name('x')}"
    tables = with_clause(dates.tables("words", ["x"]))
    return f"{tables}\nSELECT i, {dates.days('x', 'n')} FROM words AS s {dates.join(source, 'n')}"


def check(words: list[str], reading: ColumnReading, rows: Iterable[tuple]) -> None:
    _compare(words, read_texts(pl.Series(words, dtype=pl.String), "numeric", reading)[0].to_list(), rows)


def check_dates(words: list[str], reading: ColumnReading, rows: Iterable[tuple]) -> None:
    dates = read_texts(pl.Series(words, dtype=pl.String), "date", reading)[0]
    days = as_days(pd.Series(dates.to_numpy()))[0]
    _compare(words, [None if np.isnan(day) else float(day) for day in days], rows)


def _compare(words: list[str], wanted: list[float | None], rows: Iterable[tuple]) -> None:
    found = dict(rows)
    assert sum(value is not None for value in wanted) > len(words) / 5
    numbered = enumerate(zip(words, wanted, strict=True))
    assert not [(word, value, found[i]) for i, (word, value) in numbered if found[i] != value]


@pytest.fixture(scope="module")
def words() -> list[str]:
    return written_numbers(4_000)


@pytest.fixture(scope="module")
def dates() -> list[str]:
    return written_dates(4_000)


@pytest.mark.parametrize("reading", DATE_READINGS, ids=["no order", "day first", "month first"])
@pytest.mark.slow
def test_sqlite_and_duckdb_read_every_written_date_as_the_scorer_to_the_last_bit(dates, reading):
    frame = pd.DataFrame({"i": range(len(dates)), "x": dates})
    with sqlite3.connect(":memory:") as connection:
        frame.to_sql("words", connection, index=False)
        check_dates(dates, reading, connection.execute(date_statement("generic", reading)).fetchall())
    with duckdb.connect() as connection:
        connection.register("words", frame)
        for dialect in ("generic", "postgres"):
            check_dates(dates, reading, connection.execute(date_statement(dialect, reading)).fetchall())


@pytest.mark.parametrize("reading", READINGS, ids=["point", "point or comma", "comma", "comma or point"])
def test_sqlite_reads_every_written_number_as_the_scorer_to_the_last_bit(words, reading):
    with sqlite3.connect(":memory:") as connection:
        pd.DataFrame({"i": range(len(words)), "x": words}).to_sql("words", connection, index=False)
        check(words, reading, connection.execute(statement("generic", reading)).fetchall())


@pytest.mark.parametrize("dialect", ["generic", "postgres"])
@pytest.mark.parametrize("reading", READINGS, ids=["point", "point or comma", "comma", "comma or point"])
def test_duckdb_reads_every_written_number_as_the_scorer_to_the_last_bit(words, reading, dialect):
    with duckdb.connect() as connection:
        connection.register("words", pd.DataFrame({"i": range(len(words)), "x": words}))
        check(words, reading, connection.execute(statement(dialect, reading)).fetchall())


@pytest.mark.slow
def test_postgresql_reads_every_written_number_and_date_as_the_scorer_to_the_last_bit(words, dates):
    with running_postgres() as server:
        login = {"host": "127.0.0.1", "port": server.port, "user": server.owner, "password": server.password}
        with psycopg.connect(dbname=server.database, **login) as connection:
            connection.execute("CREATE TABLE words (i int, x text)")
            connection.cursor().executemany("INSERT INTO words VALUES (%s, %s)", list(enumerate(words)))
            for reading in READINGS:
                check(words, reading, connection.execute(statement("postgres", reading).encode()).fetchall())
            connection.execute("DELETE FROM words")
            connection.cursor().executemany("INSERT INTO words VALUES (%s, %s)", list(enumerate(dates)))
            for reading in DATE_READINGS:
                check_dates(dates, reading, connection.execute(date_statement("postgres", reading).encode()).fetchall())


@contextlib.contextmanager
def connected_mariadb() -> Iterator[pymysql.Connection]:
    with running_mariadb() as server, contextlib.closing(server.connect()) as connection:
        yield connection


@pytest.mark.slow
def test_mariadb_reads_every_written_number_and_date_as_the_scorer_to_the_last_bit(words, dates):
    with connected_mariadb() as connection, connection.cursor() as cursor:
        for line in ("USE bank", "CREATE TABLE words (i int, x text)"):
            cursor.execute(line)
        few = words[:: len(words) // 500]
        cursor.executemany("INSERT INTO words VALUES (%s, %s)", list(enumerate(few)))
        for reading in READINGS:
            cursor.execute(statement("mysql", reading))
            check(few, reading, cursor.fetchall())
        few = dates[:: len(dates) // 500]
        cursor.execute("DELETE FROM words")
        cursor.executemany("INSERT INTO words VALUES (%s, %s)", list(enumerate(few)))
        for reading in DATE_READINGS:
            cursor.execute(date_statement("mysql", reading))
            check_dates(few, reading, cursor.fetchall())


# Categories, yes/no, special values and dates, on a card.
N = 3_000
CREATE = "CREATE TABLE t (i int, channel text, code text, staff text, rate text, opened text)"


@pytest.fixture(scope="module")
def card() -> Scorecard:
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "channel": random.choice(["网点", "手机 银行", "O'Brien", "A\nB", None], N).astype(object),
            "code": random.choice(["3", "17", "A"], N).astype(object),
            "staff": random.choice(["是", "否", None], N).astype(object),
            "rate": np.where(random.random(N) < 0.2, -99.0, random.random(N).round(3)),
            "opened": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 1500, N), unit="D"),
        }
    )
    margin = (
        (frame["channel"] == "网点") + 1.5 * frame["channel"].isna() + 0.8 * (frame["channel"] == "A\nB")
        + (frame["code"] == "3") + 0.9 * (frame["staff"] == "是") + 1.2 * frame["staff"].isna()
        + 2 * frame["rate"].clip(0) + (frame["rate"] == -99) + (frame["opened"] > "2022-03-05") - 3
    )  # fmt: skip
    y = (random.random(N) < 1 / (1 + np.exp(-margin))).astype(float)
    card = Scorecard().fit(frame, y, special_values={"rate": [-99.0]})
    assert set(card.columns_) == set(frame.columns)
    return card


@pytest.fixture(scope="module")
def dirty() -> pd.DataFrame:
    """Every level in every padding, every word for nothing, every word for yes and no, and numbers with signs."""
    random = np.random.default_rng(6)
    pads = ("", *SPACES, "\u200b", " \t\u3000")
    levels = ("网点", "手机 银行", "手机银行", "O'Brien", "A\nB", "新渠道", "NA", "-")
    channels = [*MISSING, *(word.lower() for word in MISSING), *levels]
    codes = ["3", "3.0", "3.00", "3.", "03", "30", "17.0", "17.000", "3.10", "A", "A.0", "-3", "3 ", "３", "N/A"]
    flags = [*BOOLEAN_WORDS, *map(str.upper, BOOLEAN_WORDS), "1.0", "0.00", "1.", "对", "Ｙ", "maybe", "null"]
    rates = ["-99", "-99.0", "－99", "(99)", "99-", "0.5", "50%", "５０％", "5e-1", ".25", "0,25", "1.2万", "N/A", "x"]
    days = [
        *("2022-03-05", "2022/3/6", "20220305", "2022年3月4日", "2022.03.05 08:00", "44625", "5-Mar-2022", "N/A", "无"),
        *("2022-03-05T23:59:59+08:00", "2022-02-30", "２０２２－０３－０６", "2019-01-01", "02/03/2022", "0000-00-00"),
    ]
    words = {"channel": channels, "code": codes, "staff": flags, "rate": rates, "opened": days}
    rows = 4_000
    return pd.DataFrame(
        {
            name: [random.choice(pads) + random.choice(each) + random.choice(pads) for _ in range(rows)]
            for name, each in words.items()
        }
    )


@pytest.fixture(scope="module")
def wanted(card, dirty) -> np.ndarray:
    kinds = {"channel": "categorical", "code": "categorical", "staff": "boolean", "rate": "numeric", "opened": "date"}
    read = {
        name: read_texts(pl.Series(dirty[name].tolist(), dtype=pl.String), kind, ColumnReading(True))[0].to_list()
        for name, kind in kinds.items()
    }
    return card.predict(pd.DataFrame(read).astype({"rate": float}))


@pytest.mark.slow
def test_sqlite_scores_dirty_texts_as_the_scorer_does(card, dirty, wanted):
    found = in_sqlite(dirty, scorecard_sql(card, "t"), "t")
    assert np.abs(found["probability"] - wanted).max() < 1e-12
    assert list(found.columns[:5]) == list(dirty.columns)
    assert len(found.columns) == 5 + 5 + 4


@pytest.mark.parametrize("dialect", ["generic", "postgres"])
def test_duckdb_scores_dirty_texts_as_the_scorer_does(card, dirty, wanted, dialect):
    with duckdb.connect() as connection:
        connection.register("t", dirty)
        found = connection.execute(scorecard_sql(card, "t", dialect=dialect)).df()
    found = found.merge(dirty.assign(wanted=wanted).drop_duplicates(), on=list(dirty.columns))
    assert len(found) == len(dirty)
    assert np.abs(found["probability"] - found["wanted"]).max() < 1e-12


@pytest.mark.slow
def test_numbers_with_a_type_need_a_shorter_statement_only(card, dirty, wanted):
    typed = dirty.assign(rate=pd.to_numeric(dirty["rate"].str.strip(), errors="coerce"))
    is_same = (dirty["rate"].str.strip().isin(["-99", "-99.0", "0.5", "5e-1", ".25"])).to_numpy()
    long, short = scorecard_sql(card, "t"), scorecard_sql(card, "t", has_typed_numbers=True)
    assert len(short) < len(long)
    for text in (long, short):
        found = in_sqlite(typed, text, "t")
        assert np.abs(found["probability"] - wanted)[is_same].max() < 1e-12


@pytest.mark.slow
def test_servers_score_dirty_texts_as_the_scorer_does(card, dirty, wanted):
    with running_postgres() as server:
        login = {"host": "127.0.0.1", "port": server.port, "user": server.owner, "password": server.password}
        with psycopg.connect(dbname=server.database, **login) as connection:
            connection.execute(CREATE)
            rows = list(dirty.itertuples())
            connection.cursor().executemany("INSERT INTO t VALUES (%s, %s, %s, %s, %s, %s)", rows)
            cursor = connection.execute(scorecard_sql(card, "t", dialect="postgres", other_columns=["i"]).encode())
            _check_scores(cursor.fetchall(), [column.name for column in cursor.description or ()], wanted)
    with connected_mariadb() as connection, connection.cursor() as cursor:
        for line in ("USE bank", CREATE):
            cursor.execute(line)
        cursor.executemany("INSERT INTO t VALUES (%s, %s, %s, %s, %s, %s)", rows)
        cursor.execute(scorecard_sql(card, "t", dialect="mysql", other_columns=["i"]))
        _check_scores(cursor.fetchall(), [column[0] for column in cursor.description], wanted)


def _check_scores(rows: Iterable[tuple], names: list[str], wanted: np.ndarray) -> None:
    found = {row[names.index("i")]: row[names.index("probability")] for row in rows}
    assert len(found) == len(wanted)
    assert max(abs(float(found[i]) - p) for i, p in enumerate(wanted)) < 1e-12
