"""The differences between two tables, each with its sentence and severity, and a column's summed up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from experiments.data.schema import ColumnSchema

__all__ = ["Change", "ColumnChange", "Comparison", "Question"]

Verdict = Literal["red", "amber", "green"]
RANK: Mapping[Verdict, int] = {"green": 0, "amber": 1, "red": 2}
# A level counts as missing only where at least this many rows of it were to be expected.
EXPECTED_ROWS = 10
SHARE_AMBER, SHARE_RED = 0.01, 0.10
# Standard errors by which two shares must differ to be reported.
SURE = 3.0


@dataclass(frozen=True)
class Change:
    """One difference: a sentence with its parameters, and its severity.

    Examples
    --------
    >>> Change("gone", "red", "%(column)s is gone.", {"column": "age"}).verdict
    'red'
    """

    code: str
    verdict: Verdict
    message: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnChange:
    """How one column differs.

    Attributes
    ----------
    verdict : of its most serious change; green without any. gravity : higher is more serious, for sorting.
    psi, psi_limit : over bins fixed on the older table, and what samples of these sizes exceed by chance in one
        comparison of twenty, in any of its columns; ``None`` where a distribution says nothing (keys, days, free text,
        persons).
    missing : shares of rows without a value, older and newer; ``None`` on a side without the column.
    middle : medians of numbers, older and newer.

    Examples
    --------
    >>> ColumnChange("age", "numeric", "green", 0.0, ()).psi is None
    True
    """

    name: str
    type: str
    verdict: Verdict
    gravity: float
    changes: tuple[Change, ...]
    psi: float | None = None
    psi_limit: float | None = None
    missing: tuple[float | None, float | None] = (None, None)
    middle: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Comparison:
    """What ``compare_tables`` found; the most serious columns come first.

    Examples
    --------
    >>> Comparison(3, 2, (), ()).older_rows
    3
    """

    older_rows: int
    newer_rows: int
    table: tuple[Change, ...]
    columns: tuple[ColumnChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        counts = {verdict: sum(column.verdict == verdict for column in self.columns) for verdict in RANK}
        plain = asdict(self)
        return {**plain, "table": list(plain["table"]), "columns": list(plain["columns"]), "counts": counts}


@dataclass(frozen=True)
class Question:
    """The target column and the value that counts as the event.

    Examples
    --------
    >>> Question("bad", "1").event
    '1'
    """

    column: str
    event: str


def summed_up(
    column: ColumnSchema,
    changes: Sequence[Change],
    value: float | None,
    limit: float | None,
    missing: tuple[float | None, float | None] = (None, None),
    middle: tuple[float | None, float | None] = (None, None),
) -> ColumnChange:
    """Return how a column differs: its changes, the most serious first, and a number to sort columns by."""
    told = tuple(sorted(changes, key=lambda change: -RANK[change.verdict]))
    verdict: Verdict = told[0].verdict if told else "green"
    moved = abs((missing[1] or 0) - (missing[0] or 0)) if None not in missing else 1.0
    within = min(9.0, (value or 0.0) + 2 * moved + 0.1 * len(told))
    return ColumnChange(
        column.name, column.type, verdict, round(10 * RANK[verdict] + within, 4), told,
        rounded(value), rounded(limit), (rounded(missing[0]), rounded(missing[1])),
        (rounded(middle[0], 8), rounded(middle[1], 8)),
    )  # fmt: skip


def shares_differ(one: int, of_one: int, other: int, of_other: int) -> bool:
    """Return whether two shares differ by more than chance explains: three standard errors, pooled."""
    if not of_one or not of_other:
        return False
    pooled = (one + other) / (of_one + of_other)
    error = math.sqrt(pooled * (1 - pooled) * (1 / of_one + 1 / of_other))
    return error > 0 and abs(one / of_one - other / of_other) > SURE * error


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{100 * share:.1f}%"


def rounded(value: float | None, digits: int = 4) -> float | None:
    """Return a number with so many decimals; ``None`` where it is not finite."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)
