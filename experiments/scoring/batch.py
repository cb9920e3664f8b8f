"""Score a file of any size: chunk by chunk, outputs appear whole or not at all, and what was met is counted."""

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.artifact.model import BAND_NAMES, ROWS_A_PART, ModelArtifact, ScoredTable
from experiments.artifact.needed_columns import ROW_NUMBER, id_heading
from experiments.data.reading_notes import Note
from experiments.data.schema import read_schema
from experiments.evaluation.column_shift import ColumnTally
from experiments.evaluation.psi_bins import Shift
from experiments.explanation.reason_codes.counts import ReasonCounts
from experiments.features.encoding import CoverReport, Readings
from experiments.ingest.reading import ReadingOptions, ingest_files
from experiments.paths import AnyPath
from experiments.progress import OnProgress, Said, StageStarted, Tick, ignore
from experiments.scoring.formats import FORMATS
from experiments.scoring.formats.csv import CSV
from experiments.scoring.formats.format import NUMBERS, Format, Layout, Write
from experiments.scoring.formats.parquet import PARQUET
from experiments.scoring.formats.workbook import XLSX

__all__ = ["ScoringSummary", "score_file"]

ProtectIds = Callable[[list[Any]], list[str | None]]
# Two parts of what one thread scores at a time, so that two cores have work.
ROWS_A_CHUNK = 2 * ROWS_A_PART
HISTOGRAM_BARS = 20


