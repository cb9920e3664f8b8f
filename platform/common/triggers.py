"""What the database itself refuses: rules that apps declare once, written for SQLite and for PostgreSQL.

Every app says in its ``triggers`` which rows stay as they are. After each migration all of them are installed anew,
because SQLite drops a table's triggers when it builds the table anew, and a rename fails while others speak of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate

Event = Literal["INSERT", "UPDATE", "DELETE"]
ALWAYS = "1 = 1"
PREFIX = "guard_"


@dataclass(frozen=True)
class Rule:
    """One thing that a table refuses.

    Attributes
    ----------
    when : SQL about NEW and OLD that both databases understand.
    only : the one database that the rule is for; both without it.
    """

    table: str
    name: str
    event: Event
    when: str
    sentence: str
    only: str = ""

    @property
    def trigger(self) -> str:
        return f"{PREFIX}{self.table}_{self.name}"


@dataclass
class Rules:
    """All that was declared."""

    tables: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    views: dict[str, dict[str, str]] = field(default_factory=dict)


_declared = Rules()


def guard(table: str, *rules: Rule | list[Rule]) -> None:
    """Declare what a table refuses; of a guarded table PostgreSQL refuses TRUNCATE, too."""
    if table not in _declared.tables:
        _declared.tables.append(table)
    for each in rules:
        _declared.rules.extend(each if isinstance(each, list) else [each])


def view(name: str, *, sqlite: str, postgresql: str) -> None:
    """Declare what rules and queries may read as one table."""
    _declared.views[name] = {"sqlite": sqlite, "postgresql": postgresql}


def changed(*columns: str) -> str:
    """Return SQL that is true when one of the columns gets another value.

    Examples
    --------
    >>> changed("state")
    '(NEW.state <> OLD.state OR (NEW.state IS NULL) <> (OLD.state IS NULL))'
    """
    pairs = (f"NEW.{name} <> OLD.{name} OR (NEW.{name} IS NULL) <> (OLD.{name} IS NULL)" for name in columns)
    return f"({' OR '.join(pairs)})"


def fixed(table: str, columns: Iterable[str], sentence: str, *, once: str = "", name: str = "fixed") -> Rule:
    """Return the rule that columns keep their values, from the moment that ``once`` is true of OLD."""
    when = changed(*columns)
    return Rule(table, name, "UPDATE", f"({once}) AND {when}" if once else when, sentence)


def kept(table: str, sentence: str, *, once: str = "") -> Rule:
    """Return the rule that rows stay, from the moment that ``once`` is true of OLD."""
    return Rule(table, "kept", "DELETE", once or ALWAYS, sentence)


def not_replaced(table: str, sentence: str, *keys: tuple[str, ...], further: str = "") -> list[Rule]:
    """Return the rules that no row takes the place of another: SQLite's OR REPLACE deletes without asking DELETE.

    ``keys`` are the columns that are unique together, beside the id; ``further`` is SQL about NEW and a row ``other``
    that must not be there beside it.
    """
    same = [" AND ".join(f"other.{column} = NEW.{column}" for column in key) for key in (("id",), *keys)]
    collides = " OR ".join(f"({each})" for each in [*same, further] if each)
    found = f"SELECT 1 FROM {table} AS other WHERE ({collides})"  # noqa: S608 - only constants
    return [
        Rule(table, "not_replaced", "INSERT", f"EXISTS ({found})", sentence, only="sqlite"),
        Rule(table, "not_pushed_aside", "UPDATE", f"EXISTS ({found} AND other.id <> OLD.id)", sentence, only="sqlite"),
    ]


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in place, anew; before all tables are there, none."""
    present = set(connection.introspection.table_names())
    if not present.issuperset(_declared.tables):
        return
    remove(connection)
    _run(connection, _statements(connection.vendor))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger of the guarded tables away, those of earlier versions too: for migrations, and for tests."""
    _settle(connection)
    with connection.cursor() as cursor:
        for table, trigger in _standing(connection):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{on}")
        for name in _declared.views:
            cursor.execute(f"DROP VIEW IF EXISTS {name}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables whose triggers somebody has taken away, switched off or altered."""
    wanted = _wanted_sql(connection.vendor)
    found = dict(_standing_sql(connection))
    tables = {table for (table, trigger), sql in wanted.items() if found.get((table, trigger)) != sql}
    return sorted(tables)


