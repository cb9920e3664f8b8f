"""Proposes a table's special values, and sets the event rate beside each against that of the others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from experiments.data.parts import parts_of
from experiments.data.special_values.special_value import percent
from experiments.errors import gettext_noop
from experiments.paths import AnyPath

__all__ = ["propose_special_values"]

OTHER_RATE = gettext_noop(
    "The event rate is %(rate)s %% in its rows and %(others)s %% in the others, so it is not an ordinary value."
)


class Profiled(Protocol):
    """What of a column's profile a proposal rests on; see ``ColumnProfile``."""

    name: str
    special_values: list[dict[str, Any]]


def propose_special_values(
    profiles: Sequence[Profiled], parquet: AnyPath | None = None, *, target: str | None = None, event: Any = None
) -> list[dict[str, Any]]:
    r"""Return ``{column, value, rows, share, meaning, evidence}`` for each value that probably stands for none.

    Parameters
    ----------
    profiles : of a table's columns, from ``profile_table``.
    parquet, target, event : where given, the event rate beside such a value is compared with that of the others.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.data.profile import profile_table
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> lines = "\n".join(str(-999 if n % 10 == 0 else n % 83) for n in range(500))
    >>> _ = (folder / "a.csv").write_text(f"debt\n{lines}\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> [(found["value"], found["rows"]) for found in propose_special_values(profile_table(folder / "a.parquet"))]
    [(-999, 50)]
    """
    parquet = None if parquet is None else Path(parquet)
    found = [{**special, "column": profile.name} for profile in profiles for special in profile.special_values]
    if parquet is not None and target is not None:
        found = [special for special in found if special["column"] != target]
        _add_event_rates(found, parquet, target, event)
    return found


def _add_event_rates(found: list[dict[str, Any]], parquet: Path, target: str, event: Any) -> None:
    """Compare the event rate beside each value with that beside the others, over all rows."""
    columns = sorted({special["column"] for special in found})
    tallies: dict[tuple[str, str], np.ndarray] = {}
    for frame in _frames(parquet, [*columns, target]):
        labelled = frame.filter(pl.col(target).is_not_null())
        happened = (labelled[target].cast(pl.String).str.replace(r"\.0$", "") == str(event)).to_numpy()
        for special in found:
            is_it = _is_value(labelled[special["column"]], special["value"]).fill_null(False).to_numpy()
            has_value = labelled[special["column"]].is_not_null().to_numpy()
            others = has_value & ~is_it
            sums = [is_it.sum(), (is_it & happened).sum(), others.sum(), (others & happened).sum()]
            key = (special["column"], str(special["value"]))
            tallies[key] = tallies.get(key, np.zeros(4)) + np.array(sums, dtype=float)
    for special in found:
        rows, events, other_rows, other_events = tallies[special["column"], str(special["value"])]
        if min(rows, other_rows) and _differ(events / rows, rows, other_events / other_rows, other_rows):
            params = {"rate": percent(events / rows), "others": percent(other_events / other_rows)}
            special["evidence"] = [*special["evidence"], {"message": OTHER_RATE, "params": params}]


def _frames(parquet: Path, columns: list[str]) -> Any:
    with pq.ParquetFile(parquet) as table:
        yield from map(pl.DataFrame, parts_of(table, columns, rows=500_000))


def _is_value(values: pl.Series, value: Any) -> pl.Series:
    if values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%d") == str(value)
    return values == value


def _differ(rate: float, rows: float, other: float, other_rows: float) -> bool:
    """Return whether two rates differ by more than three standard errors."""
    mean = (rate * rows + other * other_rows) / (rows + other_rows)
    return abs(rate - other) > 3 * np.sqrt(mean * (1 - mean) * (1 / rows + 1 / other_rows)) > 0
