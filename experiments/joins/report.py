"""What a join made: each column with its name in words, its formula and where it comes from, and what was refused."""

from dataclasses import asdict, dataclass, field
from typing import Any

from experiments.data.reading_notes import Note
from experiments.data.schema import ColumnTypeName
from experiments.errors import gettext_noop
from experiments.joins.spec import JoinSpec
from experiments.sentence import Sentence

__all__ = ["JoinReport", "JoinedColumn", "TableReport"]

NOTHING_USED = gettext_noop(
    "No row of %(table)s was used, so its columns are empty. Check that its key is written as in the table it is "
    "joined to (leading zeros, letter case), and that its time is the right one."
)


@dataclass(frozen=True)
class JoinedColumn:
    """One column of the result.

    Attributes
    ----------
    name : its name in the Parquet.
    message, params : its name in words, as a translation key with places; for a column of the base its own name.
    formula : how it is made, written like SQL.
    type : as in ``ColumnSchema``.
    table, column, aggregate, window, level : what it is made of; ``None`` where it does not apply. ``window`` in days,
        0 for all that is known.

    Examples
    --------
    >>> JoinedColumn("loan_sum", "sum of loan", "sum(loan)", "numeric", "loans").type
    'numeric'
    """

    name: str
    message: str
    formula: str
    type: ColumnTypeName
    table: str
    column: str | None = None
    aggregate: str | None = None
    window: int | None = None
    level: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its name in English words."""
        return str(Sentence(self.message, self.params))

    def to_dict(self) -> dict[str, Any]:
        """Return the column as JSON-ready plain data."""
        return {**asdict(self), "label": self.label}


@dataclass(frozen=True)
class TableReport:
    """What became of the rows of one table.

    Attributes
    ----------
    rows : in the file (those that ``only`` asks for).
    known : known to at least one row of the base.
    future : with a key of the base, but later than every row of the base that has it: refused.
    without_time : refused, for nobody can say when they were known.
    without_key, of_others : without a key, and with one that no row of the base has.
    sha256 : of the file.
    is_timed : whether it is known when its rows happened; where it is not, nobody can tell which are later.

    Examples
    --------
    >>> TableReport(rows=10, known=8, future=2, without_time=0, without_key=0, of_others=0).future
    2
    """

    rows: int
    known: int
    future: int
    without_time: int
    without_key: int
    of_others: int
    sha256: str = ""
    is_timed: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON-ready plain data."""
        return asdict(self)


@dataclass(frozen=True)
class JoinReport:
    r"""What a join made.

    Attributes
    ----------
    row_count : rows of the result, as many as of the base.
    columns : all columns in the order of the file, those of the base first.
    tables : by table. base_sha256, sha256 : of the base's file and of the result's.
    spec : what was done, with every format of times and every frequent value filled in.
    without_observation_time : rows of the base without an observation time: they see no row of a table with times.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "loan.csv").write_text("id\nA1\nA2\n")
    >>> _ = (folder / "trans.csv").write_text("id,amount\nA1,10\nA1,20\n")
    >>> names = ("loan", "trans")
    >>> _ = [ingest_file(folder / f"{name}.csv", folder / f"{name}.parquet") for name in names]
    >>> tables = {name: folder / f"{name}.parquet" for name in names}
    >>> from experiments.joins import JoinedTable, JoinSpec, run_join
    >>> trans = JoinedTable("trans", "loan", (("id", "id"),), "many", numbers=("amount",))
    >>> run_join(JoinSpec("loan", (trans,)), tables, destination=folder / "joined.parquet").row_count
    2
    """

    row_count: int
    columns: tuple[JoinedColumn, ...]
    tables: dict[str, TableReport]
    base_sha256: str
    sha256: str
    spec: JoinSpec
    without_observation_time: int = 0

    @property
    def notes(self) -> list[Note]:
        """Note each table of which no row was used, so that its columns are empty."""
        unused = [name for name, table in self.tables.items() if table.rows and not table.known]
        return [Note(NOTHING_USED, {"table": name}, "warning") for name in unused]

    @property
    def untimed(self) -> list[str]:
        """The tables of which nobody can say which rows came later: they have no time."""
        return [name for name, table in self.tables.items() if not table.is_timed]

    @property
    def refused_future_rows(self) -> int:
        """Rows of all tables that were refused because they came later than every observation they belong to."""
        return sum(table.future for table in self.tables.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready plain data."""
        return {
            "row_count": self.row_count,
            "columns": [column.to_dict() for column in self.columns],
            "tables": {name: table.to_dict() for name, table in self.tables.items()},
            "base_sha256": self.base_sha256,
            "sha256": self.sha256,
            "spec": self.spec.to_dict(),
            "without_observation_time": self.without_observation_time,
            "refused_future_rows": self.refused_future_rows,
            "untimed": self.untimed,
        }
