"""An entry of the audit log in words."""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext

from audit.words import fact, told

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
    return " · ".join(f"{fact(name)} {_short(value)}" for name, value in values.items() if value not in EMPTY)


def _short(value: Any) -> str:
    text = _plain(value)
    if FINGERPRINT.fullmatch(text):
        return f"{text[:12]}…"
    return text if len(text) <= 120 else f"{text[:119]}…"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{fact(name)} {_plain(inner)}" for name, inner in value.items() if inner not in EMPTY)
    if isinstance(value, list | tuple):
        return ", ".join(_called(inner) for inner in value)
    return str(value)


def _called(value: Any) -> str:
    """Call a part of a list by its name where it has one; what else it holds stands in the export."""
    return str(value["name"]) if isinstance(value, Mapping) and value.get("name") else _plain(value)
