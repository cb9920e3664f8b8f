"""Finds the columns of a table that hold data of persons, and how many rows do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.parts import parts_of
from experiments.paths import AnyPath
from experiments.privacy.personal_patterns import (
    HINTS,
    KINDS,
    NOT_PERSONAL,
    WITHIN,
    PersonalKind,
    compact,
    matches,
    matches_within,
)

__all__ = ["PersonalData", "find_personal_data", "kind_of"]

ROWS_IN_SAMPLE = 20_000
CELLS_IN_SAMPLE = 8_000_000
COLUMNS_AT_ONCE = 100
ROWS_AT_ONCE = 500_000
# Share of a column's values that must have the form, without and with a name that says so.
LEAST_SHARE: dict[PersonalKind, tuple[float, float]] = {
    "id_card": (0.2, 0.05),
    "mobile": (0.5, 0.2),
    "bank_card": (0.5, 0.2),
    "email": (0.2, 0.05),
    "name": (0.85, 0.5),
    "address": (0.5, 0.3),
}
# How far the form alone can be trusted: a checksum or an @ hardly errs, a name is easily taken for another word.
TRUST: dict[PersonalKind, float] = {
    "id_card": 0.99,
    "email": 0.99,
    "bank_card": 0.95,
    "mobile": 0.9,
    "address": 0.8,
    "name": 0.75,
}
# A checksum, a date and a place, or an @ say enough even of one number; of others a code may have the form.
LEAST_DIFFERENT: dict[PersonalKind, int] = {"id_card": 1, "email": 1, "mobile": 1}
FEW_DIFFERENT, LEAST_DIFFERENT_NAMES = 3, 30
LEAST_WITHIN_TEXT, LEAST_ROWS_WITHIN_TEXT = 0.002, 3


@dataclass(frozen=True)
class PersonalData:
    """Personal data found in one column.

    Attributes
    ----------
    rows, matches : rows with a value, and how many of these values have the form, over the whole table.
    confidence : 0 to 1, how likely it is that the column holds what ``kind`` says.
    is_within_text : the values are longer texts in which some hold personal data.

    Examples
    --------
    >>> PersonalData("phone", "mobile", rows=100, matches=98, confidence=0.99).share
    0.98
    """

    column: str
    kind: PersonalKind
    rows: int
    matches: int
    confidence: float
    is_within_text: bool = False

    @property
    def share(self) -> float:
        """Share of the values that have the form."""
        return self.matches / self.rows if self.rows else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready plain data; no value of the table is among it."""
        return {
            "column": self.column,
            "kind": self.kind,
            "rows": self.rows,
            "matches": self.matches,
            "share": self.share,
            "confidence": self.confidence,
            "is_within_text": self.is_within_text,
        }


def find_personal_data(
    parquet: AnyPath, on_progress: Callable[[float], None] = lambda fraction: None
) -> dict[str, PersonalData]:
    r"""Return the columns of a Parquet file that hold personal data, with what they hold.

    A sample from all parts of the table decides; what it finds is then counted over all rows.

    Parameters
    ----------
    on_progress : called with the share done; may raise to stop.

    Returns
    -------
    dict
        By column.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> numbers = "\n".join(str(13800138000 + n) for n in range(50))
    >>> _ = (folder / "a.csv").write_text(f"phone\n{numbers}\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> find_personal_data(folder / "a.parquet")["phone"].kind
    'mobile'
    """
    parquet = Path(parquet)
    with pq.ParquetFile(parquet) as table:
        suspects = _suspects(table)
        found: dict[str, tuple[PersonalKind, bool]] = {}
        for start in range(0, len(suspects), COLUMNS_AT_ONCE):
            block = suspects[start : start + COLUMNS_AT_ONCE]
            sample = _sample(table, block, len(suspects))
            for name in block:
                kind = kind_of(name, sample[name])
                if kind:
                    found[name] = kind
            on_progress(0.5 * (start + len(block)) / len(suspects))
        return _counted(table, found, on_progress)


def still_holds(parquet: Path, name: str, kind: PersonalKind) -> bool:
    """Return whether a column still holds what its former name said: fewer values of the form are enough then.

    Parameters
    ----------
    name : of the column now. kind : what it held.
    """
    with pq.ParquetFile(parquet) as table:
        texts = _texts(_sample(table, [name], 1)[name])
    return bool(len(texts)) and float(matches(texts, kind, is_named=True).mean() or 0) >= LEAST_SHARE[kind][1]  # type: ignore[arg-type]


def kind_of(name: str, values: pl.Series) -> tuple[PersonalKind, bool] | None:
    """Return what a column holds by its name and a sample of its values, and whether within longer texts.

    Parameters
    ----------
    name : of the column. values : a sample of its texts.

    Returns
    -------
    tuple
        The kind or ``None``, and whether it stands within longer texts.

    Examples
    --------
    >>> import polars as pl
    >>> kind_of("f1", pl.Series(["13800138000", "139 1234 5678", "+8615012345678"]))
    ('mobile', False)
    """
    texts = _texts(values)
    present = len(texts)
    if not present or (values.dtype.is_numeric() and NOT_PERSONAL.search(name)):
        return None
    distinct = texts.n_unique()
    for kind in KINDS:
        is_named = HINTS[kind].search(name) is not None
        if kind in ("name", "address") and values.dtype.is_numeric():
            continue
        hits = matches(texts, kind, is_named=is_named)
        if _is_enough(kind, texts, hits, distinct=distinct, is_named=is_named):
            return kind, False
    return None if values.dtype.is_numeric() else _kind_within(texts)


