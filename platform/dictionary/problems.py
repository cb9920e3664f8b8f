"""How what is refused of a dictionary is told by the API."""

from typing import Any

from django.http import HttpRequest

from common.problems import Problem, pointer
from common.templatetags.formatting import told
from dictionary.page import told_faults
from dictionary.services import DictionaryRefused


def refused_dictionary(request: HttpRequest, error: DictionaryRefused) -> Problem:
    """Tell each mistake where it stands: in its row, and in the field of the body where one was sent as JSON."""
    errors: list[dict[str, Any]] = []
    for fault, each in zip(error.faults, told_faults(error), strict=True):
        is_json = request.content_type == "application/json"
        place = {"in": "body", "pointer": pointer([fault.row - 1, fault.field])} if is_json else {}
        errors.append({**place, "row": each["row"], "column": each["heading"], "detail": each["said"]})
    return Problem(409, told(error.message, error.params), errors)
