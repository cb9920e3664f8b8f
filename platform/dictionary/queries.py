"""Reads of the dictionary that other apps rest on."""

from catalog.models import Dataset
from dictionary.models import DictionaryEntry


def protected_columns(dataset: Dataset) -> list[str]:
    """Return the columns that the dictionary says must never be a feature."""
    return list(DictionaryEntry.objects.filter(dataset=dataset, is_protected=True).values_list("name", flat=True))


def sensitive_columns(dataset: Dataset) -> set[str]:
    """Return the columns whose values the dictionary says are not to be shown."""
    return set(DictionaryEntry.objects.filter(dataset=dataset, is_sensitive=True).values_list("name", flat=True))
