"""Reads of data checks worth a name."""

from collections.abc import Iterable
from typing import Any

from catalog.models import ColumnRole, Dataset
from catalog.queries import confirmed_special_values
from checks import attributes
from checks.models import CheckedColumn, DataCheck
from dictionary import services as dictionary
from dictionary.queries import protected_columns

# No model may learn from these, and the run has no use of its own for them.
NO_FEATURES = (ColumnRole.IGNORE, ColumnRole.SPLIT, ColumnRole.TREATMENT)
# What a run has a use of its own for: of each there is at most one column.
USED_ROLES = (ColumnRole.ID, ColumnRole.DATE, ColumnRole.WEIGHT, ColumnRole.GROUP)
# What of a column a spec is made of; profiles of thousands of columns are heavy.
DECIDED = (
    *("check_of", "role", "excluded", "column__name", "column__label", "column__type"),
    *("column__position", "column__personal_data"),
)
# What is found of a column and proves nothing: a person says whether it stays.
ASKING = frozenset(
    {"single_feature", "settled", "ablation", "missing_by_class", "name", "near_copy", "id_like", "month_proxy"}
)
# Of these, what may be known only after the outcome; the others may be too little to go by, but betray nothing.
MAY_BETRAY = frozenset({"single_feature", "settled", "ablation", "missing_by_class", "name"})


def spec_parts(check: DataCheck) -> dict[str, Any]:
    """Return what the check has decided, as keyword arguments of ``ExperimentSpec``."""
    columns = list(check.columns.select_related("column").only(*DECIDED))
    special = special_codes_of(check)
    named, entries = [each.column for each in columns], dictionary.entries_of(check.version.dataset)
    never = set(kept_from_models(columns, check.version.dataset))
    directions = dictionary.proposed_directions(named, entries)
    value_labels = dictionary.value_labels_of(named, entries)
    return {
        "target": check.target,
        "event": check.event,
        "kind": check.kind,
        "id_column": _named(columns, ColumnRole.ID),
        "time_column": _named(columns, ColumnRole.DATE),
        "group_column": _named(columns, ColumnRole.GROUP),
        "weight_column": _named(columns, ColumnRole.WEIGHT),
        "excluded": [each.column.name for each in columns if _is_out(each) or each.column.name in never],
        "labels": dictionary.labels_of(named, entries),
        "protected": attributes.protected_features(check),
        **({"value_labels": value_labels} if value_labels else {}),
        **({"monotone": directions} if directions else {}),
        **({"special_values": special} if special else {}),
    }


def special_codes_of(check: DataCheck) -> dict[str, list[int | float]]:
    """Return the confirmed special values that are numbers, by column."""
    codes = {
        name: [code for code in values if isinstance(code, int | float)]
        for name, values in special_values_of(check).items()
    }
    return {name: values for name, values in codes.items() if values}


def special_values_of(check: DataCheck) -> dict[str, list[Any]]:
    """Return the values that people confirmed to stand for no quantity, by column; for all checks of a dataset."""
    found = confirmed_special_values(check.version.dataset)
    known = set(check.version.columns.filter(name__in=found).values_list("name", flat=True)) if found else set()
    return {name: values for name, values in found.items() if values and name in known and name != check.target}


def proposed_directions(check: DataCheck) -> dict[str, int]:
    """Return the directions that the dictionary expects of the columns of a check; the plan may switch them off."""
    dataset = check.version.dataset
    entries = dictionary.entries_of(dataset)
    return dictionary.proposed_directions(check.version.columns.filter(name__in=entries).defer("profile"), entries)


def features_of(check: DataCheck) -> set[str]:
    """Return the columns a model of this check may learn from."""
    columns = check.columns.filter(role=ColumnRole.FEATURE, excluded=False)
    told = columns.values_list("column__name", "column__personal_data")
    return {name for name, personal in told if not personal} - {*protected_columns(check.version.dataset)}


def doubted_of(check: DataCheck, features: set[str]) -> list[str]:
    """Return the features that may be known only after the outcome: the check asks about them and proves nothing."""
    asked = check.findings.filter(code__in=MAY_BETRAY, severity="warning", action="", column__name__in=features)
    return sorted(set(asked.values_list("column__name", flat=True)))


def _named(columns: list[CheckedColumn], role: str) -> str | None:
    return next((each.column.name for each in columns if each.role == role and not _is_out(each)), None)


def _is_out(checked: CheckedColumn) -> bool:
    return checked.excluded or checked.role in NO_FEATURES


def kept_from_models(columns: Iterable[CheckedColumn], dataset: Dataset) -> list[str]:
    """Return the columns that no model may learn from, whatever anybody decided on the data check.

    They are those that hold personal data and those that the dictionary protects.
    """
    protected = set(protected_columns(dataset))
    return [
        each.column.name
        for each in columns
        if each.role == ColumnRole.FEATURE and (each.column.personal_data or each.column.name in protected)
    ]
