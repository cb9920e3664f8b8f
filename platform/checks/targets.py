"""What the system proposes for a question before anybody has chosen."""

from collections.abc import Iterable

from catalog.models import Column
from experiments.data.target import UNKNOWN_EVENT, spellings_of, values_of
from experiments.errors import BadInput


def proposed_target(columns: Iterable[Column], kind: str) -> tuple[str, str] | None:
    """Return the column most likely asked about and its event; ``None`` if none stands out."""
    for column in columns:
        event = (column.profile.get("proposed_event") or {}).get(kind)
        if event is not None:
            return column.name, str(event)
    return None


def event_choices(column: Column) -> list[str]:
    """Return the values of a two-valued column; nothing for any other, which can be no target.

    Spellings of one word are one value, as the engine reads them.
    """
    tops = [top for top in column.profile.get("top_values", []) if top.get("value") not in (None, "")]
    if len(tops) != column.distinct_count:
        return []
    values = values_of({str(top["value"]): int(top.get("count", 1)) for top in tops})
    return values if len(values) == 2 else []


def refuse_unknown_event(column: Column, event: str) -> None:
    """Raise BadInput where a value is asked for that the column, as far as its profile knows, has not."""
    values = event_choices(column)
    known = [str(top["value"]) for top in column.profile.get("top_values", [])] if values else []
    if event and known and not spellings_of(event, known):
        raise BadInput(UNKNOWN_EVENT, column=column.name, event=event, values=", ".join(values)).about("event")
