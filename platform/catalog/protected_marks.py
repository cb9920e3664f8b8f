"""Which columns hold protected attributes: what the dictionary says, else what a person decided, else what it looks."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, JSONField, OuterRef, Q, Subquery, When
from django.db.models.fields.json import KeyTransform

from catalog.models import CATEGORIES, Column, ColumnRole, ColumnSetting, DataCheck, DatasetVersion, DictionaryEntry
from experiments.errors import gettext_noop
from experiments.leakage import Finding
from experiments.privacy.protected_attributes import ATTRIBUTES, MOST_VALUES, protected_attribute

YES, NO = "yes", "no"
# Where the profile of a joined column keeps what its source looks like.
AS_SOURCE = "looks_protected"
LOOKS_CODE, KNOWN_CODE = "looks_protected", "protected_known"
LOOKS = gettext_noop(
    "Protected attributes, judging by name or values: %(columns)s. They are never given as a "
    "customer's reason. Confirm each, or mark it as not protected. Whether a model may use them is "
    "decided on the plan."
)
KNOWN = gettext_noop("Protected attributes: %(columns)s. They are never given as a customer's reason.")
NONE_LOOKS = gettext_noop("No column is a protected attribute such as sex, age or origin.")


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


def marks_of(version: DatasetVersion, check: DataCheck | None = None) -> dict[str, ProtectedMark]:
    """Return the columns of a version that look protected or of which somebody has said whether they are, by name.

    With a check, only those that are features in it. One query, as every page of a check asks for it.
    """
    # Of most columns neither values nor anything else of the profile is needed: there may be thousands.
    columns = version.columns.filter(personal_data="").defer("profile", "special_values")
    if check is not None:
        columns = columns.filter(pk__in=check.columns.filter(role=ColumnRole.FEATURE).values("column"))
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


def protected_features(check: DataCheck) -> tuple[str, ...]:
    """Return the features of a check that count as protected, in the file's order."""
    return tuple(name for name, mark in marks_of(check.version, check).items() if mark.is_protected)


def marks_asked(check: DataCheck) -> list[ProtectedMark]:
    """Return the marks a person may decide on at a data check: those of features that the dictionary leaves open."""
    return [mark for mark in marks_of(check.version, check).values() if not mark.is_in_dictionary]


def findings(check: DataCheck) -> list[Finding]:
    """Return the question which columns are protected; once everything is decided, what was."""
    marks = marks_asked(check)
    asked = [mark.name for mark in marks if mark.is_open]
    known = [mark.name for mark in marks if mark.is_protected]
    if asked:
        params: dict[str, Any] = {"columns": asked}
        return [Finding(LOOKS_CODE, "warning", None, LOOKS, params, "none", {"columns": asked})]
    if known:
        return [Finding(KNOWN_CODE, "passed", None, KNOWN, {"columns": known})]
    return [Finding(LOOKS_CODE, "passed", None, NONE_LOOKS)]


def _few_values(column: Any) -> list[Any]:
    """Return the values of a column of words that has few of them; of most, the most frequent."""
    held = [top.get("value") for top in column.tops or []]
    return held if len(held) >= 2 else []
