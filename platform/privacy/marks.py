"""Which columns hold protected attributes: what the dictionary says, else what a person decided, else what it looks."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, JSONField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KeyTransform

from catalog.models import CATEGORIES, Column, ColumnSetting, DatasetVersion
from dictionary.models import DictionaryEntry
from experiments.privacy.protected_attributes import ATTRIBUTES, MOST_VALUES, protected_attribute

YES, NO = "yes", "no"
# Where the profile of a joined column keeps what its source looks like.
AS_SOURCE = "looks_protected"


# The values of columns of words that have few of them.
FEW_VALUES = Case(
    When(Q(type__in=CATEGORIES, distinct_count__range=(2, MOST_VALUES)), then=KeyTransform("top_values", "profile")),
    output_field=JSONField(),
)


@dataclass(frozen=True)
class ProtectedMark:
    """What is known of one column: what it seems to hold, and whether it counts as protected.

    Attributes
    ----------
    attribute : a name of ``ATTRIBUTES``; empty where only people say so.
    decided : ``yes`` or ``no`` as a person decided; empty where nobody has.
    """

    column: Column
    attribute: str
    decided: str
    is_in_dictionary: bool

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def is_protected(self) -> bool:
        """A proposal holds until somebody says that it is none; the dictionary's word holds in any case."""
        return self.is_in_dictionary or self.decided != NO

    @property
    def is_open(self) -> bool:
        return not self.decided and not self.is_in_dictionary

    @property
    def attribute_message(self) -> str:
        return ATTRIBUTES.get(self.attribute, "")


def marks_of(version: DatasetVersion, among: QuerySet[Any] | None = None) -> dict[str, ProtectedMark]:
    """Return the columns of a version that look protected or of which somebody has said whether they are, by name.

    ``among`` are the keys of the only columns to look at. One query, as every page of a data check asks for it.
    """
    # Of most columns neither values nor anything else of the profile is needed: there may be thousands.
    columns = version.columns.filter(personal_data="").defer("profile", "special_values")
    if among is not None:
        columns = columns.filter(pk__in=among)
    entry = DictionaryEntry.objects.filter(dataset=version.dataset_id, name=OuterRef("name"))
    setting = ColumnSetting.objects.filter(dataset=version.dataset_id, name=OuterRef("name"))
    told = columns.annotate(
        tops=FEW_VALUES,
        of_source=KeyTransform(AS_SOURCE, "profile"),
        decided=Subquery(setting.values("protected")[:1]),
        is_in_dictionary=Subquery(entry.values("is_protected")[:1]),
        name_zh=Subquery(entry.values("name_zh")[:1]),
        name_en=Subquery(entry.values("name_en")[:1]),
    )
    found: dict[str, ProtectedMark] = {}
    for column in told:
        names = filter(None, (column.name, column.label, column.name_zh, column.name_en))
        looks = protected_attribute(names, _few_values(column)) or column.of_source or ""
        if looks or column.is_in_dictionary or column.decided:
            found[column.name] = ProtectedMark(column, looks, column.decided or "", bool(column.is_in_dictionary))
    return found


def _few_values(column: Any) -> list[Any]:
    """Return the values of a column of words that has few of them; of most, the most frequent."""
    held = [top.get("value") for top in column.tops or []]
    return held if len(held) >= 2 else []
