"""The parts of a long page, one shown at a time: which there are, and which is asked for."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

RESULT_PARTS = {
    "summary": _("Overview"),
    "curves": _("Curves"),
    "deciles": _("Decile table"),
    "derived": _("Derived columns"),
}


def parts_of(request: HttpRequest, parts: dict[str, Any], has: dict[str, Any], **kept: str) -> dict[str, Any]:
    """Return the parts that have something to show, and the one asked for, else the first.

    ``has`` tells of parts that may be empty; ``kept`` is what the address goes on saying from part to part.
    """
    offered = {name: label for name, label in parts.items() if has.get(name, True)}
    asked = request.GET.get("part", "")
    return {
        "part": asked if asked in offered else next(iter(offered)),
        "parts": list(offered.items()),
        "kept": {name: value for name, value in kept.items() if value},
    }
