"""The audit log can only grow: the database itself refuses to change, delete or replace what is on record."""

from common.triggers import ALWAYS, Rule, guard, kept, not_replaced

TABLE = "audit_auditentry"
SENTENCE = "the audit log is append-only"

guard(
    TABLE,
    Rule(TABLE, "unchanged", "UPDATE", ALWAYS, SENTENCE),
    kept(TABLE, SENTENCE),
    not_replaced(TABLE, SENTENCE, ("hash",)),
)
