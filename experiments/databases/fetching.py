"""Streams the answer of one query into Parquet, in bounded memory, within a time and a number of rows."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.databases.access import HostRules, Login
from experiments.databases.dialect import TOO_SLOW, Field, Holds, Session, refuse_writers
from experiments.databases.mysql import MySqlSession
from experiments.databases.postgresql import PostgresSession
from experiments.databases.statement import check_select
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.column_names import tidy_names
from experiments.paths import AnyPath

__all__ = ["Fetched", "QueryLimits", "fetch_query", "try_login"]

SESSIONS: dict[str, Callable[[Login, str], Session]] = {"postgresql": PostgresSession, "mysql": MySqlSession}
CELLS_AT_ONCE = 200_000
MOST_AT_ONCE, FEWEST_AT_ONCE = 10_000, 50
ROWS_IN_GROUP, BYTES_IN_GROUP = 100_000, 64 << 20
HEARD_EVERY = 0.5
ARROW_TYPES: dict[Holds, pa.DataType] = {
    "whole": pa.int64(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "day": pa.date32(),
    "moment": pa.timestamp("us"),
    "words": pa.string(),
}
T = TypeVar("T")

NO_COLUMNS = gettext_noop("The query returns no columns. Select some, such as: select * from loans.")
NO_ROWS = gettext_noop("The query returns no rows. Check its conditions, then run it again.")
TOO_MANY_ROWS = gettext_noop(
    "The query returns more than %(most)s rows, the most this server allows; nothing was kept. Ask for fewer, or "
    "have an administrator raise the limit."
)
HOLDS_BYTES = gettext_noop("The column %(column)s holds binary data. Leave it out of the query.")
NOT_KEPT = gettext_noop("The column %(column)s holds a value that cannot be stored: a number or a date out of range.")


@dataclass(frozen=True)
class QueryLimits:
    """How long a query may take and how many rows it may give; the time zone in which moments are kept.

    Examples
    --------
    >>> QueryLimits(seconds=60).rows
    50000000
    """

    seconds: float = 600.0
    rows: int = 50_000_000
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Fetched:
    """What came: rows, and the columns as the database has them.

    Examples
    --------
    >>> Fetched(2, ()).rows
    2
    """

    rows: int
    fields: tuple[Field, ...]


def try_login(login: Login, rules: HostRules) -> None:
    """Connect and ask for nothing but what the login may do.

    Parameters
    ----------
    login : where and who. rules : which machines may be asked.

    Raises
    ------
    BadInput : it cannot be reached, does not let us in, or would let us write; the sentence says which.

    Examples
    --------
    >>> from experiments.errors import BadInput
    >>> login = Login("postgresql", "127.0.0.1", 1, "risk", "xiaoyu", "secret")
    >>> try:
    ...     try_login(login, HostRules(("db.bank.example",)))
    ... except BadInput as error:
    ...     print(str(error)[:36])
    127.0.0.1 may not be queried from he
    """
    with closing(_open(login, rules)) as session:
        try:
            refuse_writers(session, login)
            session.ask("select 1", 5.0).rows(1)
        except Exception as error:
            raise session.told(error, 5.0) or error from None


def fetch_query(
    login: Login,
    query: str,
    *,
    destination: AnyPath,
    rules: HostRules,
    limits: QueryLimits | None = None,
    on_progress: Callable[[int], None] = lambda rows: None,
) -> Fetched:
    """Write the answer of one reading query into a Parquet file.

    Whole numbers, numbers, yes or no and days keep their type; decimal numbers become floats unless they are whole;
    words stay as they are. Memory holds one group of rows. The transaction is read-only, and so must the login be.

    Parameters
    ----------
    on_progress : called with the rows so far, also while the database is thinking; may raise to stop the query.

    Returns
    -------
    Fetched

    Raises
    ------
    BadInput : the database is not reached, does not let us in or would let us write, refuses the query, or gives too
        much.

    Examples
    --------
    >>> import tempfile
    >>> from experiments.errors import BadInput
    >>> login = Login("postgresql", "127.0.0.1", 1, "risk", "xiaoyu", "secret")
    >>> try:
    ...     fetch_query(
    ...         login,
    ...         "SELECT 1",
    ...         destination=Path(tempfile.mkdtemp()) / "a.parquet",
    ...         rules=HostRules(("db.bank.example",)),
    ...     )
    ... except BadInput as error:
    ...     print(str(error)[:36])
    127.0.0.1 may not be queried from he
    """
    destination = Path(destination)
    limits = limits or QueryLimits()
    query = check_select(query, login.kind)
    with closing(_open(login, rules)) as session, ThreadPoolExecutor(1) as background:
        asking = _Asking(session, background, limits, on_progress)
        try:
            refuse_writers(session, login)
            return asking.write(query, destination)
        except Exception as error:
            raise session.told(error, limits.seconds) or error from None


def _open(login: Login, rules: HostRules) -> Session:
    address = rules.address_of(login.host, login.port_used)
    return SESSIONS[login.kind](login, address)


class _Asking:
    """One query on its way; the database works in another thread, so that a wish to stop is heard."""

    def __init__(
        self,
        session: Session,
        background: ThreadPoolExecutor,
        limits: QueryLimits,
        on_progress: Callable[[int], None],
    ) -> None:
        self.session = session
        self.background = background
        self.limits = limits
        self.on_progress = on_progress
        self.zone = ZoneInfo(limits.time_zone)
        self.ends_at = time.monotonic() + limits.seconds
        self.rows = 0

    def write(self, query: str, destination: Path) -> Fetched:
        answer = self._wait(self.background.submit(self.session.ask, query, self.limits.seconds))
        fields = answer.fields
        if not fields:
            raise BadInput(NO_COLUMNS)
        for field in fields:
            if field.holds == "bytes":
                raise BadInput(HOLDS_BYTES, column=field.name)
        names, _ = tidy_names([field.name for field in fields])
        layout = pa.schema([(name, ARROW_TYPES[field.holds]) for name, field in zip(names, fields, strict=True)])
        at_once = max(FEWEST_AT_ONCE, min(MOST_AT_ONCE, CELLS_AT_ONCE // len(fields)))
        with pq.ParquetWriter(destination, layout, compression="snappy") as writer:
            waiting: list[pa.RecordBatch] = []
            while rows := self._wait(self.background.submit(answer.rows, at_once)):
                self.rows += len(rows)
                if self.rows > self.limits.rows:
                    raise BadInput(TOO_MANY_ROWS, most=f"{self.limits.rows:,}")
                waiting.append(self._batch(rows, fields, layout))
                self.on_progress(self.rows)
                if sum(part.num_rows for part in waiting) >= ROWS_IN_GROUP or (
                    sum(part.nbytes for part in waiting) >= BYTES_IN_GROUP
                ):
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting = []
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting))
        if not self.rows:
            raise BadInput(NO_ROWS)
        return Fetched(self.rows, tuple(fields))

    def _wait(self, work: Future[T]) -> T:
        try:
            while True:
                try:
                    return work.result(timeout=HEARD_EVERY)
                except TimeoutError:
                    if work.done():
                        raise
                self.on_progress(self.rows)
                if time.monotonic() > self.ends_at:
                    raise BadInput(TOO_SLOW, seconds=int(self.limits.seconds))
        except BaseException:
            if not work.done():
                with suppress(Exception):
                    self.session.stop()
                with suppress(Exception):
                    work.result(timeout=30)
            raise

    def _batch(self, rows: Sequence[Sequence[Any]], fields: Sequence[Field], layout: pa.Schema) -> pa.RecordBatch:
        columns = zip(*rows, strict=True)
        arrays = []
        for values, field, target in zip(columns, fields, layout, strict=True):
            try:
                kept = [None if value is None else self._kept(value, field.holds) for value in values]
                arrays.append(pa.array(kept, type=target.type))
            except (pa.ArrowInvalid, OverflowError, ValueError) as error:
                raise BadInput(NOT_KEPT, column=field.name) from error
        return pa.RecordBatch.from_arrays(arrays, schema=layout)

    def _kept(self, value: Any, holds: Holds) -> Any:
        if holds == "whole":
            return int(value)
        if holds == "number":
            number = float(value)
            return number if math.isfinite(number) else None
        if holds == "moment" and isinstance(value, datetime):
            return value.astimezone(self.zone).replace(tzinfo=None) if value.tzinfo else value
        if holds in ("day", "moment"):
            # MySQL gives a date of zeros, its way of saying none, as a text.
            return value if isinstance(value, date) else None
        if holds == "yes_no":
            return bool(value)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
