"""What the audit log says of the data: its values in the words of the pages."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

RELATIONS = {"one": _("at most one row"), "many": _("many rows, aggregated")}


def values_told() -> list[tuple[Callable[[], Any], tuple[str, ...]]]:
    """Return the words of values with the facts they belong to."""
    from catalog import join_form, personal_page
    from catalog.forms import BROKEN_CHOICES, TOTALS_CHOICES
    from catalog.models import ColumnRole, ColumnType, Connection

    ways = {way: words[0] for way, words in personal_page.WAYS.items()}
    return [
        (lambda: dict(ColumnRole.choices), ("role", "before", "after")),
        (lambda: dict(ColumnType.choices), ("type",)),
        (lambda: dict(Connection.Kind.choices), ("kind",)),
        (lambda: dict(BROKEN_CHOICES), ("on_broken_bytes",)),
        (lambda: dict(TOTALS_CHOICES), ("totals",)),
        (lambda: ways, ("protection",)),
        (lambda: join_form.WORDS, ("aggregates",)),
        (lambda: join_form.FORMATS, ("time_format",)),
        (lambda: RELATIONS, ("relation",)),
    ]
