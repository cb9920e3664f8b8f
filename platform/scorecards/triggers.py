"""What the database itself refuses: rewriting who changed a card, how and why."""

from common.triggers import fixed, guard, not_replaced

TABLE = "scorecards_cardedit"
SENTENCE = "the history of a scorecard cannot be rewritten"
COLUMNS = (
    "id", "card_id", "number", "person_id", "at", "act", "column_name", "told", "why", "before", "after", "effect",
)  # fmt: skip

guard(TABLE, fixed(TABLE, COLUMNS, SENTENCE), not_replaced(TABLE, SENTENCE, ("card_id", "number")))
