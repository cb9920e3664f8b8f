"""What a column is called, of what type it is and how it is written: what all parts of the engine share on a table."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from experiments.paths import AnyPath

__all__ = ["ColumnReading", "ColumnSchema", "file_hash", "read_schema", "schema_hash"]

ColumnTypeName = Literal["numeric", "categorical", "boolean", "date", "text"]
COLUMN_TYPES: tuple[ColumnTypeName, ...] = ("numeric", "categorical", "boolean", "date", "text")
SCHEMA_KEY = "xiaoyu.schema"
DecimalMark = Literal[",", "."]
DayOrder = Literal["", "day_first", "month_first"]


@dataclass(frozen=True)
class ColumnReading:
    """How the cells of a column were written where it was first read, and so how they are read ever after.

    A cell then means the same alone and in any file; see ``experiments.data.column_reading``.

    Attributes
    ----------
    is_written : texts were seen; otherwise the values came with their type, and nothing is known of their writing.
    decimal : what stands before the fraction of a number.
    is_grouped : some numbers had marks between their thousands.
    has_fractions, has_thousands : some number had a fraction, or was 1,000 or more.
    units : signs such as % and 万 that numbers carried. always_unit : nearly all numbers carried one.
    day_order : of dates such as 01/02/2024, empty where none was written so.
    nothing : words among numbers or dates that stood for no value.

    Examples
    --------
    >>> ColumnReading.from_dict(ColumnReading(decimal=",").to_dict()).decimal
    ','
    """

    is_written: bool = False
    decimal: DecimalMark = "."
    is_grouped: bool = False
    has_fractions: bool = False
    has_thousands: bool = False
    units: tuple[str, ...] = ()
    always_unit: bool = False
    day_order: DayOrder = ""
    nothing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the reading as JSON-ready plain data, without what is as usual."""
        usual = ColumnReading()
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in plain.items()
            if value != getattr(usual, name)
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "ColumnReading":
        """Build a reading from what ``to_dict`` gave."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
        }
        return cls(**known)


NOT_WRITTEN = ColumnReading()


@dataclass(frozen=True)
class ColumnSchema:
    """One column of a table.

    Attributes
    ----------
    name : the column's name in the Parquet file: the file's own name, tidied and made unique.
    label : the name as it stood in the file.
    type : ``numeric``, ``categorical``, ``boolean`` (two values that mean yes and no, kept as text), ``date`` or
        ``text`` (free text or nearly unique words).
    reading : how its cells were written.

    Examples
    --------
    >>> ColumnSchema("age", "Age", "numeric").to_dict()["type"]
    'numeric'
    """

    name: str
    label: str
    type: ColumnTypeName
    reading: ColumnReading = NOT_WRITTEN

    def to_dict(self) -> dict[str, Any]:
        """Return the column as JSON-ready plain data."""
        plain = {"name": self.name, "label": self.label, "type": self.type}
        reading = self.reading.to_dict()
        return {**plain, "reading": reading} if reading else plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ColumnSchema":
        """Build a column from what ``to_dict`` gave."""
        return cls(plain["name"], plain["label"], plain["type"], ColumnReading.from_dict(plain.get("reading", {})))


def read_schema(parquet: AnyPath) -> tuple[ColumnSchema, ...]:
    r"""Return the columns of a Parquet file that ``ingest_file`` wrote.

    Parameters
    ----------
    parquet : path of the table.

    Returns
    -------
    tuple of ColumnSchema
        In the file's order.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> [(column.name, column.type) for column in read_schema(folder / "a.parquet")]
    [('age', 'numeric'), ('city', 'categorical'), ('bad', 'numeric')]
    """
    parquet = Path(parquet)
    metadata = pq.read_metadata(parquet).metadata or {}
    plain = json.loads(metadata.get(SCHEMA_KEY.encode(), b"[]"))
    return tuple(ColumnSchema.from_dict(column) for column in plain)


def schema_json(columns: Sequence[ColumnSchema]) -> str:
    """Return the columns as one line of JSON, as it is kept inside the Parquet file."""
    return json.dumps([column.to_dict() for column in columns], ensure_ascii=False, separators=(",", ":"))


def schema_hash(columns: Sequence[ColumnSchema]) -> str:
    """Return the SHA-256 of names and types: equal for two tables of one layout.

    Parameters
    ----------
    columns : of a table, in its order.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> len(schema_hash([ColumnSchema("age", "Age", "numeric")]))
    64
    """
    layout = json.dumps([[column.name, column.type] for column in columns], ensure_ascii=False)
    return hashlib.sha256(layout.encode()).hexdigest()


def file_hash(path: AnyPath) -> str:
    """Return the SHA-256 of a file's bytes, read in pieces.

    Parameters
    ----------
    path : of the file.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("a")
    >>> file_hash(path)[:8]
    'ca978112'
    """
    path = Path(path)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