def watch_migrations(sender: AppConfig) -> None:
    """Install the triggers after every migration, and have none in its way."""
    pre_migrate.connect(_before_migration, sender=sender, dispatch_uid="triggers")
    post_migrate.connect(_after_migration, sender=sender, dispatch_uid="triggers")


def _before_migration(using: str, plan: list[Any], **_kwargs: Any) -> None:
    if plan:
        remove(connections[using])


def _after_migration(using: str, **_kwargs: Any) -> None:
    install(connections[using])


def _rules_for(vendor: str) -> list[Rule]:
    return [rule for rule in _declared.rules if rule.only in ("", vendor)]


def _statements(vendor: str) -> list[str]:
    views = [f"CREATE VIEW {name} AS {sql[vendor]}" for name, sql in _declared.views.items()]
    if vendor == "sqlite":
        return [*views, *(_sqlite(rule) for rule in _rules_for(vendor))]
    rules = [statement for rule in _rules_for(vendor) for statement in _postgresql(rule)]
    return [*views, *rules, *(statement for table in _declared.tables for statement in _no_truncate(table))]


def _sqlite(rule: Rule) -> str:
    return (
        f"CREATE TRIGGER {rule.trigger} BEFORE {rule.event} ON {rule.table} WHEN {rule.when} "
        f"BEGIN SELECT RAISE(ABORT, '{rule.sentence}'); END"
    )


def _postgresql(rule: Rule) -> tuple[str, str, str]:
    row = "OLD" if rule.event == "DELETE" else "NEW"
    body = f"BEGIN IF {rule.when} THEN {_raise(rule.sentence)} END IF; RETURN {row}; END"
    trigger = f"BEFORE {rule.event} ON {rule.table} FOR EACH ROW"
    return _function_and_trigger(rule.table, rule.trigger, body, trigger)


def _no_truncate(table: str) -> tuple[str, str, str]:
    name = f"{PREFIX}{table}_not_emptied"
    body = f"BEGIN {_raise(f'{table} cannot be emptied')} END"
    return _function_and_trigger(table, name, body, f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")


def _raise(sentence: str) -> str:
    return f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation';"


def _function_and_trigger(table: str, name: str, body: str, trigger: str) -> tuple[str, str, str]:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        f"CREATE TRIGGER {name} {trigger} EXECUTE FUNCTION {name}()",
        # Else a session that replays a replication would pass unasked.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    )


def _wanted_sql(vendor: str) -> dict[tuple[str, str], str]:
    """Return what ``_standing_sql`` finds while everything is in place."""
    if vendor == "sqlite":
        return {(rule.table, rule.trigger): _sqlite(rule) for rule in _rules_for(vendor)}
    functions = [(rule.table, rule.trigger, _postgresql(rule)[0]) for rule in _rules_for(vendor)]
    functions += [(table, f"{PREFIX}{table}_not_emptied", _no_truncate(table)[0]) for table in _declared.tables]
    return {(table, name): sql.split("$$")[1] for table, name, sql in functions}


def _standing(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    return [place for place, _sql in _standing_sql(connection)]


def _standing_sql(connection: BaseDatabaseWrapper) -> list[tuple[tuple[str, str], str]]:
    """Return table, name and text of the triggers on guarded tables; switched off, a trigger has no text."""
    query = SQLITE_TRIGGERS if connection.vendor == "sqlite" else POSTGRESQL_TRIGGERS
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    return [((table, name), sql) for table, name, sql in rows if table in _declared.tables]


SQLITE_TRIGGERS = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
POSTGRESQL_TRIGGERS = """
    SELECT c.relname, t.tgname, CASE WHEN t.tgenabled IN ('O', 'A') THEN p.prosrc ELSE '' END
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""


def _settle(connection: BaseDatabaseWrapper) -> None:
    """PostgreSQL changes no trigger of a table while rows of it wait for their foreign keys to be checked."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        connection.check_constraints()


def _run(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
