"""Reads of the dictionary that other apps rest on."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from catalog.models import Dataset
from dictionary.models import DictionaryEntry


@dataclass(frozen=True)
class KeptBack:
    """Columns that the dictionary says must never be a feature, and those whose values are not to be shown."""

    protected: frozenset[str]
    sensitive: frozenset[str]


def kept_back_columns(datasets: Iterable[Dataset]) -> KeptBack:
    """Return what the dictionary keeps back in any of some datasets."""
    marked = DictionaryEntry.objects.filter(Q(is_protected=True) | Q(is_sensitive=True), dataset__in=list(datasets))
    found = list(marked.values_list("name", "is_protected", "is_sensitive"))
    protected = frozenset(name for name, is_protected, _is_sensitive in found if is_protected)
    return KeptBack(protected, frozenset(name for name, _is_protected, is_sensitive in found if is_sensitive))


def protected_columns(dataset: Dataset) -> list[str]:
    """Return the columns that the dictionary says must never be a feature."""
    return list(DictionaryEntry.objects.filter(dataset=dataset, is_protected=True).values_list("name", flat=True))


def sensitive_columns(dataset: Dataset) -> set[str]:
    """Return the columns whose values the dictionary says are not to be shown."""
    return set(DictionaryEntry.objects.filter(dataset=dataset, is_sensitive=True).values_list("name", flat=True))
