"""Where in a request something is wrong, and what, in the words of whoever sent it: no name of ours, no jargon."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja.operation import Operation

from api.strict import OPERATION, body_names, no_such
from common.answers import SENTENCES_OF_PATTERNS
from common.problems import pointer
from experiments.telling import filled

# A step that pydantic adds to the path for a key of an object.
KEY_STEP = "[key]"
OUR_SENTENCE = "Value error, "
SENTENCES = {
    "missing": _("This is required but was not sent."),
    "literal_error": _("Choose one of: %(expected)s."),
    "enum": _("Choose one of: %(expected)s."),
    "string_type": _("Send text."),
    "string_too_short": _("Send at least %(min_length)s characters."),
    "string_too_long": _("Send at most %(max_length)s characters."),
    "string_pattern_mismatch": _("Send text in this form: %(pattern)s"),
    "too_short": _("Send at least %(min_length)s entries."),
    "too_long": _("Send at most %(max_length)s entries."),
    "int_type": _("Send a whole number."),
    "int_parsing": _("Send a whole number."),
    "int_parsing_size": _("Send a whole number with fewer digits."),
    "int_from_float": _("Send a whole number."),
    "float_type": _("Send a number."),
    "float_parsing": _("Send a number."),
    "finite_number": _("Send a number."),
    "bool_type": _("Send true or false."),
    "bool_parsing": _("Send true or false."),
    "list_type": _("Send a list."),
    "dict_type": _("Send an object with fields."),
    "model_type": _("Send an object with fields."),
    "model_attributes_type": _("Send an object with fields."),
    "greater_than_equal": _("Send %(ge)s or more."),
    "greater_than": _("Send more than %(gt)s."),
    "less_than_equal": _("Send %(le)s or less."),
    "less_than": _("Send less than %(lt)s."),
    "uuid_type": _("Send a UUID."),
    "uuid_parsing": _("Send a UUID."),
    "date_type": _("Send a date such as 2026-12-31."),
    "date_parsing": _("Send a date such as 2026-12-31."),
    "date_from_datetime_parsing": _("Send a date such as 2026-12-31."),
    "datetime_type": _("Send a time such as 2026-12-31T09:30:00Z."),
    "datetime_parsing": _("Send a time such as 2026-12-31T09:30:00Z."),
    "datetime_from_date_parsing": _("Send a time such as 2026-12-31T09:30:00Z."),
}


def place_of(request: HttpRequest, error: dict[str, Any]) -> dict[str, str]:
    """Return an error as ``{"in", "pointer", "detail"}``: the pointer (RFC 6901) leads into what was sent."""
    place, *steps = error["loc"] or ("body",)
    operation: Operation | None = getattr(request, OPERATION, None)
    said = _said(error, operation)
    if place == "body" and steps:
        steps = _without_our_name(steps, operation)
    told = pointer([step for step in steps if step != KEY_STEP])
    return {"in": "form" if place == "file" else str(place), "pointer": told, "detail": said}


def _without_our_name(steps: list[Any], operation: Operation | None) -> list[Any]:
    """The body is one argument of our function; whoever sent it never heard of its name."""
    is_ours = any(getattr(model, "__read_from_single_attr__", None) == steps[0] for model in _models(operation))
    return steps[1:] if is_ours or steps[0] is None else steps


def _models(operation: Operation | None) -> list[Any]:
    return list(operation.models) if operation else []


def _said(error: dict[str, Any], operation: Operation | None) -> str:
    kind, words = error["type"], str(error["msg"])
    place, *steps = error["loc"] or ("body",)
    if kind == "extra_forbidden" and place == "body" and operation and _is_of_pydantic(words):
        return no_such(str(steps[-1]), body_names(operation, tuple(steps)))
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] in SENTENCES_OF_PATTERNS:
        message, params = SENTENCES_OF_PATTERNS[error["ctx"]["pattern"]]
        return gettext(message) % params
    if kind in SENTENCES:
        return filled(gettext(SENTENCES[kind]), error.get("ctx", {}))
    return words.removeprefix(OUR_SENTENCE)


def _is_of_pydantic(words: str) -> bool:
    return words == "Extra inputs are not permitted"
