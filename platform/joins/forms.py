"""A join as a form: each table with its choices, and what a person chose back as a ``JoinSpec``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.models import Column, DatasetVersion
from common.numbers import whole_number
from experiments.joins import AGGREGATES, ALL_HISTORY, WINDOWS, JoinedTable, JoinSpec
from experiments.joins.key_columns import IDENTIFIER
from experiments.joins.spec import TIMED_AGGREGATES
from experiments.joins.times import ALL_TIME_FORMATS, DAYS_BEFORE, MONTHS_BEFORE
from joins.queries import is_personal, no_values_of

WORDS = {
    "count": _("Count"),
    "sum": _("Sum"),
    "mean": _("Mean"),
    "max": _("Maximum"),
    "min": _("Minimum"),
    "std": _("Standard deviation"),
    "distinct": _("Distinct values"),
    "share": _("Share of each frequent value"),
    "last": _("Last value"),
    "recency": _("Days since the last row"),
    "trend": _("Monthly trend"),
    "ratio": _("Short window as a share of the longest"),
}
FORMATS = {
    "": _("Detect automatically"),
    "native": _("As a date"),
    "yyyymmdd": "20240131",
    "yymmdd": "240131",
    "text": _("As text, 2024-01-31"),
    "yymmdd hh:mm:ss": "240131 10:00:00",
    DAYS_BEFORE: _("Days before the observation, −30"),
    MONTHS_BEFORE: _("Months before the observation, −2"),
}
LONGEST_LAG = 3_650
MOST_LEVELS = 20
# From so many columns on a list to choose from holds only those that may be meant.
WIDE = 200


@dataclass(frozen=True)
class Choice:
    """Something to tick or to select."""

    value: str
    label: Any
    chosen: bool
    hint: str = ""


@dataclass(frozen=True)
class TableSection:
    """One table on the page with everything that can be chosen for it."""

    prefix: str
    name: str
    version: DatasetVersion
    table: JoinedTable | None
    guess: Mapping[str, Any]
    targets: list[tuple[str, list[Choice]]]
    keys: list[Choice]
    times: list[Choice]
    formats: list[Choice]
    windows: list[Choice]
    aggregates: list[Choice]
    numbers: list[Choice]
    categories: list[Choice]
    columns: list[Choice]
    only_columns: list[Choice]
    codes: list[tuple[str, str]]

    @property
    def leaves_codes_out(self) -> bool:
        """Whether codes count as empty; so they do in a table that nobody has chosen yet."""
        return self.table is None or self.table.relation == "one" or bool(self.table.no_values)

    @property
    def is_many(self) -> bool:
        return self.table is None or self.table.relation == "many"

    @property
    def lag(self) -> int:
        return self.table.lag_days if self.table else 0

    @property
    def levels(self) -> int:
        return self.table.levels if self.table else 5

    @property
    def only_values(self) -> str:
        return ", ".join(self.table.only[0][1]) if self.table and self.table.only else ""

    @property
    def confidence(self) -> float | None:
        return self.guess.get("confidence")

    @property
    def has_more_keys(self) -> bool:
        """More than one pair of columns is kept as it is: the form shows the first."""
        return self.table is not None and len(self.table.keys) > 1


def sections(versions: Mapping[str, DatasetVersion], spec: JoinSpec, guesses: Mapping[str, Any]) -> list[TableSection]:
    """Return the tables that may be joined, those that are first."""
    chosen = {table.name: table for table in spec.tables}
    ordered = [table.name for table in spec.in_order()]
    others = [name for name in versions if name != spec.base and name not in chosen]
    numbers = {name: rank for rank, name in enumerate(versions)}
    return [
        _section(f"t{numbers[name]}", name, versions, numbers, chosen.get(name), guesses.get(name, {}))
        for name in [*(name for name in ordered if name in versions), *others]
    ]


def _section(
    prefix: str,
    name: str,
    versions: Mapping[str, DatasetVersion],
    numbers: Mapping[str, int],
    table: JoinedTable | None,
    guess: Mapping[str, Any],
) -> TableSection:
    columns = columns_of(versions[name])
    words = table or JoinedTable(name, "", (), "many")
    key = words.keys[0] if words.keys else ("", "")
    only = words.only[0][0] if words.only else ""
    # What the other relation would take is ticked ready for a change of mind.
    is_new, is_one = table is None, words.relation == "one"
    return TableSection(
        prefix=prefix,
        name=name,
        version=versions[name],
        table=table,
        guess=guess,
        targets=[
            (other, [
                Choice(f"{numbers[other]}:{column.name}", column.name, (other, column.name) == (words.parent, key[0]))
                for column in key_columns(version, key[0] if other == words.parent else "")
            ])
            for other, version in versions.items()
            if other != name
        ],
        keys=[
            Choice(column.name, column.name, column.name == key[1]) for column in key_columns(versions[name], key[1])
        ],
        times=[Choice(column.name, column.name, column.name == words.time_column) for column in columns],
        formats=[Choice(value, label, value == words.time_format) for value, label in FORMATS.items()],
        windows=[
            *(Choice(str(days), days, days in words.windows) for days in WINDOWS),
            Choice(str(ALL_HISTORY), _("all"), ALL_HISTORY in words.windows),
        ],
        aggregates=[
            Choice(each, WORDS[each], each in words.aggregates, "timed" if each in TIMED_AGGREGATES else "")
            for each in AGGREGATES
        ],
        numbers=_ticked(columns, words.numbers, ("numeric",), is_new or is_one),
        categories=_ticked(columns, words.categories, ("categorical", "boolean"), is_new or is_one),
        columns=_ticked(columns, words.columns, ("numeric", "categorical", "boolean", "date"), not is_one, True),
        only_columns=[Choice(column.name, column.name, column.name == only) for column in columns],
        codes=[
            (column, ", ".join(f"{code:g}" if code % 1 else str(int(code)) for code in codes))
            for column, codes in no_values_of(versions[name], [column.name for column in columns])
        ],
    )  # fmt: skip


def columns_of(version: DatasetVersion) -> list[Column]:
    return version.all_columns  # type: ignore[attr-defined,no-any-return]


def key_columns(version: DatasetVersion, chosen: str) -> list[Column]:
    """Return the columns offered as keys: all of a narrow table; of a wide one those that look like it."""
    columns = columns_of(version)
    if len(columns) <= WIDE:
        return columns
    return [column for column in columns if column.name == chosen or _may_be_key(column)][:WIDE]


def _may_be_key(column: Column) -> bool:
    return column.proposed_role in ("id", "group") or IDENTIFIER.search(column.name.lower()) is not None


def _ticked(
    columns: list[Column], wanted: tuple[str, ...], types: tuple[str, ...], all_new: bool, is_taken_over: bool = False
) -> list[Choice]:
    """Return columns of these types; of a table nobody has chosen yet all but ids are ticked.

    Data of persons are never summed up: their values would become names of columns.
    """
    return [
        Choice(column.name, column.name, column.name in wanted or (all_new and column.proposed_role == "feature"))
        for column in columns
        if (column.type in types and (is_taken_over or not is_personal(column))) or column.name in wanted
    ]


def base_choices(version: DatasetVersion, spec: JoinSpec) -> dict[str, list[Choice]]:
    """Return what may be chosen for the base: its observation time and how that is written."""
    return {
        "times": [Choice(column.name, column.name, column.name == spec.time_column) for column in columns_of(version)],
        "formats": [Choice(value, label, value == spec.time_format) for value, label in FORMATS.items()],
    }


def read_spec(data: QueryDict, versions: Mapping[str, DatasetVersion], before: JoinSpec) -> JoinSpec:
    """Return what a person chose; what names nothing that is there counts as not chosen."""
    names = list(versions)
    tables = []
    for number, name in enumerate(names):
        prefix = f"t{number}"
        if name != before.base and data.get(f"{prefix}-use"):
            tables.append(_read_table(data, prefix, name, versions, names, before))
    time = _among(data.get("base-time", ""), versions[before.base])
    return JoinSpec(before.base, tuple(tables), time or None, _format(data.get("base-format", "")) if time else "")


def _read_table(
    data: QueryDict,
    prefix: str,
    name: str,
    versions: Mapping[str, DatasetVersion],
    names: list[str],
    before: JoinSpec,
) -> JoinedTable:
    version = versions[name]
    time = _among(data.get(f"{prefix}-time", ""), version)
    relation = "one" if data.get(f"{prefix}-relation") == "one" else "many"
    parent, keys = _read_keys(data, prefix, name, versions, names, before)
    only = _among(data.get(f"{prefix}-only", ""), version)
    values = tuple(
        part.strip() for part in data.get(f"{prefix}-values", "").replace("，", ",").split(",") if part.strip()
    )

    def ticked(field: str) -> tuple[str, ...]:
        return tuple(each for each in data.getlist(f"{prefix}-{field}") if _among(each, version))

    numbers = ticked("numbers") if relation == "many" else ()
    categories = ticked("categories") if relation == "many" else ()
    levels = _whole(data.get(f"{prefix}-levels"), 0, MOST_LEVELS, 5)
    return JoinedTable(
        name=name,
        parent=parent,
        keys=keys,
        relation=relation,  # type: ignore[arg-type]
        time_column=time or None,
        time_format=_format(data.get(f"{prefix}-format", "")) if time else "",
        lag_days=_whole(data.get(f"{prefix}-lag"), 0, LONGEST_LAG, 0),
        columns=ticked("columns") if relation == "one" else (),
        numbers=numbers,
        categories=categories,
        windows=tuple(sorted({_whole(each, 0, 10_000, 0) for each in data.getlist(f"{prefix}-windows")})) or (0,),
        aggregates=tuple(each for each in AGGREGATES if each in data.getlist(f"{prefix}-aggregates")),
        levels=levels,
        only=((only, values),) if only and values else (),
        frequent=_frequent(before, name, levels),
        no_values=no_values_of(version, numbers) if data.get(f"{prefix}-codes") else (),
    )


def _frequent(before: JoinSpec, name: str, levels: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Keep which values have columns of their own, so that the same join makes the same columns again.

    Another number of them is a wish to look anew.
    """
    earlier = next((table for table in before.tables if table.name == name), None)
    return earlier.frequent if earlier is not None and earlier.levels == levels else ()


def _read_keys(
    data: QueryDict,
    prefix: str,
    name: str,
    versions: Mapping[str, DatasetVersion],
    names: list[str],
    before: JoinSpec,
) -> tuple[str, tuple[tuple[str, str], ...]]:
    number, _sign, column = data.get(f"{prefix}-to", "").partition(":")
    place = whole_number(number, most=len(names) - 1)
    parent = names[place] if place is not None else ""
    key = (_among(column, versions[parent]) if parent else "", _among(data.get(f"{prefix}-key", ""), versions[name]))
    earlier = next((table for table in before.tables if table.name == name), None)
    # Further pairs of columns are not on the form: they stay as long as the first one does.
    more = earlier.keys[1:] if earlier and earlier.parent == parent and earlier.keys[:1] == (key,) else ()
    return parent, ((key, *more) if all(key) else ())


def _among(name: str, version: DatasetVersion) -> str:
    return name if any(column.name == name for column in columns_of(version)) else ""


def _format(value: str) -> str:
    return value if value in ALL_TIME_FORMATS else ""


def _whole(value: str | None, least: int, most: int, otherwise: int) -> int:
    try:
        return min(max(int(value or ""), least), most)
    except ValueError:
        return otherwise
