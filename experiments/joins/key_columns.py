"""What one table shows by itself: possible key columns, and the time its rows are known from."""

import re
from dataclasses import dataclass, field

import polars as pl

from experiments.joins.keys import is_number, tidy_key
from experiments.joins.tables import ROWS_IN_SAMPLE, TableFile
from experiments.joins.times import find_format, find_offset

VALUES_COMPARED = 200_000
MOST_KEYS = 12
# A column with fewer different values is no key.
FEWEST_KEYS = 5
IDENTIFIER = re.compile(
    r"(^|_)(id|no|nr|num|number|code|key|account|acct|acc|card|phone|mobile|bank)(_|$)|编号|号码?$|代码|账户|帐号"
)
TIME_NAME = re.compile(
    r"(^|_)(date|time|day|dt|ts|at|on|issued|opened|created|month)(_|$)|date|time|日期|时间|日$|月份"
)


class KeyColumn:
    """The different values of a column that may be a key."""

    def __init__(self, values: pl.Series, is_number: bool) -> None:
        self.is_number = is_number
        different = values.unique()
        self.is_unique = len(different) == len(values)
        self.values = tidy_key(different, is_number).drop_nulls().unique().sort().head(VALUES_COMPARED)

    def __len__(self) -> int:
        return len(self.values)

    def shared_with(self, other: "KeyColumn") -> int:
        """Count the values that both hold."""
        if self.is_number == other.is_number:
            return int(self.values.is_in(other.values.implode()).sum())
        return int(self.values.cast(pl.String).is_in(other.values.cast(pl.String).implode()).sum())


@dataclass
class TableLook:
    """What the first rows of a table show."""

    file: TableFile
    sample: pl.DataFrame
    time: tuple[str, str, float] | None = None
    offset: tuple[str, str, float] | None = None
    keys: dict[str, KeyColumn] = field(default_factory=dict)


def look_at(file: TableFile) -> TableLook:
    """Look at a table's first rows."""
    sample = next(file.batches(file.layout.names, ROWS_IN_SAMPLE), pl.DataFrame())
    seen = TableLook(file, sample, _find_time(file, sample), _find_offset(sample))
    for column in _key_columns(seen)[:MOST_KEYS]:
        key = KeyColumn(file.column(column).drop_nulls(), is_number(file.layout.field(column).type))
        if len(key) >= FEWEST_KEYS:
            seen.keys[column] = key
    return seen


def _key_columns(seen: TableLook) -> list[str]:
    """Return columns that may be keys: whole numbers and words, not the time; likely names first."""
    found = []
    for column in seen.sample.columns:
        values = seen.sample[column].drop_nulls()
        if column in {time[0] for time in (seen.time, seen.offset) if time}:
            continue
        is_whole = values.dtype.is_integer() or (
            values.dtype.is_float() and len(values) > 0 and bool((values == values.round()).all())
        )
        if (is_whole and (values.min() or 0) >= 0) or values.dtype == pl.String:  # type: ignore[operator]
            found.append(column)
    return sorted(found, key=lambda column: IDENTIFIER.search(words_of(column)) is None)


def _find_time(file: TableFile, sample: pl.DataFrame) -> tuple[str, str, float] | None:
    """Return the time column, how it is written and how sure that is."""
    found = []
    for rank, column in enumerate(sample.columns):
        has_name = TIME_NAME.search(words_of(column)) is not None
        is_date = file.type_of(column) == "date"
        if not (is_date or has_name):
            continue
        time_format = find_format(sample[column])
        if time_format is not None:
            found.append((0.5 + 0.3 * is_date + 0.2 * has_name, -rank, column, time_format))
    if not found:
        return None
    confidence, _, column, time_format = max(found)
    return column, time_format, confidence


def _find_offset(sample: pl.DataFrame) -> tuple[str, str, float] | None:
    """Return the column that counts the days or months before the observation: the first with the fewest gaps."""
    found = []
    for rank, column in enumerate(sample.columns):
        time_format = find_offset(column, sample[column])
        if time_format is not None:
            found.append((-int(sample[column].null_count()), -rank, column, time_format))
    if not found:
        return None
    _, _, column, time_format = max(found)
    return column, time_format, 0.7


def words_of(column: str) -> str:
    """Return a name in snake case: CustomerId → customer_id."""
    return re.sub(r"[^\w]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)).lower()


def plain_name(column: str) -> str:
    """Return a name without separators."""
    return words_of(column).replace("_", "")


def names_table(column: str, table: str) -> bool:
    """Return whether a column's name is a table's name with something like id."""
    rest = words_of(column)
    stem = re.split(r"[_\W]+", table.lower())[0]
    return len(stem) > 2 and (rest.startswith(stem) or rest.startswith(stem.rstrip("s"))) and rest != stem
