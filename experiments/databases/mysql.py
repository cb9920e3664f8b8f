"""MySQL and MariaDB: a read-only transaction and an unbuffered cursor."""

import contextlib
import re
from collections.abc import Sequence
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.cursors import SSCursor

from experiments.databases.access import Login
from experiments.databases.dialect import (
    CONNECT_SECONDS,
    CONNECTION_LOST,
    FAILED,
    LOGIN_REFUSED,
    MAY_NOT_READ,
    MOST_DIGITS,
    NO_DATABASE,
    NOT_ADMITTED,
    ONLY_READS,
    RIGHTS_UNKNOWN,
    SAYS,
    TOO_SLOW,
    UNREACHABLE,
    Field,
    Holds,
    refused,
    saying,
)
from experiments.errors import BadInput

BINARY = 63
WHOLE = (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR)
DECIMAL = (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL)
BYTES = (FIELD_TYPE.TINY_BLOB, FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB, FIELD_TYPE.BLOB, FIELD_TYPE.VAR_STRING,
         FIELD_TYPE.STRING)  # fmt: skip
HOLDS: dict[int, Holds] = {
    **dict.fromkeys(WHOLE, "whole"),
    **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE, *DECIMAL), "number"),
    **dict.fromkeys((FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE), "day"),
    **dict.fromkeys((FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), "moment"),
    FIELD_TYPE.BIT: "bytes",
}
# What changes the meaning of quotes and backslashes, alone or as part of a mode that imitates another database.
LEXING_MODES = ("ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI", "ORACLE", "MSSQL", "DB2", "MAXDB", "POSTGRESQL")
READING = ("USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES")
PLACE = r"(?:`(?:[^`]|``)*`|\*)(?:\.(?:`(?:[^`]|``)*`|\*))?"
GRANT = re.compile(
    rf"GRANT (?P<privileges>.+?) ON (?:TABLE |FUNCTION |PROCEDURE |PACKAGE |PACKAGE BODY )?(?P<place>{PLACE})"
    r" TO (?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)
ROLE = r"(?:`(?:[^`]|``)*`|'[^']*'|[\w%.-]+)(?:@(?:`(?:[^`]|``)*`|'[^']*'|[\w%.-]+))?"
ROLES = re.compile(
    rf"(?:GRANT|SET DEFAULT ROLE) (?P<roles>{ROLE}(?: ?, ?{ROLE})*) (?:TO|FOR) (?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
GIVES_AWAY = re.compile(r"\bWITH (?:GRANT|ADMIN) OPTION\b", re.IGNORECASE)
COLUMNS = re.compile(r"\([^)]*\)")
LONGEST_RIGHT = 120
# The server's numbers for what may go wrong.
WRONG_PASSWORD = (1045, 1698)
WRONG_DATABASE = (1044, 1049)
WRONG_CLIENT = (1129, 1130)
NOBODY_THERE = (2002, 2003, 2005)
LOST = (2006, 2013, 2055, 1053, 1927)
STOPPED = (1317, 1969, 3024)
NO_RIGHT = (1142, 1143, 1227, 1370)
WOULD_CHANGE = (1290, 1792, 1836)
WRONG_WORDS = (1046, 1051, 1052, 1054, 1055, 1060, 1064, 1066, 1109, 1146, 1149, 1305)


class MySqlSession:
    """A connection in which every transaction is read-only and several statements at once are not understood."""

    def __init__(self, login: Login, address: str) -> None:
        self.login, self._address = login, address
        try:
            self._connection = self._connect(SSCursor)
            with self._connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
                # Quotes and backslashes mean what they meant when the query was looked at.
                cursor.execute(f"SET SESSION sql_mode = {_plain_mode()}")
                cursor.execute("SET SESSION time_zone = '+00:00'")
        except pymysql.MySQLError as error:
            raise self._told_of_login(error) from None

    def _connect(self, cursor: Any) -> Any:
        login = self.login
        return pymysql.connect(
            host=self._address,
            port=login.port_used,
            user=login.user,
            password=login.password,
            database=login.database,
            connect_timeout=CONNECT_SECONDS,
            charset="utf8mb4",
            local_infile=False,
            cursorclass=cursor,
            program_name="xiaoyu",
        )

    def rights_to_write(self) -> list[str]:
        with self._connection.cursor() as cursor:
            grants = self._grants(cursor, "SHOW GRANTS")
            roles = _roles_in(grants)
            if roles and self._is_mariadb():
                grants += self._grants_of_roles(cursor, roles)
            elif roles:
                grants += self._grants(cursor, f"SHOW GRANTS FOR CURRENT_USER() USING {', '.join(roles)}")
        if not grants:
            raise refused(self.login, RIGHTS_UNKNOWN)
        return rights_in(grants)

    def _grants_of_roles(self, cursor: Any, roles: Sequence[str]) -> list[str]:
        """MariaDB tells of a role what it allows while it is taken on."""
        cursor.execute("SELECT CURRENT_ROLE()")
        usual = cursor.fetchall()[0][0]
        grants = []
        for role in roles:
            cursor.execute(f"SET ROLE {role}")
            grants += self._grants(cursor, "SHOW GRANTS")
        cursor.execute(f"SET ROLE `{usual.replace('`', '``')}`" if usual else "SET ROLE NONE")
        return grants

    def _grants(self, cursor: Any, question: str) -> list[str]:
        cursor.execute(question)
        return [str(row[0]) for row in cursor.fetchall()]

    def ask(self, query: str, seconds: float) -> "_Answer":
        with self._connection.cursor() as cursor:
            self._limit(cursor, seconds)
            cursor.execute("START TRANSACTION READ ONLY")
        cursor = self._connection.cursor()
        cursor.execute(query)
        return _Answer(cursor)

    def _limit(self, cursor: Any, seconds: float) -> None:
        """MySQL counts in milliseconds, MariaDB in seconds under another name."""
        if self._is_mariadb():
            cursor.execute(f"SET SESSION max_statement_time = {int(seconds)}")
        else:
            cursor.execute(f"SET SESSION max_execution_time = {int(seconds * 1000)}")

    def _is_mariadb(self) -> bool:
        return "mariadb" in str(self._connection.get_server_info()).lower()

    def stop(self) -> None:
        with contextlib.suppress(Exception):
            killer = self._connect(pymysql.cursors.Cursor)
            with contextlib.closing(killer), killer.cursor() as cursor:
                cursor.execute(f"KILL QUERY {int(self._connection.thread_id())}")

    def close(self) -> None:
        # An unbuffered cursor would first read all that is left.
        with contextlib.suppress(Exception):
            self._connection._force_close()

    def told(self, error: Exception, seconds: float) -> BadInput | None:
        if not isinstance(error, pymysql.MySQLError):
            return None
        code = _code(error)
        said = saying(str(error.args[1]) if len(error.args) > 1 else "", self.login)
        if code in STOPPED:
            return refused(self.login, TOO_SLOW, seconds=int(seconds))
        if code in NO_RIGHT:
            return refused(self.login, MAY_NOT_READ, said=said)
        if code in WOULD_CHANGE:
            return BadInput(ONLY_READS)
        if code in WRONG_WORDS:
            return BadInput(SAYS, said=said)
        if code in LOST:
            return BadInput(CONNECTION_LOST)
        return BadInput(FAILED, code=code)

    def _told_of_login(self, error: pymysql.MySQLError) -> BadInput:
        for codes, message in (
            (WRONG_PASSWORD, LOGIN_REFUSED),
            (WRONG_CLIENT, NOT_ADMITTED),
            (WRONG_DATABASE, NO_DATABASE),
        ):
            if _code(error) in codes:
                return refused(self.login, message)
        return refused(self.login, UNREACHABLE)


class _Answer:
    """The rows of an unbuffered cursor."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        described = cursor._result.fields if cursor._result is not None else []
        self.fields: Sequence[Field] = [field_of(one) for one in described or []]

    def rows(self, count: int) -> Sequence[Sequence[Any]]:
        return self._cursor.fetchmany(count) or ()


def rights_in(grants: Sequence[str]) -> list[str]:
    """Return what grants allow besides reading.

    Examples
    --------
    >>> rights_in(["GRANT USAGE ON *.* TO `r`@`%`", "GRANT SELECT (`a`, `b`), INSERT ON `bank`.`loans` TO `r`@`%`"])
    ['INSERT ON `bank`.`loans`']
    """
    rights: list[str] = []
    for grant in grants:
        found, roles = GRANT.match(grant), ROLES.match(grant)
        if found is None and roles is None:
            # What is not understood may be anything.
            rights.append(grant.partition(" TO ")[0][:LONGEST_RIGHT])
            continue
        privileges = COLUMNS.sub("", found["privileges"]).split(",") if found else []
        more = [part.strip() for part in privileges if part.strip().upper() not in READING]
        if GIVES_AWAY.search((found or roles)["rest"]):  # type: ignore[index]
            more.append("GRANT OPTION")
        if more:
            place = found["place"] if found else roles["roles"]  # type: ignore[index]
            rights.append(f"{', '.join(more)} ON {place}"[:LONGEST_RIGHT])
    return list(dict.fromkeys(rights))


def _roles_in(grants: Sequence[str]) -> list[str]:
    """Return the roles a login has, whose grants are told by themselves."""
    found = [ROLES.match(grant) for grant in grants if not GRANT.match(grant)]
    return list(dict.fromkeys(role.strip() for each in found if each for role in each["roles"].split(",")))


def _plain_mode() -> str:
    """Return what sets the server's own mode without what changes quotes and backslashes."""
    mode = "@@SESSION.sql_mode"
    for part in LEXING_MODES:
        mode = f"REPLACE({mode}, '{part}', '')"
    return mode


def field_of(described: Any) -> Field:
    """Return what a column holds by its type, flags, digits and character set."""
    type_, flags = described.type_code, described.flags
    holds: Holds = HOLDS.get(type_, "words")
    if type_ == FIELD_TYPE.LONGLONG and flags & FLAG.UNSIGNED:
        holds = "words"
    if type_ in DECIMAL and described.scale == 0:
        # The length counts a sign; numbers of accounts are kept digit by digit.
        holds = "whole" if described.length - 1 <= MOST_DIGITS else "words"
    if type_ in BYTES and described.charsetnr == BINARY and flags & FLAG.BINARY:
        holds = "bytes"
    return Field(described.name, holds)


def _code(error: pymysql.MySQLError) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0
