"""PostgreSQL: a read-only transaction and a server-side cursor."""

import os
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors

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
    SAYS,
    TOO_SLOW,
    UNREACHABLE,
    Field,
    Holds,
    refused,
    saying,
)
from experiments.errors import BadInput

HOLDS: dict[str, Holds] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), "whole"),
    **dict.fromkeys(("float4", "float8", "numeric", "money"), "number"),
    "bool": "yes_no",
    "date": "day",
    **dict.fromkeys(("timestamp", "timestamptz"), "moment"),
    "bytea": "bytes",
}
# Rows of what the login may do besides reading, by itself or by a role it is a member of. The catalogs' own rights are
# the same for everybody, and a temporary table is gone with the session.
RIGHTS = """
WITH mine AS (SELECT * FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(current_user, oid, 'MEMBER')),
places AS (
    SELECT oid, nspname FROM pg_catalog.pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND nspname !~ '^pg_(toast_)?temp_'
)
SELECT 1, 'SUPERUSER' FROM mine WHERE rolsuper
UNION ALL SELECT 2, 'CREATEROLE' FROM mine WHERE rolcreaterole
UNION ALL SELECT 2, 'CREATEDB' FROM mine WHERE rolcreatedb
UNION ALL SELECT 2, 'REPLICATION' FROM mine WHERE rolreplication
UNION ALL SELECT 3, rolname::text FROM mine WHERE rolname IN (
    'pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program', 'pg_read_server_files',
    'pg_signal_backend', 'pg_database_owner', 'pg_create_subscription', 'pg_maintain', 'rds_superuser',
    'cloudsqlsuperuser', 'azure_pg_admin')
UNION ALL SELECT DISTINCT 4, 'CREATE ON DATABASE ' || current_database()
    FROM mine WHERE pg_catalog.has_database_privilege(mine.oid, current_database(), 'CREATE')
UNION ALL SELECT DISTINCT 5, 'CREATE ON SCHEMA ' || nspname
    FROM places, mine WHERE pg_catalog.has_schema_privilege(mine.oid, places.oid, 'CREATE')
UNION ALL SELECT DISTINCT 6, 'INSERT, UPDATE, DELETE ON ' || nspname || '.' || relname
    FROM pg_catalog.pg_class AS c JOIN places AS p ON p.oid = c.relnamespace, mine
    WHERE CASE WHEN relkind IN ('r', 'p', 'v', 'f')
      THEN pg_catalog.has_table_privilege(mine.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
           OR pg_catalog.has_any_column_privilege(mine.oid, c.oid, 'INSERT, UPDATE') END
UNION ALL SELECT DISTINCT 7, 'USAGE, UPDATE ON ' || nspname || '.' || relname
    FROM pg_catalog.pg_class AS c JOIN places AS p ON p.oid = c.relnamespace, mine
    WHERE CASE relkind WHEN 'S' THEN pg_catalog.has_sequence_privilege(mine.oid, c.oid, 'USAGE, UPDATE') END
UNION ALL SELECT DISTINCT 8, 'EXECUTE ON ' || proname
    FROM pg_catalog.pg_proc AS f, mine
    WHERE (proname ~ '^dblink' OR proname IN (
              'lo_import', 'lo_export', 'pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_file_write',
              'pg_file_rename', 'pg_file_unlink', 'pg_reload_conf', 'pg_rotate_logfile', 'pg_switch_wal'))
      AND pg_catalog.has_function_privilege(mine.oid, f.oid, 'EXECUTE')
ORDER BY 1, 2 LIMIT 20
"""
# What a failed login looks like, in the languages servers speak most: a connection has no code for it.
WRONG_PASSWORD = ("password authentication failed", "密码认证失败", "no password supplied")
WRONG_DATABASE = ("does not exist", "不存在")
WRONG_CLIENT = ("pg_hba.conf",)
NOBODY_THERE = ("refused", "timeout", "timed out", "unreachable", "no route")


class PostgresSession:
    """A connection in which every transaction is read-only."""

    def __init__(self, login: Login, address: str) -> None:
        self.login = login
        try:
            self._connection = psycopg.connect(
                host=login.host,
                hostaddr=address,
                port=login.port_used,
                dbname=login.database,
                user=login.user,
                password=login.password,
                connect_timeout=CONNECT_SECONDS,
                application_name="xiaoyu",
                client_encoding="utf8",
                gssencmode="disable",
                # Only what a person typed counts, nothing that lies in the server's home.
                passfile=os.devnull,
                sslcert="",
                sslkey="",
            )
        except psycopg.Error as error:
            raise self._told_of_login(error) from None
        self._connection.read_only = True

    def rights_to_write(self) -> list[str]:
        rows = self._connection.execute(RIGHTS.encode()).fetchall()
        self._connection.rollback()
        return [str(row[1]) for row in rows]

    def ask(self, query: str, seconds: float) -> "_Answer":
        self._connection.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
        # A backslash in a string is one, as it was when the query was looked at.
        self._connection.execute("SELECT set_config('standard_conforming_strings', 'on', true)")
        cursor = self._connection.cursor(name="xiaoyu")
        # DECLARE … CURSOR takes a single query that reads, and goes by the protocol that knows one statement only.
        cursor.execute(query.encode())
        return _Answer(cursor)

    def stop(self) -> None:
        self._connection.cancel_safe(timeout=CONNECT_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def told(self, error: Exception, seconds: float) -> BadInput | None:
        if not isinstance(error, psycopg.Error):
            return None
        code = error.sqlstate or ""
        said = saying(error.diag.message_primary or "", self.login)
        if isinstance(error, errors.QueryCanceled):
            return refused(self.login, TOO_SLOW, seconds=int(seconds))
        if isinstance(error, errors.InsufficientPrivilege):
            return refused(self.login, MAY_NOT_READ, said=said)
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return BadInput(ONLY_READS)
        # Class 42 names tables and columns; others may quote the values of a customer.
        if code.startswith("42") and said:
            return BadInput(SAYS, said=said)
        if code.startswith(("08", "57")) or (not code and isinstance(error, psycopg.OperationalError)):
            return BadInput(CONNECTION_LOST)
        return BadInput(FAILED, code=code or type(error).__name__)

    def _told_of_login(self, error: psycopg.Error) -> BadInput:
        text = str(error).lower()
        for signs, message in (
            (WRONG_PASSWORD, LOGIN_REFUSED),
            (WRONG_CLIENT, NOT_ADMITTED),
            (NOBODY_THERE, UNREACHABLE),
            (WRONG_DATABASE, NO_DATABASE),
        ):
            if any(sign in text for sign in signs):
                return refused(self.login, message)
        return refused(self.login, UNREACHABLE)


class _Answer:
    """The rows of a server-side cursor."""

    def __init__(self, cursor: psycopg.ServerCursor[Any]) -> None:
        self._cursor = cursor
        self.fields: Sequence[Field] = [self._field(column) for column in cursor.description or ()]

    def rows(self, count: int) -> Sequence[Sequence[Any]]:
        return self._cursor.fetchmany(count)

    def _field(self, column: psycopg.Column) -> Field:
        known = self._cursor.connection.adapters.types.get(column.type_code)
        is_list = known is not None and known.array_oid == column.type_code
        name = "" if known is None or is_list else known.name
        holds: Holds = HOLDS.get(name, "words")
        if name == "numeric" and column.scale == 0 and column.precision:
            # Numbers of accounts are kept digit by digit.
            holds = "whole" if column.precision <= MOST_DIGITS else "words"
        if name == "money":
            holds = "words"
        return Field(column.name, holds)
