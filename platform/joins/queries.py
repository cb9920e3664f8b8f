"""Reads of joins worth a name: what a join reads, is to do, and may be run on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import Workspace
from catalog import queries
from catalog.models import Column, DatasetVersion
from experiments.data.special_values.numbers import is_long_code
from experiments.joins import JoinedTable, JoinSpec
from experiments.joins.times import NATIVE
from experiments.privacy.masking import holds_a_person
from joins.models import JoinPlan

MOST_OFFERED = 200
GUESS, PREVIEW, RUN, AGAIN = "guess", "preview", "run", "again"


def plans_of(workspace: Workspace) -> QuerySet[JoinPlan]:
    """Return the joins of a workspace, newest first, in a fixed number of queries."""
    return JoinPlan.objects.filter(workspace=workspace).select_related(
        "owner", "base__dataset", "result__dataset", "job"
    )


def newest_versions(workspace: Workspace) -> list[DatasetVersion]:
    """Return the newest version that is ready of each dataset, by name."""
    newest: dict[int, DatasetVersion] = {}
    for version in queries.versions_of(workspace).filter(state="ready").order_by("dataset__name", "-number"):
        newest.setdefault(version.dataset_id, version)
    return list(newest.values())


def versions_by_table(plan: JoinPlan) -> dict[str, DatasetVersion]:
    """Return the versions a join reads, by the name each has in it, with their columns; the base comes first."""
    chosen: dict[str, int] = plan.definition["tables"]
    columns = Prefetch("columns", queryset=Column.objects.order_by("position"), to_attr="all_columns")
    read = queries.versions_of(plan.workspace).filter(pk__in=chosen.values())
    found = read.prefetch_related(columns, "dataset__column_settings").in_bulk()
    return {table: found[pk] for table, pk in chosen.items() if pk in found}


def spec_of(plan: JoinPlan) -> JoinSpec | None:
    """Return what the join is to do; ``None`` while that is still being guessed."""
    plain = plan.definition.get("spec")
    return JoinSpec.from_dict(plain) if plain else None


def recipe_of(plan: JoinPlan) -> dict[str, Any]:
    """Return a join as plain data, as it is run again: its sources, and keys, roles, times and figures of each."""
    versions = versions_by_table(plan)
    return {
        "name": plan.name,
        "sources": {
            table: {"dataset": version.dataset.name, "number": version.number, "version": version.pk,
                    "sha256": version.parquet_sha256 or version.sha256}
            for table, version in versions.items()
        },
        "spec": plan.definition.get("spec"),
    }  # fmt: skip


def without_persons(spec: JoinSpec, versions: Mapping[str, DatasetVersion]) -> JoinSpec:
    """Leave out what would put a person's data into the names or the figures of columns: numbers of telephones summed
    up, frequent names counted. Columns taken over as they are stay; pages mask them."""
    return replace(spec, tables=tuple(_without_persons(spec, table, versions[table.name]) for table in spec.tables))


def _without_persons(spec: JoinSpec, table: JoinedTable, version: DatasetVersion) -> JoinedTable:
    personal = {column.name for column in version.all_columns if is_personal(column)}  # type: ignore[attr-defined]

    def kept(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in personal)

    columns = kept(table.columns) if spec.is_many(table.name) else table.columns
    return replace(table, numbers=kept(table.numbers), categories=kept(table.categories), columns=columns)


def with_no_values(spec: JoinSpec, versions: Mapping[str, DatasetVersion]) -> JoinSpec:
    """Have codes such as 365243 count as empty where numbers are summed up: their mean would mean nothing."""
    return replace(
        spec,
        tables=tuple(
            replace(table, no_values=no_values_of(versions[table.file], table.numbers))
            if table.relation == "many" and table.file in versions
            else table
            for table in spec.tables
        ),
    )


def no_values_of(version: DatasetVersion, numbers: Sequence[str]) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Return the numbers' codes that stand for no quantity: what people said of them, else what was proposed."""
    decided = {setting.name: setting.special_values for setting in version.dataset.column_settings.all()}
    found = []
    for column in version.all_columns:  # type: ignore[attr-defined]
        said = {str(each["value"]): each for each in decided.get(column.name, [])}
        # −1 may be an answer in its own right; nobody counts to 365243 or 9999999.
        proposed = [each for each in column.special_values if is_long_code(each["value"])]
        known = {str(each["value"]): each for each in proposed} | said
        codes = [each["value"] for each in known.values() if each.get("meaning") != queries.QUANTITY]
        numeric = sorted(float(code) for code in codes if isinstance(code, int | float))
        if column.name in numbers and numeric:
            found.append((column.name, tuple(numeric)))
    return tuple(found)


