"""Checks a table of any size: reads the rows looked at and the columns with a role, and never the whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.parts import parts_of
from experiments.data.schema import ColumnSchema
from experiments.data.target import read_target
from experiments.errors import gettext_noop
from experiments.features.single_feature import Power, column_power, rows_looked_at
from experiments.ingest.table import as_frame, read_parquet
from experiments.leakage.check import run_tests
from experiments.leakage.copies import hash_frame
from experiments.leakage.finding import Finding
from experiments.leakage.labelled_sample import features_of, labelled_sample, roles_of
from experiments.paths import AnyPath
from experiments.spec import ExperimentSpec

__all__ = ["Checked", "check_parquet"]

CELLS_AT_ONCE = 4_000_000
COLUMNS_AT_ONCE = 200
READ, TESTED = 0.15, 0.9

SAMPLED = gettext_noop(
    "Columns were checked on %(rows)s of the %(all)s labelled rows, a random sample with both outcomes; duplicates "
    "and customers were checked on all of them."
)


@dataclass(frozen=True)
class Checked:
    """What a check of a file found.

    Attributes
    ----------
    findings : of all tests. power : ``(AUC, information value)`` alone of each column but the target.
    roles : the columns with a role, all rows. y : 1, 0 or NaN, one value a row. event : the value asked about.

    Examples
    --------
    >>> Checked([], {}, pd.DataFrame(), np.array([1.0, 0.0]), "1").event
    '1'
    """

    findings: list[Finding]
    power: dict[str, Power]
    roles: pd.DataFrame
    y: np.ndarray
    event: str


@dataclass
class _Progress:
    """Tells the share done, and again where it stands during work that knows no share of its own."""

    tell: Callable[[float], None]
    told: float = 0.0

    def __call__(self, share: float) -> None:
        self.told = share
        self.tell(share)

    def again(self) -> None:
        self.tell(self.told)


def check_parquet(
    parquet: AnyPath,
    spec: ExperimentSpec,
    *,
    schema: Sequence[ColumnSchema],
    on_progress: Callable[[float], None] = lambda fraction: None,
    known_after_days: Mapping[str, int | None] | None = None,
) -> Checked:
    r"""Run every test of ``check_leakage`` on an ingested table, in memory that does not grow with its rows.

    Of all rows only the columns with a role are held (and a hash of each row where copies are looked for); the rest
    is read for up to 200,000 rows, of wide tables for fewer. ``spec.event`` may be empty: the rarer value then.

    Parameters
    ----------
    parquet, schema : path and columns of the table. spec : the question.
    on_progress : called with the share done; may raise to stop.
    known_after_days : by column, days after the observation date on which the dictionary says it is known.

    Returns
    -------
    Checked

    Raises
    ------
    BadInput : the target has not two values, or not the event.

    Examples
    --------
    >>> import tempfile
    >>> from experiments.data.schema import read_schema
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> lines = "\n".join(f"{n % 37},{n % 5 == 0:d},{n % 5 == 0:d}" for n in range(200))
    >>> _ = (folder / "a.csv").write_text(f"age,late,bad\n{lines}\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> spec, schema = ExperimentSpec("bad", "1"), read_schema(folder / "a.parquet")
    >>> checked = check_parquet(folder / "a.parquet", spec, schema=schema)
    >>> [finding.column for finding in checked.findings if finding.severity == "block"]
    ['late']
    """
    parquet, progress = Path(parquet), _Progress(on_progress)
    columns = pq.read_schema(parquet).names
    roles = read_parquet(parquet, [name for name in columns if name in roles_of(spec)])
    y, event = read_target(roles[spec.target], spec.event or None)
    rows = rows_looked_at(y, len(features_of(columns, spec)))
    sample = _read_rows(parquet, [name for name in columns if name != spec.target], rows, progress)
    table = labelled_sample(sample, y, rows, spec, schema)
    findings = run_tests(
        table,
        spec,
        roles,
        y,
        lambda names: _hash_rows(parquet, names, progress.again),
        lambda share: progress(READ + (TESTED - READ) * share),
        known_after_days or {},
    )
    power = dict(table.power)
    others = [name for name in sample.columns if name not in power]
    for number, name in enumerate(others):
        power[name] = column_power(sample[name], table.y)
        progress(TESTED + (1 - TESTED) * (number + 1) / len(others))
    progress(1.0)
    if len(rows) < table.row_count:
        findings.append(Finding("sample", "passed", None, SAMPLED, {"rows": len(rows), "all": table.row_count}))
    return Checked(findings, power, roles, y, event)


def _read_rows(
    parquet: Path, columns: Sequence[str], rows: np.ndarray, on_progress: Callable[[float], None]
) -> pd.DataFrame:
    """Return some rows of a file, a few columns and a few rows at a time."""
    frames = []
    for start in range(0, len(columns), COLUMNS_AT_ONCE):
        names = list(columns[start : start + COLUMNS_AT_ONCE])
        kept, first = [], 0
        for batch in _batches(parquet, names):
            # Also where a person may stop it.
            on_progress(READ * (start + len(names) * min(1.0, first / max(1, rows[-1]))) / len(columns))
            wanted = rows[np.searchsorted(rows, first) : np.searchsorted(rows, first + batch.num_rows)] - first
            kept.append(batch.take(wanted))
            first += batch.num_rows
        frames.append(as_frame(pa.concat_tables(kept)))
    return pd.concat([pd.DataFrame(index=range(len(rows))), *frames], axis=1)


def _hash_rows(parquet: Path, columns: Sequence[str], on_part: Callable[[], None]) -> np.ndarray:
    hashes = []
    for batch in _batches(parquet, columns):
        hashes.append(hash_frame(as_frame(batch)))
        on_part()
    return np.concatenate(hashes)


def _batches(parquet: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    with pq.ParquetFile(parquet) as file:
        yield from parts_of(file, columns, rows=max(1_000, CELLS_AT_ONCE // len(columns)))