def _is_enough(kind: PersonalKind, texts: pl.Series, hits: pl.Series, *, distinct: int, is_named: bool) -> bool:
    """Return whether so many values of the form are more than chance."""
    count = int(hits.sum())
    if not count or count / len(texts) < LEAST_SHARE[kind][is_named]:
        return False
    if len(texts) >= 10 and distinct < LEAST_DIFFERENT.get(kind, FEW_DIFFERENT):
        return False
    if kind == "mobile" and distinct < FEW_DIFFERENT and texts.str.ends_with("000").any():
        # An amount or a limit, as round as these are.
        return is_named
    if kind == "name" and not is_named:
        # Words of a list repeat; names of people hardly do.
        return distinct >= max(LEAST_DIFFERENT_NAMES, 0.05 * len(texts))
    if kind in ("mobile", "bank_card", "id_card") and not is_named:
        return not _is_serial(compact(texts.filter(hits)))
    return True


def _is_serial(numbers: pl.Series) -> bool:
    """Whether the values stand close together, as the numbers of loans and orders do, and phone numbers do not."""
    values = numbers.str.slice(0, 18).cast(pl.Float64, strict=False).drop_nulls()
    distinct = values.n_unique()
    return distinct >= 10 and float(values.max() - values.min()) < 20 * distinct  # type: ignore[operator,arg-type]


def _kind_within(texts: pl.Series) -> tuple[PersonalKind, bool] | None:
    """Look for numbers and addresses inside longer texts, such as remarks."""
    longer = texts.filter(texts.str.len_chars() > 11)
    # A number that stands alone and is no person's as a whole is none in part.
    longer = longer.filter(~compact(longer).str.contains(r"^\+?\d{1,20}[Xx]?$"))
    if not len(longer):
        return None
    for kind, pattern in WITHIN.items():
        shaped, count = int(longer.str.contains(pattern).sum()), int(matches_within(longer, kind).sum())
        # Of other long numbers one in ten has the right check digit.
        is_chance = count < 0.5 * shaped
        if not is_chance and count >= LEAST_ROWS_WITHIN_TEXT and count >= LEAST_WITHIN_TEXT * len(texts):
            return kind, True
    return None


def _suspects(table: pq.ParquetFile) -> list[str]:
    """Return the columns worth a look: words, and whole numbers long enough to be a phone number."""
    names = []
    # Asked for once: the table of contents of a wide file is long, and made anew each time.
    contents = table.metadata
    groups = [contents.row_group(number) for number in range(contents.num_row_groups)]
    for place, field in enumerate(table.schema_arrow):
        is_text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        is_number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        if is_text or (is_number and _is_long(groups, place)):
            names.append(field.name)
    return names


def _is_long(groups: Sequence[pq.RowGroupMetaData], place: int) -> bool:
    statistics = [group.column(place).statistics for group in groups]
    known = [one for one in statistics if one is not None and one.has_min_max]
    return len(known) < len(statistics) or any(one.max >= 1.3e10 for one in known)


def _sample(table: pq.ParquetFile, names: Sequence[str], columns: int) -> pl.DataFrame:
    """Read the first rows of every part of the table, 20,000 in all where there are not too many columns."""
    rows = max(1_000, min(ROWS_IN_SAMPLE, CELLS_IN_SAMPLE // columns))
    groups = table.metadata.num_row_groups
    each = max(1, rows // max(1, groups))
    parts = []
    for group in range(groups):
        batches = table.iter_batches(batch_size=each, row_groups=[group], columns=list(names))
        first = next(batches, None)
        if first is not None:
            parts.append(pl.DataFrame(pa.Table.from_batches([first])))
        if len(parts) * each >= rows:
            break
    return pl.concat(parts) if parts else pl.DataFrame({name: [] for name in names})


def _counted(
    table: pq.ParquetFile, found: dict[str, tuple[PersonalKind, bool]], on_progress: Callable[[float], None]
) -> dict[str, PersonalData]:
    rows, hits, seen = dict.fromkeys(found, 0), dict.fromkeys(found, 0), 0
    for frame in _parts(table, list(found)):
        for name, (kind, is_within_text) in found.items():
            texts = _texts(frame[name])
            is_named = HINTS[kind].search(name) is not None
            matched = matches_within(texts, kind) if is_within_text else matches(texts, kind, is_named=is_named)
            rows[name] += len(texts)
            hits[name] += int(matched.sum())
        seen += frame.height
        on_progress(0.5 + 0.5 * seen / max(1, table.metadata.num_rows))
    return {
        name: PersonalData(name, kind, rows[name], hits[name], _confidence(name, kind, hits[name], rows[name]), within)
        for name, (kind, within) in found.items()
    }


def _parts(table: pq.ParquetFile, names: list[str]) -> Iterator[pl.DataFrame]:
    if names:
        yield from map(pl.DataFrame, parts_of(table, names, rows=ROWS_AT_ONCE))


def _confidence(name: str, kind: PersonalKind, hits: int, rows: int) -> float:
    by_form = TRUST[kind] * min(1.0, hits / rows / 0.8) if rows else 0.0
    by_name = 0.8 if HINTS[kind].search(name) else 0.0
    return round(1 - (1 - by_form) * (1 - by_name), 2)


def _texts(values: pl.Series) -> pl.Series:
    """Return the values there are as tidy text; fractions are no numbers of this sort."""
    present = values.drop_nulls()
    if values.dtype.is_float():
        present = present.filter(present.is_finite() & (present.abs() < 1e18) & (present == present.floor()))
        # A column with fractions is an amount, whatever its whole values look like.
        if len(present) < values.len() - values.null_count():
            return pl.Series([], dtype=pl.String)
        present = present.cast(pl.Int64)
    texts = present.cast(pl.String).str.strip_chars()
    return texts.filter(texts != "")
