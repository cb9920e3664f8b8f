"""What the page of a data dictionary shows and gives: a line a column, the faults of a refused file, the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse

from catalog.models import Column, Dataset, DatasetVersion
from common.language import reader_language
from common.templatetags.formatting import told
from dictionary import services
from dictionary.models import DictionaryEntry
from experiments.labels import words_for

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class DictionaryLine:
    """One column with what is known of it."""

    column: Column
    entry: DictionaryEntry | None

    @property
    def label(self) -> str:
        """The column's name in the language of the page, or in the other one."""
        return label_for_reader(self.column, self.entry)

    @property
    def haystack(self) -> str:
        names = [self.entry.name_zh, self.entry.name_en, self.entry.source] if self.entry else []
        return " ".join([self.column.name, self.column.label, *names]).casefold()


def label_for_reader(column: Column, entry: DictionaryEntry | None) -> str:
    """Return what a column is called beside its name: by the dictionary, else by its file; nothing by neither.

    The dictionary's word is in the reader's language, or in the other one where it has none in that.
    """
    words = {"en": entry.name_en, "zh": entry.name_zh} if entry else {}
    return words_for(column.name, {column.name: words}, reader_language()) or column.own_label


def labels_for_reader(columns: Sequence[Column], dataset: Dataset) -> dict[str, str]:
    """Return what these columns of a dataset are called, by name, in one query."""
    entries = dataset.dictionary.filter(name__in=[column.name for column in columns])
    known = {entry.name: entry for entry in entries.only("dataset", "name", "name_zh", "name_en")}
    return {column.name: label_for_reader(column, known.get(column.name)) for column in columns}


def called(text: str, dataset: Dataset) -> list[str]:
    """Return the columns whose word in the dictionary, in either language, holds a text."""
    found = dataset.dictionary.filter(Q(name_zh__icontains=text) | Q(name_en__icontains=text))
    return list(found.values_list("name", flat=True))


def dictionary_lines(version: DatasetVersion) -> list[DictionaryLine]:
    """Return one line a column in the file's order."""
    entries = version.dataset.dictionary.defer("enumerations", "cost_per_query")
    known = {entry.name: entry for entry in entries}
    columns = version.columns.only("version", "name", "label", "personal_data")
    return [DictionaryLine(column, known.get(column.name)) for column in columns]


def narrowed(lines: list[DictionaryLine], text: str, show: str) -> list[DictionaryLine]:
    """Return the lines that a word and a filter leave."""
    kept = [line for line in lines if text.casefold() in line.haystack]
    if show == "described":
        return [line for line in kept if line.entry]
    if show == "open":
        return [line for line in kept if line.entry is None]
    return kept


def template_file(version: DatasetVersion, file_format: str) -> HttpResponse:
    """Answer with the template of a dictionary to carry away."""
    answer = HttpResponse(services.template_of(version, file_format), content_type=CONTENT_TYPES[file_format])
    answer["Content-Disposition"] = f'attachment; filename="dictionary-{version.dataset_id}.{file_format}"'
    return answer


def told_faults(refused: services.DictionaryRefused) -> list[dict[str, Any]]:
    """Return each fault with where it stands and what to do, in the language of the page."""
    return [
        {"row": fault.row, "heading": fault.heading, "said": told(fault.message, fault.params)}
        for fault in refused.faults
    ]