def with_dates_told(spec: JoinSpec, versions: Mapping[str, DatasetVersion]) -> JoinSpec:
    """Say of times that were read as dates that they are, so that what is missing is asked for at once."""

    def told(table: JoinedTable) -> JoinedTable:
        columns = versions[table.file].all_columns if table.file in versions else []  # type: ignore[attr-defined]
        is_date = any(column.name == table.time_column and column.type == "date" for column in columns)
        return replace(table, time_format=NATIVE) if is_date and not table.time_format else table

    return replace(spec, tables=tuple(map(told, spec.tables)))


def is_personal(column: Column) -> bool:
    """Tell whether a column holds data of persons, as found at upload or as its most frequent values look."""
    values = [str(top.get("value")) for top in column.profile.get("top_values", [])]
    return bool(column.personal_data) or any(map(holds_a_person, values))


def is_busy(plan: JoinPlan) -> bool:
    return plan.job is not None and not plan.job.is_terminated


def lacking_columns(spec: JoinSpec, table: str, version: DatasetVersion) -> list[str]:
    """Return the columns that the join reads of a table and a version has not."""
    present = set(version.columns.values_list("name", flat=True))
    return [name for name in needed_columns(spec, table) if name not in present]


def needed_columns(spec: JoinSpec, name: str) -> list[str]:
    """Return the columns that the join reads of a table; of the base, those that others hang on and its time."""
    own = [spec.time_column] if name == spec.base and spec.time_column else []
    of_table = [table for table in spec.tables if name in (table.name, table.file)]
    keys = [key for table in spec.tables if table.parent == name for key in table.parent_keys]
    return list(dict.fromkeys([*own, *keys, *(column for table in of_table for column in table.needed)]))


def sources_for(plan: JoinPlan) -> list[tuple[str, DatasetVersion, list[DatasetVersion]]]:
    """Return each table of a join with the version it reads and those that could stand in: its newer ones first."""
    versions, spec = versions_by_table(plan), spec_of(plan)
    if spec is None:
        return []
    used = {spec.base, *(table.file for table in spec.tables)}
    ready = list(
        queries.versions_of(plan.workspace)
        .filter(state="ready")
        .defer("lineage", "notes", "comparison")
        .order_by("-created_at")[:MOST_OFFERED]
    )
    names: dict[int, set[str]] = {}
    for pk, name in Column.objects.filter(version__in=ready).values_list("version_id", "name"):
        names.setdefault(pk, set()).add(name)
    found = []
    for table, now in versions.items():
        if table in used:
            needed = set(needed_columns(spec, table))
            fits = [each for each in ready if needed <= names.get(each.pk, set()) and each.pk != plan.result_id]
            found.append((table, now, sorted(fits, key=lambda each: each.dataset_id != now.dataset_id)))
    return found


def rests_on(version: DatasetVersion) -> bool:
    """Tell whether a join reads or made a version."""
    plans = JoinPlan.objects.filter(workspace=version.dataset.workspace).values_list("base", "result", "definition")
    return any(
        version.pk in (base, result, *definition.get("tables", {}).values()) for base, result, definition in plans
    )
