"""Reads of datasets and checks worth a name."""

from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from accounts.models import Workspace
from catalog import dictionary, protected_marks, protection
from catalog.models import CheckedColumn, ColumnRole, DataCheck, Dataset, DatasetVersion

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
# What a person says of a proposed special value that is an ordinary one.
QUANTITY = "quantity"


def datasets_of(workspace: Workspace) -> QuerySet[Dataset]:
    """Return a workspace's datasets with their versions, newest first, in a fixed number of queries."""
    versions = DatasetVersion.objects.select_related("owner", "job").defer("comparison", "lineage", "notes")
    versions = versions.order_by("-number")
    return (
        Dataset.objects.filter(workspace=workspace)
        .select_related("owner")
        .prefetch_related(Prefetch("versions", queryset=versions, to_attr="all_versions"))
    )


def versions_of(workspace: Workspace) -> QuerySet[DatasetVersion]:
    """Return every version a member of the workspace may look at."""
    versions = DatasetVersion.objects.filter(dataset__workspace=workspace).select_related("dataset", "owner", "job")
    # At 2,000 columns a comparison is large, and few pages show it.
    return versions.defer("comparison")


def ready_versions_of(workspace: Workspace) -> QuerySet[DatasetVersion]:
    """Return the versions a question can be put to: samples last, newest first."""
    return (
        versions_of(workspace)
        .filter(state="ready")
        .annotate(question_count=Count("experiments"))
        .order_by("dataset__is_sample", "-created_at")
    )


def spec_parts(check: DataCheck) -> dict[str, Any]:
    """Return what the check has decided, as keyword arguments of ``ExperimentSpec``."""
    columns = list(check.columns.select_related("column").only(*DECIDED))
    special = special_codes_of(check)
    named, entries = [each.column for each in columns], dictionary.entries_of(check.version.dataset)
    never = set(protection.kept_from_models(columns, check.version.dataset))
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
        "protected": protected_marks.protected_features(check),
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


def confirmed_special_values(dataset: Dataset) -> dict[str, list[Any]]:
    """Return the values of a dataset that people confirmed to stand for no quantity, by column."""
    settings = dataset.column_settings.exclude(special_values=[])
    return {
        setting.name: [each["value"] for each in setting.special_values if each.get("meaning") != QUANTITY]
        for setting in settings
    }


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
    return {name for name, personal in told if not personal} - {*protection.protected_columns(check.version.dataset)}


def doubted_of(check: DataCheck, features: set[str]) -> list[str]:
    """Return the features that may be known only after the outcome: the check asks about them and proves nothing."""
    asked = check.findings.filter(code__in=MAY_BETRAY, severity="warning", action="", column__name__in=features)
    return sorted(set(asked.values_list("column__name", flat=True)))


def _named(columns: list[CheckedColumn], role: str) -> str | None:
    return next((each.column.name for each in columns if each.role == role and not _is_out(each)), None)


def _is_out(checked: CheckedColumn) -> bool:
    return checked.excluded or checked.role in NO_FEATURES
