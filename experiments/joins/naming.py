"""Names, words and formulas of the columns a join makes."""

import re
from collections.abc import Iterable

from experiments.data.schema import ColumnTypeName
from experiments.errors import gettext_noop
from experiments.joins.report import JoinedColumn
from experiments.joins.spec import ALL_HISTORY, JoinedTable, JoinSpec
from experiments.joins.times import DAYS_BEFORE, MONTHS_BEFORE

LONGEST_NAME = 120

IN_WINDOW = {
    "count": gettext_noop("%(table)s: rows in last %(days)s days"),
    "sum": gettext_noop("%(table)s %(column)s: sum of last %(days)s days"),
    "mean": gettext_noop("%(table)s %(column)s: mean of last %(days)s days"),
    "max": gettext_noop("%(table)s %(column)s: largest of last %(days)s days"),
    "min": gettext_noop("%(table)s %(column)s: smallest of last %(days)s days"),
    "std": gettext_noop("%(table)s %(column)s: standard deviation of last %(days)s days"),
    "distinct": gettext_noop("%(table)s %(column)s: different values in last %(days)s days"),
    "trend": gettext_noop("%(table)s %(column)s: monthly trend over last %(days)s days"),
    "ratio": gettext_noop("%(table)s %(column)s: sum of last %(days)s days as a share of last %(longest)s days"),
    "count_ratio": gettext_noop("%(table)s: rows in last %(days)s days as a share of last %(longest)s days"),
    "ratio_to_all": gettext_noop("%(table)s %(column)s: sum of last %(days)s days as a share of all so far"),
    "count_ratio_to_all": gettext_noop("%(table)s: rows in last %(days)s days as a share of all so far"),
    "level_count": gettext_noop("%(table)s %(column)s is %(level)s: rows in last %(days)s days"),
    "level_share": gettext_noop("%(table)s %(column)s is %(level)s: share of rows in last %(days)s days"),
}
SO_FAR = {
    "count": gettext_noop("%(table)s: rows so far"),
    "sum": gettext_noop("%(table)s %(column)s: sum so far"),
    "mean": gettext_noop("%(table)s %(column)s: mean so far"),
    "max": gettext_noop("%(table)s %(column)s: largest so far"),
    "min": gettext_noop("%(table)s %(column)s: smallest so far"),
    "std": gettext_noop("%(table)s %(column)s: standard deviation so far"),
    "distinct": gettext_noop("%(table)s %(column)s: different values so far"),
    "trend": gettext_noop("%(table)s %(column)s: monthly trend so far"),
    "level_count": gettext_noop("%(table)s %(column)s is %(level)s: rows so far"),
    "level_share": gettext_noop("%(table)s %(column)s is %(level)s: share of rows so far"),
    "last": gettext_noop("%(table)s %(column)s: last value"),
    "recency": gettext_noop("%(table)s: days since the last row"),
}
TAKEN_OVER = gettext_noop("%(table)s %(column)s")
DAYS_SINCE = gettext_noop("%(table)s %(column)s: days since then")


class Names:
    """Gives every column a name of its own."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}

    def new(self, *parts: str) -> str:
        wanted = "_".join(slug(part) for part in parts if part)[:LONGEST_NAME]
        name, rank = wanted, 2
        while name.lower() in self._taken:
            name, rank = f"{wanted}_{rank}", rank + 1
        self._taken.add(name.lower())
        return name


def slug(text: str) -> str:
    """Return a part of a column's name: letters (Chinese too), digits and underscores.

    >>> slug("sanction. interest"), slug("流水 表")
    ('sanction_interest', '流水_表')
    """
    return re.sub(r"\W+", "_", text).strip("_") or "x"


def taken_over(spec: JoinSpec, table: JoinedTable, column: str, type_: ColumnTypeName, names: Names) -> JoinedColumn:
    """Name a column taken over from the one row a key finds."""
    return JoinedColumn(
        name=names.new(table.name, column),
        message=TAKEN_OVER,
        params={"table": table.name, "column": column},
        formula=f"{table.name}.{column} where {condition(spec, table)}",
        type=type_,
        table=table.name,
        column=column,
    )


def days_since(spec: JoinSpec, table: JoinedTable, column: str, names: Names) -> JoinedColumn:
    """Name the days between a date of the one row and the observation."""
    return JoinedColumn(
        name=names.new(table.name, column, "days_since"),
        message=DAYS_SINCE,
        params={"table": table.name, "column": column},
        formula=f"days from {table.name}.{column} to {spec.base}.{spec.time_column} where {condition(spec, table)}",
        type="numeric",
        table=table.name,
        column=column,
        aggregate="recency",
    )


def summed_up(
    spec: JoinSpec,
    table: JoinedTable,
    figure: str,
    names: Names,
    *,
    column: str | None = None,
    window: int | None = None,
    level: str | None = None,
    longest: int | None = None,
    type_: ColumnTypeName = "numeric",
) -> JoinedColumn:
    """Name a figure over the rows of a table in one window."""
    is_windowed = window not in (None, ALL_HISTORY)
    days = f"{window}d" if is_windowed else "" if window is None else "all"
    params: dict[str, object] = {"table": table.name, "column": column or "", "days": window, "level": level}
    is_of_all = longest == ALL_HISTORY
    if longest:
        params["longest"] = longest
    aggregate = figure.removeprefix("level_").removeprefix("count_")
    return JoinedColumn(
        name=names.new(table.name, column or "", "" if level is None else level, aggregate, days),
        message=(IN_WINDOW if is_windowed else SO_FAR)[f"{figure}_to_all" if is_of_all else figure],
        params={name: value for name, value in params.items() if value not in (None, "")},
        formula=_formula(spec, table, figure, column, window, level, longest),
        type=type_,
        table=table.name,
        column=column,
        aggregate=aggregate,
        window=window,
        level=level,
    )


def _formula(
    spec: JoinSpec,
    table: JoinedTable,
    figure: str,
    column: str | None,
    window: int | None,
    level: str | None,
    longest: int | None,
) -> str:
    of = f"{table.name}.{column}" if column else f"{table.name} rows"
    where = condition(spec, table, window)
    if figure in ("ratio", "count_ratio"):
        of = f"sum({of})" if column else f"count({of})"
        span = f"{longest} days" if longest else "all days"
        return f"{of} of {window} days / {of} of {span} where {condition(spec, table)}"
    if level is not None:
        return f"{'share' if figure == 'level_share' else 'count'}({of} = '{level}') where {where}"
    return f"{figure}({of}) where {where}"


def condition(spec: JoinSpec, table: JoinedTable, window: int | None = None) -> str:
    """Return which rows of a table belong to a row of the base."""
    parts = [f"{table.name}.{own} = {table.parent}.{parent}" for parent, own in table.keys]
    parts += [f"{table.name}.{column} in ({', '.join(map(repr, wanted))})" for column, wanted in table.only]
    if table.time_column:
        lag = f" + {table.lag_days} days" if table.lag_days else ""
        unit = {DAYS_BEFORE: " days", MONTHS_BEFORE: " months"}.get(table.time_format, "")
        counts_from_it = table.is_relative and not spec.is_relative
        observed = "0" if counts_from_it else f"{spec.base}.{spec.time_column}"
        parts.append(f"{table.name}.{table.time_column}{unit}{lag} <= {observed}")
        if window:
            parts.append(f"{table.name}.{table.time_column}{unit} > {observed} - {window} days")
    if table.parent != spec.base:
        parent = spec.table(table.parent)
        parts += [part for part in condition(spec, parent).split(" and ") if part not in parts]
    return " and ".join(parts)
