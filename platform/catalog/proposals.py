"""What the system proposes for a question before anybody has chosen."""

from collections.abc import Iterable

from catalog.models import Column


def proposed_target(columns: Iterable[Column], kind: str) -> tuple[str, str] | None:
    """Return the column most likely asked about and its event; ``None`` if none stands out."""
    for column in columns:
        event = (column.profile.get("proposed_event") or {}).get(kind)
        if event is not None:
            return column.name, str(event)
    return None


def event_choices(column: Column) -> list[str]:
    """Return the values of a two-valued column; nothing for any other, which can be no target."""
    values = [str(top["value"]) for top in column.profile.get("top_values", []) if top.get("value") not in (None, "")]
    return values if len(values) == 2 and column.distinct_count == 2 else []
