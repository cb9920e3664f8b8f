"""The profile of a version, column by column, as a page shows it: values of persons masked."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from catalog.models import Column, DatasetVersion
from catalog.queries import confirmed_special_values
from catalog.ranges import range_of
from common.templatetags.formatting import rate
from dictionary.models import DictionaryEntry
from dictionary.page import label_for_reader
from dictionary.queries import sensitive_columns
from dictionary.services import entries_of
from experiments.privacy.masking import masked

TOP_SHOWN = 3
HIDDEN = "•••"


@dataclass(frozen=True)
class ProfileLine:
    """One column of a version, ready to be shown."""

    column: Column
    name: str
    label: str
    missing_share: float
    top_values: list[str]
    is_sensitive: bool = False
    special: Collection[Any] = ()

    @property
    def histogram(self) -> dict[str, Any]:
        return {} if self.is_sensitive else self.column.profile.get("histogram") or {}

    @property
    def values(self) -> str:
        """Tell the values in a few words: the range of a number, the most frequent of anything else."""
        profile = self.column.profile
        if self.is_sensitive:
            return HIDDEN
        if self.column.personal_data:
            return " · ".join((profile.get("protection") or {}).get("examples", []))
        return range_of(self.column, self.special) or " · ".join(self.top_values[:TOP_SHOWN])


def columns_called(version: DatasetVersion, text: str) -> list[int]:
    """Return the keys of the columns whose name or label holds a text, in the file's order, reading no profile."""
    known = entries_of(version.dataset)
    columns = version.columns.only("name", "label", "version_id")
    return [
        column.pk
        for column in columns
        if text in column.name.lower() or text in label_for_reader(column, known.get(column.name)).lower()
    ]


def profile_lines(version: DatasetVersion, keys: Collection[int] | None = None) -> list[ProfileLine]:
    """Return the lines of some columns, or of all, in the file's order."""
    sensitive = sensitive_columns(version.dataset)
    known, special = entries_of(version.dataset), confirmed_special_values(version.dataset)
    columns = version.columns.all() if keys is None else version.columns.filter(pk__in=keys)
    return [
        replace(
            _line(column, version.row_count, known.get(column.name), is_sensitive=column.name in sensitive),
            special=special.get(column.name, ()),
        )
        for column in columns
    ]


def _line(column: Column, rows: int, entry: DictionaryEntry | None, *, is_sensitive: bool) -> ProfileLine:
    return ProfileLine(
        column=column,
        name=column.name,
        label=label_for_reader(column, entry),
        missing_share=column.missing_count / rows if rows else 0.0,
        top_values=[] if is_sensitive else [_top(top, rows) for top in column.profile.get("top_values", [])],
        is_sensitive=is_sensitive,
    )


def _top(top: dict[str, Any], rows: int) -> str:
    share = f" {rate(top['count'] / rows, 1)}" if rows and top.get("count") else ""
    return f"{masked(top.get('value'))}{share}"
