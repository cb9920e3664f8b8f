"""Saved models on the labelled rows of a file: every measure beside the other's, what is certain, who changes sides."""

import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from experiments.artifact.model import ModelArtifact
from experiments.comparison.evidence import ModelsCompared
from experiments.comparison.limits import MOST_MODELS, ONE_ALONE, TOO_MANY
from experiments.comparison.on_rows import compare_on_rows
from experiments.comparison.scored_rows import ScoredRows, months_written
from experiments.data.target import read_target
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.reading import ReadingOptions, ingest_files
from experiments.ingest.table import read_parquet
from experiments.scoring.batch import options_for, score_file

OTHER_KIND = gettext_noop(
    "%(first)s and %(other)s answer different questions (%(first_kind)s and %(other_kind)s) and cannot be compared."
)
NO_SUCH_TARGET = gettext_noop("The file has no column %(column)s, which should hold the outcome.")
NO_SUCH_COLUMN = gettext_noop("The file has no column %(column)s.")


def compare_models(
    folders: Sequence[str | PathLike[str]],
    source: str | PathLike[str],
    target: str,
    *,
    event: str | None = None,
    share: float = 0.1,
    time: str | None = None,
    amount: str | None = None,
    cut_by: Sequence[str] = (),
    reading: ReadingOptions | None = None,
    seed: int = 1,
) -> ModelsCompared:
    """Return two to four saved models side by side on the labelled rows of a file.

    Parameters
    ----------
    folders : of the models; the first is the champion, the others are set against it.
    source, target : a CSV, Excel or Parquet file and its column with the outcome. Rows from which a model has learnt
        flatter it: compare on rows that none of them has seen.
    event : the value of ``target`` that is the event; that of the champion when ``None``.
    share : of the customers, for lift and swap set; where the event is a loss, the other 1 − ``share`` are approved.
    time : the column of dates, for the numbers by month; that of the champion when ``None``, if the file has it.
    amount : a column of numbers, told as a mean of who changes sides. cut_by : columns to tell it by.

    Raises
    ------
    BadInput : fewer than two models or more than four, models of different kinds, no such column, or a file that cannot
        be read.
    ArtifactError : a model's files are incomplete or altered.
    """
    paths = [Path(folder) for folder in folders]
    artifacts = _loaded(paths)
    spec = artifacts[0].facts.get("spec", {})
    # What the champion was taught to be the event is the event here too.
    asked = event or artifacts[0].facts.get("event")
    with tempfile.TemporaryDirectory(prefix="xiaoyu-compare-") as folder:
        table = _ingested(Path(source), Path(folder), options_for(artifacts[0], reading))
        _require_columns(table, target, [name for name in (time, amount, *cut_by) if name])
        y, chosen_event = read_target(read_parquet(table, [target])[target], asked)
        known = np.flatnonzero(~np.isnan(y))
        scores = [_probabilities(path, Path(source), reading) for path in paths]
        day, customer = time or _present(table, spec.get("time_column")), _present(table, spec.get("id_column"))
        rows = ScoredRows(
            table=table, places=known, y=y[known], scores=tuple(p[known] for p in scores),
            customers=_customers(table, customer, known), months=_months(table, day, known), id_column=customer,
            hidden=_protected_by_any(artifacts),
        )  # fmt: skip
        return compare_on_rows(
            rows, artifacts, names=_names(paths), event=chosen_event, share=share,
            unlabelled=len(y) - len(known), amount=amount, cut_by=cut_by, seed=seed,
        )  # fmt: skip


def _loaded(paths: Sequence[Path]) -> list[ModelArtifact]:
    if len(paths) < 2:
        raise BadInput(ONE_ALONE)
    if len(paths) > MOST_MODELS:
        raise BadInput(TOO_MANY, most=MOST_MODELS, given=len(paths))
    artifacts = [ModelArtifact.load(path) for path in paths]
    first = artifacts[0]
    for path, other in zip(paths, artifacts, strict=True):
        if other.kind != first.kind:
            raise BadInput(
                OTHER_KIND, first=paths[0].name, other=path.name, first_kind=first.kind, other_kind=other.kind
            )
    return artifacts


def _protected_by_any(artifacts: Sequence[ModelArtifact]) -> tuple[str, ...]:
    """Return the columns that any of the models was told are protected: nobody's value of them is shown."""
    specs = [each.facts.get("spec") or {} for each in artifacts]
    return tuple(dict.fromkeys(name for spec in specs for name in spec.get("protected") or ()))


def _ingested(source: Path, folder: Path, options: ReadingOptions) -> Path:
    table = folder / "rows.parquet"
    ingest_files([(source, source.name)], table, options=options)
    return table


def _require_columns(table: Path, target: str, others: Sequence[str]) -> None:
    names = pq.read_schema(table).names
    if target not in names:
        raise BadInput(NO_SUCH_TARGET, column=target)
    for name in others:
        if name not in names:
            raise BadInput(NO_SUCH_COLUMN, column=name)


def _present(table: Path, column: str | None) -> str | None:
    return column if column in pq.read_schema(table).names else None


def _customers(table: Path, column: str | None, places: np.ndarray) -> np.ndarray | None:
    """Return a number for each row's customer where one comes twice; an empty id is a customer of its own."""
    if column is None:
        return None
    codes, distinct = pd.factorize(read_parquet(table, [column])[column].iloc[places])
    if len(distinct) == (codes >= 0).sum():
        return None
    unknown = codes < 0
    codes[unknown] = len(distinct) + np.arange(unknown.sum())
    return np.asarray(codes)


def _months(table: Path, column: str | None, places: np.ndarray) -> np.ndarray | None:
    return None if column is None else months_written(read_parquet(table, [column])[column].iloc[places])


def _probabilities(model: Path, source: Path, reading: ReadingOptions | None) -> np.ndarray:
    """Return what a model says of every row, in the file's order."""
    with tempfile.TemporaryDirectory(prefix="xiaoyu-compare-") as folder:
        scored = Path(folder) / "scores.parquet"
        score_file(model, source, out_parquet=scored, reasons=0, reading=reading)
        return np.asarray(pq.read_table(scored, columns=["probability"])["probability"].to_numpy(), dtype=np.float64)


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the folders' names, or their whole paths where two are called alike."""
    names = [path.resolve().name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]
