"""Scores that were written, read again for those who may not see all: ids masked, reasons without hidden values."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.artifact.needed_columns import ROW_NUMBER, id_heading
from experiments.paths import AnyPath
from experiments.privacy.masking import masked_id
from experiments.scoring.formats.format import Format, Layout

__all__ = ["masked_scores"]

REASON = "reason_"
ROWS_A_PART = 20_000
BYTES_A_PART = 1 << 20


def masked_scores(
    scores: AnyPath, form: Format, *, layout: Layout, told: Callable[[str], str], hides_ids: bool
) -> Iterator[bytes]:
    """Yield a file of scores part by part; neither the scores nor the file are ever held whole.

    Parameters
    ----------
    scores : the Parquet that ``score_file`` wrote.
    form : of the file that is wanted.
    layout : its headings and what the column of ids is called in the scored table.
    told : makes of a reason what may be told of it.
    hides_ids : whether of ids only the last signs stay, whatever their type.

    Yields
    ------
    bytes

    Examples
    --------
    >>> import tempfile
    >>> from experiments.scoring.formats import FORMATS
    >>> path = Path(tempfile.mkdtemp()) / "scores.parquet"
    >>> pd.DataFrame({"id": ["C00017"], "probability": [0.5], "reason_1": ["pay is 9"]}).to_parquet(path)
    >>> hidden = lambda text: text.replace("9", "***")
    >>> parts = masked_scores(path, FORMATS["csv"], layout=Layout(id_column="id"), told=hidden, hides_ids=True)
    >>> b"".join(parts).decode("utf-8-sig")
    'id,probability,reason_1\\n****17,0.5,pay is ***\\n'
    """
    with tempfile.TemporaryDirectory(prefix="xiaoyu-masked-") as folder, pq.ParquetFile(scores) as table:
        ids = next((name for name in table.schema_arrow.names if _is_id(name, layout)), None)
        if ids is not None:
            kind = pa.string() if hides_ids else table.schema_arrow.field(ids).type
            layout = replace(layout, id_type=kind)
        out = Path(folder) / f"scores.{form.name}"
        sent = _Sent(out)
        with form.open(out, layout) as write:
            for frame in _frames(table, ids):
                write(_masked(frame, ids, told, hides_ids=hides_ids))
                if form.is_appended:
                    yield from sent.more()
        yield from sent.more()


def _is_id(name: str, layout: Layout) -> bool:
    return name != ROW_NUMBER and layout.id_column is not None and name == id_heading(layout.id_column)


def _frames(table: pq.ParquetFile, ids: str | None) -> Iterator[pd.DataFrame]:
    """Yield the rows as they were before they were written; of no rows one table without any, for the headings."""
    if not table.metadata.num_rows:
        yield _plain(table.schema_arrow.empty_table(), ids)
    for batch in table.iter_batches(batch_size=ROWS_A_PART):
        yield _plain(pa.Table.from_batches([batch]), ids)


def _plain(part: pa.Table, ids: str | None) -> pd.DataFrame:
    frame = part.to_pandas()
    for name in frame.columns:
        if name == ids:
            # A whole number beside a gap would become 600001.0.
            cells = part.column(name).to_pandas(integer_object_nulls=True).astype(object)
        elif isinstance(frame[name].dtype, pd.StringDtype) or frame[name].dtype == object:
            cells = frame[name].astype(object)
        else:
            continue
        frame[name] = cells.where(cells.notna(), None)
    return frame


def _masked(frame: pd.DataFrame, ids: str | None, told: Callable[[str], str], *, hides_ids: bool) -> pd.DataFrame:
    reasons = [name for name in frame.columns if name.startswith(REASON) and name != ids]
    safe = {name: [cell and told(cell) for cell in frame[name].tolist()] for name in reasons}
    if hides_ids and ids is not None:
        safe[ids] = [None if cell is None else masked_id(str(cell)) for cell in frame[ids].tolist()]
    return frame.assign(**{name: pd.Series(cells, index=frame.index, dtype=object) for name, cells in safe.items()})


class _Sent:
    """Hands on what has been written of a file since it was last asked."""

    def __init__(self, path: Path) -> None:
        self._path, self._place = path, 0

    def more(self) -> Iterator[bytes]:
        if not self._path.exists():
            return
        with self._path.open("rb") as written:
            written.seek(self._place)
            while part := written.read(BYTES_A_PART):
                self._place += len(part)
                yield part
