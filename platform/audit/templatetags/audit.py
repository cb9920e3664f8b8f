"""An entry of the audit log in words."""

import re
from collections.abc import Mapping
from typing import Any

from django import template

from audit.words import told

register = template.Library()

EMPTY: tuple[Any, ...] = ("", None, [], {})
# A fingerprint is known by its beginning; the export holds it whole.
FINGERPRINT = re.compile("[0-9a-f]{64}")


@register.filter
def act(action: str) -> str:
    return told(action)


@register.filter
def details(values: Mapping[str, Any]) -> str:
    """Show details as ``name value · name value``, lists and what is nested joined; what is empty is left out."""
    return " · ".join(f"{name} {_short(value)}" for name, value in values.items() if value not in EMPTY)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        value = [f"{name} {inner}" for name, inner in value.items() if inner not in EMPTY]
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if FINGERPRINT.fullmatch(text):
        return f"{text[:12]}…"
    return text if len(text) <= 120 else f"{text[:119]}…"
