"""What a column is called and of what type it is: the words every part of the engine shares about a table."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

ColumnTypeName = Literal["numeric", "categorical", "boolean", "date", "text"]
COLUMN_TYPES: tuple[ColumnTypeName, ...] = ("numeric", "categorical", "boolean", "date", "text")
SCHEMA_KEY = "xiaoyu.schema"


@dataclass(frozen=True)
class ColumnSchema:
    """One column of a table.

    Attributes
    ----------
    name : the column's name in the Parquet file: the file's own name, tidied and made unique.
    label : the name as it stood in the file.
    type : ``numeric``, ``categorical``, ``boolean`` (two values that mean yes and no, kept as text), ``date`` or
        ``text`` (free text or nearly unique words).
    """

    name: str
    label: str
    type: ColumnTypeName

    def to_dict(self) -> dict[str, str]:
        """Return the column as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ColumnSchema":
        """Build a column from what ``to_dict`` gave."""
        return cls(name=plain["name"], label=plain["label"], type=plain["type"])


def read_schema(parquet: Path) -> tuple[ColumnSchema, ...]:
    """Return the columns of a Parquet file that ``ingest_file`` wrote."""
    metadata = pq.read_metadata(parquet).metadata or {}
    plain = json.loads(metadata.get(SCHEMA_KEY.encode(), b"[]"))
    return tuple(ColumnSchema.from_dict(column) for column in plain)


def schema_json(columns: Sequence[ColumnSchema]) -> str:
    """Return the columns as one line of JSON, as it is kept inside the Parquet file."""
    return json.dumps([column.to_dict() for column in columns], ensure_ascii=False, separators=(",", ":"))


def schema_hash(columns: Sequence[ColumnSchema]) -> str:
    """Return the SHA-256 of names and types: equal for two tables of one layout."""
    layout = json.dumps([[column.name, column.type] for column in columns], ensure_ascii=False)
    return hashlib.sha256(layout.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
