"""What the database itself refuses: rewriting what a re-run found."""

from common.triggers import fixed, guard, not_replaced

TABLE = "reruns_rerun"
SENTENCE = "what a re-run found cannot be rewritten"

guard(
    TABLE,
    fixed(TABLE, ("id", "experiment_id", "again_id", "asked_by_id", "created_at"), SENTENCE),
    fixed(
        TABLE,
        ("machine", "verdict", "facts", "compared_at"),
        SENTENCE,
        once="OLD.compared_at IS NOT NULL",
        name="found",
    ),
    not_replaced(TABLE, SENTENCE, ("again_id",)),
)
