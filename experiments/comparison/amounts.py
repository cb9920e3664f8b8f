"""Which column of a table holds what a customer owes or may owe."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

# How banks call it, in the columns' own names.
AMOUNT = re.compile(r"amount|amt|balance|limit|exposure|credit|loan|金额|额度|余额|贷款", re.IGNORECASE)
NUMBERS = ("int64", "double", "int32", "float")


def money_columns(table: Path, hidden: Collection[str]) -> dict[str, Any]:
    """Return the columns of numbers of a table, which may hold amounts."""
    return {
        field.name: field.type
        for field in pq.read_schema(table)
        if field.name not in hidden and str(field.type) in NUMBERS
    }


def amount_column(table: Path, hidden: Collection[str]) -> str | None:
    """Return the first column of numbers that is called an amount."""
    return next((name for name in money_columns(table, hidden) if AMOUNT.search(name)), None)
