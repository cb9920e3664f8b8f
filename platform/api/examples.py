"""What a body of the API may look like: made from its schema, so that it never tells of a field that is gone."""

from typing import Any

FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T09:00:00+08:00",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "email": "somebody@example.com",
}
# Of a body in which nothing is needed, the first fields show what may be said.
SHOWN_OF_FREE_BODIES = 3
DEEPEST = 12


def example_of(part: dict[str, Any], components: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """Return a value that fits a part of the schema: what is needed, and nothing besides."""
    if "$ref" in part:
        name_of_part = part["$ref"].rsplit("/", 1)[-1]
        return example_of(components[name_of_part], components, name, depth + 1)
    for said in ("example", "const", "default"):
        if part.get(said) is not None:
            return part[said]
    if "enum" in part:
        return part["enum"][0]
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in part:
            return example_of(next(iter(part[choices])), components, name, depth + 1)
    if part.get("type") == "object" or "properties" in part:
        return _example_of_object(part, components, depth)
    if part.get("type") == "array":
        inner = [example_of(part.get("items", {}), components, name, depth + 1)] if depth < DEEPEST else []
        return inner * max(1, part.get("minItems", 1)) if inner else inner
    return _example_of_value(part, name)


def _example_of_object(part: dict[str, Any], components: dict[str, Any], depth: int) -> dict[str, Any]:
    fields = part.get("properties", {})
    shown = part.get("required") or [*fields][:SHOWN_OF_FREE_BODIES]
    if depth > DEEPEST:
        shown = part.get("required", [])
    return {field: example_of(fields[field], components, field, depth + 1) for field in shown}


def _example_of_value(part: dict[str, Any], name: str) -> Any:
    kind = part.get("type")
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return part.get("minimum", part.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in part else 1)
    if kind == "null":
        return None
    text = FORMATS.get(part.get("format", ""), name or "text")
    return text.ljust(part.get("minLength", 0), "x")[: part.get("maxLength", 200)]
