"""An entry of the audit log in words."""

from collections.abc import Mapping
from typing import Any

from django import template

from audit.words import told

register = template.Library()


@register.filter
def act(action: str) -> str:
    return told(action)


@register.filter
def details(values: Mapping[str, Any]) -> str:
    """Show details as ``name value · name value``, lists joined."""
    return " · ".join(f"{name} {_short(value)}" for name, value in values.items() if value not in ("", None, [], {}))


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 120 else f"{text[:119]}…"
