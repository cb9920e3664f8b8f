"""What the database itself refuses about scored files: which version scored whose file, and what came of it."""

from common.triggers import fixed, guard, kept, not_replaced

TABLE = "scoring_scoringjob"
SENTENCE = "what was scored, by which version, cannot be rewritten"

guard(
    TABLE,
    fixed(TABLE, ("id", "workspace_id", "model_version_id", "owner_id", "file_name", "created_at"), SENTENCE),
    fixed(
        TABLE,
        ("state", "row_count", "summary", "artifact_hash", "files", "finished_at"),
        SENTENCE,
        once="OLD.state = 'finished'",
        name="finished",
    ),
    fixed(TABLE, ("deleted_at",), SENTENCE, once="OLD.deleted_at IS NOT NULL", name="deleted"),
    not_replaced(TABLE, SENTENCE),
    kept(TABLE, SENTENCE, once="OLD.state = 'finished'"),
)
