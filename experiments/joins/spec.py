"""What a join is to do: plain data that is stored whole, so that it can be run again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from experiments.errors import BadInput, gettext_noop
from experiments.joins.times import RELATIVE

__all__ = ["JoinSpec", "JoinedTable"]

AGGREGATES = ("count", "sum", "mean", "max", "min", "std", "distinct", "share", "last", "recency", "trend", "ratio")
DEFAULT_AGGREGATES = ("count", "sum", "mean", "max", "min", "std", "share", "last", "recency")
# These need to know when a row happened.
TIMED_AGGREGATES = ("last", "recency", "trend", "ratio")
# These look at all that is known, whatever the window.
WINDOWLESS_AGGREGATES = ("last", "recency")
WINDOWS = (7, 30, 90, 180, 365)
DEFAULT_WINDOWS = (30, 90, 365)
ALL_HISTORY = 0
FREQUENT_LEVELS = 5

Relation = Literal["one", "many"]

NO_KEY = gettext_noop("Choose the column by which %(table)s is joined to %(parent)s.")
UNKNOWN_PARENT = gettext_noop(
    "%(table)s is joined to %(parent)s, which is not among the tables, or the two are joined in a circle. Choose "
    "another table to join it to."
)
SAME_NAME = gettext_noop("Two tables are called %(table)s. Give each a different name.")
NO_OBSERVATION_TIME = gettext_noop(
    "%(table)s has a time (%(column)s), so each row of %(base)s needs one too: the moment to look back from. "
    "Choose the observation time of %(base)s; or, if %(column)s counts days or months before the observation, say "
    "so."
)
TWO_CLOCKS = gettext_noop(
    "The time of %(table)s is a count of days or months before the observation, while %(other)s, which is linked "
    "to it, has dates. The two cannot be compared: remove the time of one of them, or join each to %(base)s "
    "directly."
)
UNKNOWN_AGGREGATE = gettext_noop("%(aggregate)s is not a known aggregate. Choose from: %(known)s.")
BAD_WINDOW = gettext_noop("A window is a whole number of days, 0 for all that is known; %(window)s is not.")


@dataclass(frozen=True)
class JoinedTable:
    """One table and how it hangs on its parent.

    Attributes
    ----------
    name : what it is called in the names of the columns made of it; the key of its file unless ``source`` says one.
    parent : the name of the base table or of another joined table.
    keys : pairs (column of the parent, own column); all must be equal.
    relation : "one" when the own columns of ``keys`` are unique: each parent row takes over the one row's columns.
        "many" when a parent row has any number of rows here: they are summed up for each row of the base.
        A "one" below a "many" enriches its parent's rows before they are summed up. A "many" below a "many" finds its
        way to the base through its parent, whose column must be unique.
    time_column, time_format, lag_days : when a row happened, how that is written (see ``times``; empty: found out),
        and how many days later the bank knows it. Without a time every row counts.
    columns : of "one", what is taken over. numbers, categories : of "many", what is summed up.
    windows : days back from the observation, ``ALL_HISTORY`` for everything known.
    aggregates : some of ``AGGREGATES``, in any order.
    levels : how many of the most frequent values of a category get a count and a share of their own.
    only : column and the values (as text) its rows must have to count at all.
    frequent : categories and the values that get columns of their own; where nothing is said, ``levels`` of the most
        frequent ones. A join that ran has them, so that run again on other files it makes the same columns.

    Examples
    --------
    >>> JoinedTable("trans", "loan", (("id", "id"),), "many", numbers=("amount",)).file
    'trans'
    """

    name: str
    parent: str
    keys: tuple[tuple[str, str], ...]
    relation: Relation
    time_column: str | None = None
    time_format: str = ""
    lag_days: int = 0
    columns: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    windows: tuple[int, ...] = DEFAULT_WINDOWS
    aggregates: tuple[str, ...] = DEFAULT_AGGREGATES
    levels: int = FREQUENT_LEVELS
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    source: str = ""
    frequent: tuple[tuple[str, tuple[str, ...]], ...] = ()
    no_values: tuple[tuple[str, tuple[float, ...]], ...] = ()

    @property
    def is_relative(self) -> bool:
        """Whether its time is a count of days or months before the observation."""
        return self.time_column is not None and self.time_format in RELATIVE

    @property
    def has_dates(self) -> bool:
        """Whether its time is told to be a date."""
        return self.time_column is not None and self.time_format not in ("", *RELATIVE)

    @property
    def needed(self) -> list[str]:
        """The columns that its file must have."""
        time = [self.time_column] if self.time_column else []
        only = [column for column, _ in self.only]
        return list(dict.fromkeys([*self.own_keys, *time, *only, *self.columns, *self.numbers, *self.categories]))

    @property
    def file(self) -> str:
        """The name of the file it is read from."""
        return self.source or self.name

    @property
    def own_keys(self) -> tuple[str, ...]:
        return tuple(own for _, own in self.keys)

    @property
    def parent_keys(self) -> tuple[str, ...]:
        return tuple(parent for parent, _ in self.keys)

    @property
    def used_windows(self) -> tuple[int, ...]:
        """The windows in rising order, all history last; without a time there is only that."""
        if self.time_column is None:
            return (ALL_HISTORY,)
        return tuple(sorted(set(self.windows), key=lambda days: (days == ALL_HISTORY, days)))

    @property
    def used_aggregates(self) -> tuple[str, ...]:
        """The aggregates in the order of ``AGGREGATES``, without those that need a time where there is none."""
        wanted = set(self.aggregates)
        if self.time_column is None:
            wanted -= set(TIMED_AGGREGATES)
        return tuple(aggregate for aggregate in AGGREGATES if aggregate in wanted)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "JoinedTable":
        """Build a table from what ``to_dict`` of the spec gave; lists become tuples again."""
        values = dict(plain)
        values["keys"] = tuple((str(parent), str(own)) for parent, own in plain["keys"])
        for name in ("only", "frequent"):
            values[name] = tuple((str(column), tuple(map(str, wanted))) for column, wanted in plain.get(name, ()))
        values["no_values"] = tuple(
            (str(column), tuple(float(code) for code in codes)) for column, codes in plain.get("no_values", ())
        )
        for name in ("columns", "numbers", "categories", "windows", "aggregates"):
            if name in values:
                values[name] = tuple(values[name])
        return cls(**values)


@dataclass(frozen=True)
class JoinSpec:
    """A base table, one row for each row of the result, and the tables that hang on it.

    Attributes
    ----------
    base : the name of the base table.
    tables : the others; each one's parent is the base or one of them.
    time_column, time_format : the observation time of a row of the base, and how it is written. Where it is a count of
        days, the tables count theirs from the same moment, that of the key.

    Examples
    --------
    >>> trans = JoinedTable("trans", "loan", (("account_id", "account_id"),), "many", time_column="date")
    >>> spec = JoinSpec("loan", (trans,), time_column="date")
    >>> JoinSpec.from_dict(spec.to_dict()) == spec
    True
    """

    base: str
    tables: tuple[JoinedTable, ...]
    time_column: str | None = None
    time_format: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the join as JSON-ready plain data."""
        plain = asdict(self)
        plain["tables"] = [_plain(table) for table in plain["tables"]]
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "JoinSpec":
        """Build a join from what ``to_dict`` gave."""
        return cls(**{**plain, "tables": tuple(JoinedTable.from_dict(table) for table in plain["tables"])})

    @property
    def is_relative(self) -> bool:
        """Whether the base's own time is a count, such as of days before the application all its keys belong to."""
        return self.time_column is not None and self.time_format in RELATIVE

    def table(self, name: str) -> JoinedTable:
        """Return the table of this name."""
        return next(table for table in self.tables if table.name == name)

    def children(self, name: str, relation: Relation | None = None) -> list[JoinedTable]:
        """Return the tables that hang directly on this one."""
        return [each for each in self.tables if each.parent == name and relation in (None, each.relation)]

    def is_many(self, name: str) -> bool:
        """Return whether a base row may have several rows of this table."""
        if name == self.base:
            return False
        table = self.table(name)
        return table.relation == "many" or self.is_many(table.parent)

    def family(self, name: str) -> list[JoinedTable]:
        """Return the tables on the way from the base to this one, and all that hang on the first of them."""
        top = self.table(name)
        while top.parent != self.base:
            top = self.table(top.parent)
        family = [top]
        for member in family:
            family += self.children(member.name)
        return family

    def counts_from_observation(self, name: str) -> bool:
        """Return whether the times of a table, or of those it shares its way with, count from the observation."""
        return any(table.is_relative for table in self.family(name))

    def in_order(self) -> list[JoinedTable]:
        """Return the tables with every parent before its children.

        Raises
        ------
        BadInput : a parent is not there, or tables hang in a circle.
        """
        done, ordered, waiting = {self.base}, [], list(self.tables)
        while waiting:
            ready = [table for table in waiting if table.parent in done]
            if not ready:
                raise BadInput(UNKNOWN_PARENT, table=waiting[0].name, parent=waiting[0].parent)
            ordered += ready
            done |= {table.name for table in ready}
            waiting = [table for table in waiting if table.name not in done]
        return ordered

    def check(self) -> None:
        """Refuse what cannot be run whatever the files hold.

        Raises
        ------
        BadInput : the sentence says what to choose.
        """
        names = [self.base, *(table.name for table in self.tables)]
        for name in names:
            if names.count(name) > 1:
                raise BadInput(SAME_NAME, table=name)
        self.in_order()
        for table in self.tables:
            _check_table(self, table)


def _check_table(spec: JoinSpec, table: JoinedTable) -> None:
    if not table.keys or not all(parent and own for parent, own in table.keys):
        raise BadInput(NO_KEY, table=table.name, parent=table.parent)
    # How a time is written that nobody has told yet is seen when the file is opened.
    others = [other for other in spec.family(table.name) if other.has_dates]
    if table.is_relative and others:
        raise BadInput(TWO_CLOCKS, table=table.name, other=others[0].name, base=spec.base)
    if table.has_dates and spec.is_relative:
        raise BadInput(TWO_CLOCKS, table=spec.base, other=table.name, base=spec.base)
    if table.has_dates and not spec.time_column:
        raise BadInput(NO_OBSERVATION_TIME, table=table.name, column=table.time_column, base=spec.base)
    for aggregate in table.aggregates:
        if aggregate not in AGGREGATES:
            raise BadInput(UNKNOWN_AGGREGATE, aggregate=aggregate, known=", ".join(AGGREGATES))
    for window in table.windows:
        if not isinstance(window, int) or window < 0:
            raise BadInput(BAD_WINDOW, window=window)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value
