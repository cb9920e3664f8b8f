"""Which columns hold protected attributes: what the dictionary says, else what a person decided, else what it looks."""

from dataclasses import dataclass
from typing import Any

from catalog.models import CATEGORIES, Column, ColumnRole, ColumnSetting, DataCheck, DatasetVersion
from experiments.data.leakage import Finding
from experiments.data.protected_attributes import ATTRIBUTES, MOST_VALUES, protected_attribute
from experiments.errors import gettext_noop

YES, NO = "yes", "no"
# Where the profile of a joined column keeps what its source looks like.
AS_SOURCE = "looks_protected"
LOOKS_CODE, KNOWN_CODE = "looks_protected", "protected_known"
LOOKS = gettext_noop(
    "%(columns)s: by name or values a protected attribute, so never a customer's reason. Confirm it, or say that it is "
    "none. Whether a model may use it is decided on the plan."
)
KNOWN = gettext_noop("Protected attributes: %(columns)s. They are never a customer's reason.")
NONE_LOOKS = gettext_noop("No column holds a protected attribute such as sex, age or origin.")


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


def marks_of(version: DatasetVersion) -> dict[str, ProtectedMark]:
    """Return the columns of a version that look protected or of which somebody has said whether they are, by name."""
    dataset = version.dataset
    entries = {entry.name: entry for entry in dataset.dictionary.all()}
    decided = dict(ColumnSetting.objects.filter(dataset=dataset).exclude(protected="").values_list("name", "protected"))
    values = _few_values(version)
    as_source = dict(
        version.columns.exclude(**{f"profile__{AS_SOURCE}": None}).values_list("name", f"profile__{AS_SOURCE}")
    )
    found = {}
    for column in version.columns.filter(personal_data="").defer("profile", "special_values"):
        entry = entries.get(column.name)
        names = [column.name, column.label, *((entry.name_zh, entry.name_en) if entry else ())]
        looks = protected_attribute(filter(None, names), values.get(column.name, ())) or as_source.get(column.name)
        is_in_dictionary = bool(entry and entry.is_protected)
        if looks or is_in_dictionary or column.name in decided:
            found[column.name] = ProtectedMark(column, looks or "", decided.get(column.name, ""), is_in_dictionary)
    return found


def protected_features(check: DataCheck) -> tuple[str, ...]:
    """Return the features of a check that count as protected, in the file's order."""
    features = set(check.columns.filter(role=ColumnRole.FEATURE).values_list("column__name", flat=True))
    return tuple(name for name, mark in marks_of(check.version).items() if mark.is_protected and name in features)


def marks_asked(check: DataCheck) -> list[ProtectedMark]:
    """Return the marks a person may decide on at a data check: those of features that the dictionary leaves open."""
    features = set(check.columns.filter(role=ColumnRole.FEATURE).values_list("column__name", flat=True))
    return [mark for mark in marks_of(check.version).values() if mark.name in features and not mark.is_in_dictionary]


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


def _few_values(version: DatasetVersion) -> dict[str, list[Any]]:
    """Return the values of columns of words that have few of them."""
    few = version.columns.filter(type__in=CATEGORIES, distinct_count__range=(2, MOST_VALUES), personal_data="")
    values = {}
    for name, distinct, tops in few.values_list("name", "distinct_count", "profile__top_values"):
        held = [top.get("value") for top in tops or []]
        # Of a column of more values than the profile lists, those that are listed are the most frequent.
        values[name] = held if len(held) >= min(distinct, 2) else []
    return values
