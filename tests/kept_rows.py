"""Rows of evidence as an engine keeps them, of which a test cares about some numbers only."""

from typing import Any, get_type_hints

from experiments.stored import plain

OF_NOTHING: dict[Any, Any] = {int: 0, float: 0.0, str: "", bool: False}


def kept_row(kind: type, /, **values: Any) -> dict[str, Any]:
    """Return a row of a kind as it is stored, with nothing in the places that are not given."""
    nothing = {name: OF_NOTHING.get(hint) for name, hint in get_type_hints(kind).items() if name != "judged_by"}
    return plain(kind(**(nothing | values)).to_dict() if hasattr(kind, "to_dict") else nothing | values)