@dataclass(frozen=True)
class ScoringSummary:
    r"""What a scored file looks like.

    Attributes
    ----------
    bands : for each band its rows, their share, and the share it had in development.
    score_histogram : edges and counts of the score, with the development sample's share of each bar.
    psi : of the probability against development, with the limit that chance sets.
    cover : how well the file covered what the model was trained on.
    reasons : how many rows have one, of how many nothing counts and of how many only what must not be named, and of how
        many what must not be named weighs most; empty where none were asked for.
    moved : columns whose values lie otherwise than in training, beyond chance, the furthest first: column, psi, limit
        and, where typical values are many times as large or small, times.
    notes : what reading the file changed or assumed as a whole: another encoding, rows of totals left out.
    ranges : the least and the largest value of each column of numbers that was written.
    ids : the column that carries ids (``None`` where the file has none) and the one the model was made with, how many
        rows have no id, how many ids stand in more than one row, and in how many rows those stand.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "rows.csv").write_text("id,age,income,job,noise\nC1,25,4000,none,0\nC2,60,20000,clerk,0\n")
    >>> score_file(model_folder, folder / "rows.csv", out_csv=folder / "scores.csv").kind
    'default'
    """

    rows: int
    kind: str
    model_hash: str
    mean_probability: float
    bands: list[dict[str, Any]]
    score_histogram: dict[str, list[float]]
    psi: dict[str, Any]
    cover: dict[str, Any]
    reasons: dict[str, int] = field(default_factory=dict)
    moved: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    ids: dict[str, Any] = field(default_factory=dict)
    ranges: dict[str, list[float]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON-ready plain data."""
        return asdict(self)


class _IdTally:
    """Counts blank ids and those that stand in several rows, by eight bytes a row."""

    def __init__(self, column: str | None, expected: str | None) -> None:
        self.column = column
        self.expected = expected
        self.blank = 0
        self.hashes: list[np.ndarray] = []

    def add(self, ids: pd.Series) -> None:
        texts = ids.map(str, na_action="ignore")
        is_blank = texts.isna() | (texts.str.strip() == "")
        self.blank += int(is_blank.sum())
        self.hashes.append(pd.util.hash_array(texts[~is_blank].to_numpy(dtype=object)))

    def summary(self) -> dict[str, Any]:
        rows = np.unique(np.concatenate(self.hashes or [np.array([], dtype=np.uint64)]), return_counts=True)[1]
        several = rows[rows > 1]
        return {
            "column": self.column,
            "expected": self.expected,
            "blank": self.blank,
            "repeated": len(several),
            "repeated_rows": int(several.sum()),
        }


class _Tally:
    """Adds up the chunks."""

    def __init__(self, artifact: ModelArtifact, id_column: str | None) -> None:
        self.artifact = artifact
        self.ids = _IdTally(id_column, artifact.id_column)
        self.cover, self.reasons = CoverReport(), ReasonCounts()
        self.ranges: dict[str, list[float]] = {}
        self.rows, self.probability_sum, self.squared_weights = 0, 0.0, 0.0
        self.bands = dict.fromkeys(BAND_NAMES, 0)
        self.psi_counts = np.zeros(len(artifact.psi_bins.labels))
        self.reference_scores = artifact.score_of(np.asarray(artifact.reference))
        self.edges = np.linspace(*_ends(self.reference_scores), HISTOGRAM_BARS + 1)
        self.counts = np.zeros(HISTOGRAM_BARS, dtype=int)
        self.columns = {name: ColumnTally(baseline) for name, baseline in artifact.baselines.items()}

    def add(self, frame: pd.DataFrame, table: ScoredTable) -> None:
        scored, cover, weight = table.frame, table.cover, _weights(self.artifact, frame)
        self._add_columns(frame, table.readings)
        p = scored["probability"].to_numpy()
        self._add_ranges(scored)
        self.rows += len(scored)
        self.reasons = self.reasons.plus(table.reasons)
        self.probability_sum += float(p.sum())
        for band, count in scored["band"].value_counts().items():
            self.bands[str(band)] += int(count)
        self.squared_weights += float(weight @ weight)
        self.psi_counts += self.artifact.psi_bins.count(p, weight) * weight.mean()
        self.counts += _bars(scored["score"].to_numpy(), self.edges)
        self.cover = self.cover.plus(cover) if self.cover.rows else cover

    def _add_columns(self, frame: pd.DataFrame, readings: Readings) -> None:
        for name, tally in self.columns.items():
            kind = tally.baseline.type
            if (name, kind) in readings:
                tally.add_numbers(readings[name, kind])
            elif name in frame:
                tally.add_levels(frame[name])

    def _add_ranges(self, scored: pd.DataFrame) -> None:
        for name in NUMBERS:
            if name in scored and len(scored):
                low, high = self.ranges.get(name, (np.inf, -np.inf))
                values = scored[name].to_numpy(dtype=float)
                self.ranges[name] = [min(low, float(values.min())), max(high, float(values.max()))]

    def _moved(self) -> list[dict[str, Any]]:
        found = [
            {"column": name, **shift}
            for name, tally in self.columns.items()
            if (shift := tally.shift(len(self.columns))) is not None
        ]
        return sorted(found, key=lambda shift: -shift["psi"])

    def shift(self) -> Shift:
        """Return the shift of the probability, each row counting as much as its weight where the file has one."""
        total = self.psi_counts.sum()
        scaled = self.psi_counts * (self.rows / total) if total > 0 else self.psi_counts
        return self.artifact.psi_bins.shift_of(scaled, total**2 / max(self.squared_weights, 1e-300))

    def summary(self) -> ScoringSummary:
        shift = self.shift()
        development = pd.Series(self.artifact.band_of(np.asarray(self.artifact.reference))).value_counts(normalize=True)
        return ScoringSummary(
            rows=self.rows,
            kind=self.artifact.kind,
            model_hash=self.artifact.hash,
            mean_probability=self.probability_sum / max(self.rows, 1),
            bands=[
                {"band": band, "rows": rows, "share": rows / max(self.rows, 1),
                 "development_share": float(development.get(band, 0.0))}
                for band, rows in self.bands.items()
            ],
            score_histogram={
                "edges": self.edges.tolist(),
                "counts": self.counts.tolist(),
                "reference_shares": (_bars(self.reference_scores, self.edges) / len(self.reference_scores)).tolist(),
            },
            psi={"value": _finite(shift.psi), "limit": _finite(shift.limit), "verdict": shift.verdict,
                 "is_alert": shift.is_alert},
            cover=self.cover.to_dict(),
            reasons=self.reasons.to_dict() if self.reasons.rows else {},
            moved=self._moved(),
            ids=self.ids.summary(),
            ranges=self.ranges,
        )  # fmt: skip


def score_file(
    model_dir: AnyPath,
    source: AnyPath,
    *,
    out_csv: AnyPath | None = None,
    out_parquet: AnyPath | None = None,
    out_xlsx: AnyPath | None = None,
    outputs: Mapping[str, AnyPath] | None = None,
    asked_for: str | None = None,
    headings: Mapping[str, str] | None = None,
    reasons: int = 4,
    language: str = "en",
    encoding: str = "utf-8-sig",
    file_name: str | None = None,
    reading: ReadingOptions | None = None,
    protect_ids: ProtectIds | None = None,
    keep_rows: AnyPath | None = None,
    on_progress: OnProgress = ignore,
) -> ScoringSummary:
    r"""Score every row of a CSV, Excel or Parquet file with bounded memory.

    Ids leave as they are written in the file, character by character, in the file's order: leading zeros, spaces,
    signs, more than fifteen digits and words such as NULL stay. Only the CSV puts a quote before an id that a
    spreadsheet would run (``formula_guard.unguarded`` takes it off); the Parquet holds it without.

    Parameters
    ----------
    out_csv, out_parquet, out_xlsx : where the scores go: the id if there is one, probability, score, band, of a
        scorecard the points, and reason_1 …. In the Excel file ids are texts; where a sheet cannot hold all rows
        there is none, and a note says so.
    outputs : the same by name of format, for every one of ``experiments.scoring.formats``.
    asked_for : the format that somebody asked for: of the others, those that take long are only written of a small
        table (``Format.unasked_rows``). Without it all are written.
    headings : what columns are called in CSV and Excel; their own names where nothing is said, and in Parquet.
    reasons : sentences a row, none with 0; in ``language``, "en" or "zh".
    encoding : of the CSV that is written; the default is what spreadsheets open without asking.
    file_name : the name people know the file by, for the sentences; the source's own when ``None``.
    reading : what a person decided about how the file is read; how its columns are written, the model knows.
    protect_ids : makes the ids unreadable where they are personal data; what is written holds only its answer.
    keep_rows : where a Parquet of the ids and of what the model reads is left, so that each customer of the list can be
        explained later; its ids are protected as those of the scores are.

    Returns
    -------
    ScoringSummary

    Raises
    ------
    BadInput : the file cannot be read or lacks columns the model needs.
    ArtifactError : the model's files are incomplete or altered.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "rows.csv").write_text("id,age,income,job,noise\nC1,25,4000,none,0\nC2,60,20000,clerk,0\n")
    >>> summary = score_file(model_folder, folder / "rows.csv", out_csv=folder / "scores.csv", reasons=1)
    >>> summary.rows, (folder / "scores.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    (2, 'id,probability,score,band,points,reason_1')
    """
    model_dir = Path(model_dir)
    source = Path(source)
    out_csv = None if out_csv is None else Path(out_csv)
    out_parquet = None if out_parquet is None else Path(out_parquet)
    out_xlsx = None if out_xlsx is None else Path(out_xlsx)
    artifact = ModelArtifact.load(model_dir)
    asked = {CSV.name: out_csv, PARQUET.name: out_parquet, XLSX.name: out_xlsx, **(outputs or {})}
    wanted = {name: Path(path) for name, path in asked.items() if path is not None}
    on_progress(StageStarted("prepare"))
    with tempfile.TemporaryDirectory(prefix="xiaoyu-score-") as folder, ExitStack() as opened:
        parquet = Path(folder) / "rows.parquet"
        types: dict[str, Any] = {column["name"]: column["type"] for column in artifact.signature}
        id_column = artifact.id_column
        options = options_for(artifact, reading)
        report = ingest_files([(Path(source), file_name or Path(source).name)], parquet, options=options)
        artifact.check_columns([column.name for column in read_schema(parquet)])
        id_type = _type_of_ids(parquet, id_column, is_protected=protect_ids is not None)
        layout = Layout(headings or {}, encoding, id_column, id_type)
        rows = pq.read_metadata(parquet).num_rows
        too_many = {name for name in wanted if rows > (FORMATS[name].most_rows or rows)}
        unasked = _left_out(wanted, asked_for, rows)
        writers = [
            opened.enter_context(_written(path, FORMATS[name], layout))
            for name, path in wanted.items()
            if name not in too_many | unasked
        ]
        on_progress(StageStarted("score"))
        tally = _Tally(artifact, id_column if id_column in pq.read_schema(parquet).names else None)
        _score_chunks(tally, parquet, writers, reasons, language, protect_ids, on_progress)
        if keep_rows is not None:
            _keep_rows(artifact, parquet, Path(keep_rows), protect_ids)
        tally.cover.take_contradictions({name: met for name, met in report.contradictions.items() if name in types})
        notes = [note.to_dict() for note in report.notes if not note.column]
        for form in (FORMATS[name] for name in too_many - unasked):
            params = {"limit": f"{form.most_rows:,}", "rows": f"{rows:,}"}
            notes.append(Note(form.too_many, params, "warning").to_dict())
        return replace(tally.summary(), notes=notes)


def _keep_rows(artifact: ModelArtifact, parquet: Path, out: Path, protect_ids: ProtectIds | None) -> None:
    """Leave of a table what explains its customers: the ids, hidden as in the scores, and the model's columns."""
    file, id_column = pq.ParquetFile(parquet), artifact.id_column
    wanted = {id_column, *(column["name"] for column in artifact.signature)}
    names = [name for name in file.schema_arrow.names if name in wanted]
    layout = pa.schema([file.schema_arrow.field(name) for name in names])
    place = layout.get_field_index(id_column) if id_column in names and protect_ids is not None else None
    if place is not None:
        layout = layout.set(place, pa.field(id_column, pa.string()))
    with _whole_or_nothing(out) as draft, pq.ParquetWriter(draft, layout) as writer:
        for batch in file.iter_batches(batch_size=ROWS_A_CHUNK, columns=names):
            table = pa.Table.from_batches([batch]).select(names)
            if place is not None and protect_ids is not None:
                hidden = protect_ids(table.column(place).to_pylist())
                table = table.set_column(place, layout.field(place), pa.array(hidden, pa.string()))
            writer.write_table(table.cast(layout))


def options_for(artifact: ModelArtifact, reading: ReadingOptions | None) -> ReadingOptions:
    """Return how a file is read for a model: by its types, as its columns were written, and ids as they stand."""
    id_column = artifact.id_column
    types: dict[str, Any] = {column["name"]: column["type"] for column in artifact.signature}
    return replace(
        reading or ReadingOptions(), types=types, readings=artifact.readings,
        as_written=() if id_column is None else (id_column,),
    )  # fmt: skip


def _left_out(wanted: Iterable[str], asked_for: str | None, rows: int) -> set[str]:
    """Return the formats that would take long and that nobody asked for."""
    if asked_for is None:
        return set()
    most = {name: FORMATS[name].unasked_rows for name in wanted if name != asked_for}
    return {name for name, rows_unasked in most.items() if rows_unasked is not None and rows > rows_unasked}


def _type_of_ids(parquet: Path, id_column: str | None, *, is_protected: bool) -> pa.DataType:
    """Return the type in which ids are written to Parquet: their own, or text where they are made unreadable."""
    layout = pq.read_schema(parquet)
    return pa.string() if is_protected or id_column not in layout.names else layout.field(id_column).type


def _score_chunks(
    tally: _Tally,
    parquet: Path,
    writers: list[Any],
    reasons: int,
    language: str,
    protect_ids: ProtectIds | None,
    on_progress: OnProgress,
) -> None:
    artifact, name, total = tally.artifact, tally.ids.column, pq.read_metadata(parquet).num_rows
    with ThreadPoolExecutor(1) as aside:
        written: Future[None] | None = None
        for frame, scored in scored_by_turns(artifact, _chunks(parquet, name), reasons=reasons, language=language):
            if name is None:
                scored.frame.insert(0, ROW_NUMBER, range(tally.rows + 1, tally.rows + len(frame) + 1))
            else:
                tally.ids.add(scored.frame[id_heading(name)])
            if protect_ids is not None and name is not None:
                scored.frame[id_heading(name)] = protect_ids(scored.frame[id_heading(name)].tolist())
            # One chunk is written while the next is scored; never more, so that memory stays bounded.
            if written is not None:
                written.result()
            written = aside.submit(_write, writers, scored.frame)
            tally.add(frame, scored)
            on_progress(Tick(0.0, tally.rows / max(total, 1)))
        if written is not None:
            written.result()
    on_progress(Said("%(rows)s rows scored.", {"rows": tally.rows}))


def scored_by_turns(
    artifact: ModelArtifact, frames: Iterable[pd.DataFrame], *, reasons: int = 4, language: str = "en"
) -> Iterator[tuple[pd.DataFrame, ScoredTable]]:
    """Score tables one after the other, each beside the one before it: sentences are written by one core alone.

    No more than two are under way, so that memory stays bounded.
    """
    with ThreadPoolExecutor(2) as pool:
        under_way: deque[tuple[pd.DataFrame, Future[ScoredTable]]] = deque()
        try:
            for frame in frames:
                under_way.append((frame, pool.submit(artifact.score, frame, reasons=reasons, language=language)))
                if len(under_way) == 2:
                    first, scored = under_way.popleft()
                    yield first, scored.result()
            for last, scored in under_way:
                yield last, scored.result()
        finally:
            for _frame, unwanted in under_way:
                unwanted.cancel()


def _weights(artifact: ModelArtifact, frame: pd.DataFrame) -> np.ndarray:
    """Return the weights of the rows where the model was built with some and the file has them, else ones."""
    name = artifact.facts.get("spec", {}).get("weight_column")
    if name in frame.columns:
        weight = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
        if np.all(np.isfinite(weight) & (weight > 0)):
            return weight
    return np.ones(len(frame))


def _write(writers: list[Any], scores: pd.DataFrame) -> None:
    for write in writers:
        write(scores)


def _chunks(parquet: Path, id_column: str | None) -> Iterator[pd.DataFrame]:
    for batch in pq.ParquetFile(parquet).iter_batches(batch_size=ROWS_A_CHUNK):
        table = pa.Table.from_batches([batch])
        frame = table.to_pandas()
        if id_column is not None:
            # A whole number beside a gap would become 600001.0.
            ids = table.column(id_column).to_pandas(integer_object_nulls=True)
            frame[id_column] = ids.astype(object).where(ids.notna(), None)
        for name in frame.columns:
            if isinstance(frame[name].dtype, pd.StringDtype):
                texts = frame[name].astype(object)
                frame[name] = texts.where(texts.notna(), None)
        yield frame


@contextmanager
def _written(path: Path, form: Format, layout: Layout) -> Iterator[Write]:
    with _whole_or_nothing(path) as draft, form.open(draft, layout) as write:
        yield write


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.draft")
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _finite(value: float) -> float:
    """Return the number, or 0 where there was nothing to compare: JSON knows no NaN."""
    return value if np.isfinite(value) else 0.0


def _ends(scores: np.ndarray) -> tuple[float, float]:
    low, high = float(scores.min()), float(scores.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _bars(scores: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.histogram(np.clip(scores, edges[0], edges[-1]), bins=edges)[0]
