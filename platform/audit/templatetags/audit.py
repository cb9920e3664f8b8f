"""An entry of the audit log in words."""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext

from audit.words import BY_COLUMN, fact, kind_of_object, told, value_in_words
from common.language import listed

register = template.Library()

EMPTY: tuple[Any, ...] = ("", None, [], {})
# A fingerprint is known by its beginning; the export holds it whole.
FINGERPRINT = re.compile("[0-9a-f]{64}")


@register.filter
def act(action: str) -> str:
    return told(action)


@register.filter
def object_kind(label: str) -> str:
    return kind_of_object(label)


@register.filter
def details(values: Mapping[str, Any]) -> str:
    """Show details as ``name value · name value``, lists and what is nested joined; what is empty is left out."""
    return " · ".join(f"{fact(name)} {_short(name, value)}" for name, value in values.items() if value not in EMPTY)


def _short(name: str, value: Any) -> str:
    text = _plain(name, value)
    if FINGERPRINT.fullmatch(text):
        return f"{text[:12]}…"
    return text if len(text) <= 120 else f"{text[:119]}…"


def _plain(name: str, value: Any) -> str:
    """Put a value into words; what is nested is told by the names of its own facts, or by columns."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        inner = {key: part for key, part in value.items() if part not in EMPTY}
        if name in BY_COLUMN:
            return listed(f"{key} {_plain(name, part)}" for key, part in inner.items())
        return listed(f"{fact(key)} {_plain(key, part)}" for key, part in inner.items())
    if isinstance(value, list | tuple):
        return listed(_called(name, part) for part in value)
    return value_in_words(name, value)


def _called(name: str, value: Any) -> str:
    """Call a part of a list by its name where it has one; what else it holds stands in the export."""
    return str(value["name"]) if isinstance(value, Mapping) and value.get("name") else _plain(name, value)
