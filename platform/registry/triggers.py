"""What the database itself refuses: approval without someone else's decision, and rewriting who asked or decided."""

from django.db.backends.base.base import BaseDatabaseWrapper

VERSION, REQUEST = "registry_modelversion", "registry_approvalrequest"
NOT_DECIDED = "a version is approved only by an approved request"
FINAL = "who asked and what was decided cannot be rewritten"
UNDECIDED = f"NOT EXISTS (SELECT 1 FROM {REQUEST} WHERE model_version_id = NEW.id AND decision = 'approved')"  # noqa: S608 - only constants
REWRITES = (
    "NEW.author_id <> OLD.author_id OR NEW.maker_id <> OLD.maker_id OR NEW.model_version_id <> OLD.model_version_id "
    "OR (OLD.decision <> 'pending' AND (NEW.decision <> OLD.decision OR NEW.comment <> OLD.comment "
    "OR COALESCE(NEW.decided_by_id, 0) <> COALESCE(OLD.decided_by_id, 0)))"
)
SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS {VERSION}_approved_at_birth BEFORE INSERT ON {VERSION} "
    f"WHEN NEW.state = 'approved' BEGIN SELECT RAISE(ABORT, '{NOT_DECIDED}'); END",
    f"CREATE TRIGGER IF NOT EXISTS {VERSION}_approved BEFORE UPDATE ON {VERSION} "
    f"WHEN NEW.state = 'approved' AND OLD.state <> 'approved' AND {UNDECIDED} "
    f"BEGIN SELECT RAISE(ABORT, '{NOT_DECIDED}'); END",
    f"CREATE TRIGGER IF NOT EXISTS {REQUEST}_final BEFORE UPDATE ON {REQUEST} "
    f"WHEN {REWRITES} BEGIN SELECT RAISE(ABORT, '{FINAL}'); END",
)
SQLITE_REMOVAL = (
    f"DROP TRIGGER IF EXISTS {VERSION}_approved_at_birth",
    f"DROP TRIGGER IF EXISTS {VERSION}_approved",
    f"DROP TRIGGER IF EXISTS {REQUEST}_final",
)
POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION {VERSION}_approved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF {UNDECIDED} THEN RAISE EXCEPTION '{NOT_DECIDED}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
    f"RETURN NEW; END $$",
    f"CREATE OR REPLACE TRIGGER {VERSION}_approved BEFORE INSERT OR UPDATE OF state ON {VERSION} "
    f"FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION {VERSION}_approved()",
    f"CREATE OR REPLACE FUNCTION {REQUEST}_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF {REWRITES} THEN RAISE EXCEPTION '{FINAL}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
    f"RETURN NEW; END $$",
    f"CREATE OR REPLACE TRIGGER {REQUEST}_final BEFORE UPDATE ON {REQUEST} "
    f"FOR EACH ROW EXECUTE FUNCTION {REQUEST}_final()",
)
POSTGRESQL_REMOVAL = (
    f"DROP TRIGGER IF EXISTS {VERSION}_approved ON {VERSION}",
    f"DROP FUNCTION IF EXISTS {VERSION}_approved()",
    f"DROP TRIGGER IF EXISTS {REQUEST}_final ON {REQUEST}",
    f"DROP FUNCTION IF EXISTS {REQUEST}_final()",
)


def install(connection: BaseDatabaseWrapper) -> None:
    run(connection, SQLITE if connection.vendor == "sqlite" else POSTGRESQL)


def remove(connection: BaseDatabaseWrapper) -> None:
    run(connection, SQLITE_REMOVAL if connection.vendor == "sqlite" else POSTGRESQL_REMOVAL)


def run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
