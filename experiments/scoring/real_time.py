"""Rows that come as JSON, scored as a file with the same cells is; what cannot be read is told by row and column."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact
from experiments.data.frame_reading import read_cells
from experiments.data.values import tidied
from experiments.errors import gettext_noop
from experiments.features.encoding import CoverReport
from experiments.features.levels import BOOLEAN_WORDS, level_text
from experiments.scoring.one_customer.changes import NO_DATE, NO_FLAG, NO_NUMBER
from experiments.scoring.wrong_cells import RowsRefused, WrongCell
from experiments.sentence import Sentence

__all__ = ["ScoredRow", "ids_of", "require_plain", "score_rows", "table_of"]

MOST_TOLD = 20
LONGEST_TEXT = 2_000
SHOWN = 60
LACKS = gettext_noop("%(column)s is missing, and the model needs it. Send null where the value is not known.")
NO_PLAIN = gettext_noop("%(column)s takes a number, text, true, false or null.")
NOT_FINITE = gettext_noop("%(column)s takes a finite number of ordinary size.")
TEXT_TOO_LONG = gettext_noop("%(column)s holds a text of more than %(most)s characters.")
NO_TEXT = gettext_noop("%(column)s holds a text that is not valid Unicode.")


@dataclass(frozen=True)
class ScoredRow:
    """What a model says of one row.

    Examples
    --------
    >>> ScoredRow(0.2, 580.0, "C", ("age is low",)).band
    'C'
    """

    probability: float
    score: float
    band: str
    reasons: tuple[str, ...] = ()
    points: float | None = None


def require_plain(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise where a cell is a list or an object, also one that the model would leave alone.

    Parameters
    ----------
    rows : cells by column.

    Returns
    -------
    None

    Raises
    ------
    RowsRefused : such cells, each with its row and column.

    Examples
    --------
    >>> require_plain([{"age": 25, "job": None}])
    """
    wrong = [
        WrongCell(number, name, Sentence(NO_PLAIN, {"column": name[:SHOWN]}))
        for number, row in enumerate(rows)
        for name, cell in row.items()
        if type(cell) not in _PLAIN
    ]
    if wrong:
        raise RowsRefused(wrong[:MOST_TOLD])


def table_of(artifact: ModelArtifact, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as the table that the model reads, each column with the type it has in a file.

    Parameters
    ----------
    artifact : the model. rows : cells by column, in any order; columns that the model does not know are left alone.

    Returns
    -------
    DataFrame

    Raises
    ------
    RowsRefused : cells that cannot be read or are needed and missing, each with its row and column.

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> row = {"income": 4000, "age": "25", "job": "none"}
    >>> table_of(model, [row])["age"].tolist()
    [25.0]
    >>> try:
    ...     table_of(model, [row, {**row, "age": "many"}])
    ... except RowsRefused as refused:
    ...     [(cell.row, cell.column) for cell in refused.cells]
    [(1, 'age')]
    """
    wrong: list[WrongCell] = []
    columns: dict[str, Any] = {}
    for name, kind, is_needed in artifact.asked_columns:
        given = [row.get(name, _ABSENT) for row in rows]
        if is_needed:
            wrong += [
                WrongCell(number, name, Sentence(LACKS, {"column": name}))
                for number, cell in enumerate(given)
                if cell is _ABSENT
            ]
        elif all(cell is _ABSENT for cell in given):
            continue
        cells = [None if cell is _ABSENT else cell for cell in given]
        columns[name] = _column(artifact, name, kind, cells, wrong)
    if wrong:
        raise RowsRefused(sorted(wrong, key=lambda cell: cell.row)[:MOST_TOLD])
    id_column = artifact.id_column
    if id_column and id_column not in columns and any(id_column in row for row in rows):
        columns[id_column] = pd.Series([row.get(id_column) for row in rows], dtype=object)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def score_rows(
    artifact: ModelArtifact, table: pd.DataFrame, *, reasons: int = 4, language: str = "en"
) -> tuple[list[ScoredRow], CoverReport]:
    """Score a table of ``table_of`` and return what is answered of each row, and how well the rows were covered.

    Parameters
    ----------
    artifact : the model. table : of ``table_of``. reasons : how many at most. language : of their sentences.

    Returns
    -------
    tuple
        Scored rows in the order of the table, and the cover report.

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> rows, _cover = score_rows(model, table_of(model, [{"income": 4000, "age": 25, "job": "none"}]))
    >>> rows[0].band, len(rows[0].reasons) > 0
    ('D', True)
    """
    scored = artifact.score(table, reasons=reasons, language=language)
    frame = scored.frame
    told = [frame[f"reason_{number}"].tolist() for number in range(1, reasons + 1)]
    points = frame["points"].tolist() if "points" in frame else [None] * len(frame)
    main = zip(frame["probability"].tolist(), frame["score"].tolist(), frame["band"].tolist(), points, strict=True)
    return [
        ScoredRow(p, score, str(band), tuple(texts[row] for texts in told if texts[row]), card)
        for row, (p, score, band, card) in enumerate(main)
    ], scored.cover


def ids_of(artifact: ModelArtifact, rows: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Return each customer's id as it is always written, whether it came as a number or a text; nothing without one.

    Parameters
    ----------
    artifact : the model. rows : cells by column.

    Returns
    -------
    list

    Raises
    ------
    RowsRefused : ids that cannot be read, each with its row and column.

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> ids_of(model, [{str(model.id_column): 7.0}, {}])
    ['7', None]
    """
    name = artifact.id_column
    if not name:
        return [None] * len(rows)
    wrong: list[WrongCell] = []
    cells = [_plain(name, number, row.get(name), wrong) for number, row in enumerate(rows)]
    if wrong:
        raise RowsRefused(wrong[:MOST_TOLD])
    return [level_text(cell) for cell in cells]


_ABSENT = object()
_PLAIN = frozenset((str, int, float, bool, type(None)))


def _column(artifact: ModelArtifact, name: str, kind: str, cells: list[Any], wrong: list[WrongCell]) -> Any:
    if kind == "numeric" and all(type(cell) is float for cell in cells):
        values = np.array(cells, dtype=float)
        if np.isfinite(values).all():
            return values
    sound = [_plain(name, row, cell, wrong) for row, cell in enumerate(cells)]
    if kind == "numeric":
        return _numbers(artifact, name, sound, wrong)
    if kind == "date":
        return _dates(artifact, name, sound, wrong)
    if kind == "boolean":
        _look_at_flags(artifact, name, sound, wrong)
    return pd.Series(sound, dtype=object)


def _plain(name: str, row: int, cell: Any, wrong: list[WrongCell]) -> Any:
    """Return a cell that is one value; what is none becomes nothing, and is told."""
    why = None
    if isinstance(cell, str):
        if len(cell) > LONGEST_TEXT:
            why = Sentence(TEXT_TOO_LONG, {"column": name, "most": LONGEST_TEXT})
        elif not _is_storable(cell):
            why = Sentence(NO_TEXT, {"column": name})
    elif isinstance(cell, int) and not isinstance(cell, bool):
        if abs(cell) > _LARGEST:
            why = Sentence(NOT_FINITE, {"column": name})
    elif isinstance(cell, float):
        if not math.isfinite(cell):
            why = Sentence(NOT_FINITE, {"column": name})
    elif cell is not None and not isinstance(cell, bool):
        why = Sentence(NO_PLAIN, {"column": name})
    if why is None:
        return cell
    wrong.append(WrongCell(row, name, why))
    return None


_LARGEST = 10**300


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _numbers(artifact: ModelArtifact, name: str, cells: list[Any], wrong: list[WrongCell]) -> Any:
    for row, cell in enumerate(cells):
        if isinstance(cell, bool):
            wrong.append(WrongCell(row, name, Sentence(NO_NUMBER, {"column": name, "value": str(cell).lower()})))
    if not any(isinstance(cell, str) for cell in cells):
        return np.array([math.nan if cell is None else float(cell) for cell in cells], dtype=float)
    read, _met = read_cells(pd.Series(cells, dtype=object), "numeric", artifact.reading_of(name))
    values = read.to_numpy(dtype=float, na_value=math.nan)
    _tell_unread(name, cells, np.isnan(values), NO_NUMBER, wrong)
    return values


def _dates(artifact: ModelArtifact, name: str, cells: list[Any], wrong: list[WrongCell]) -> Any:
    for row, cell in enumerate(cells):
        if isinstance(cell, bool | float):
            wrong.append(WrongCell(row, name, Sentence(NO_DATE, {"column": name, "value": str(cell).lower()})))
    # A day may be written as a number, 20260131; alone it would be taken for nanoseconds.
    texts = [str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell for cell in cells]
    texts = [cell if isinstance(cell, str) else None for cell in texts]
    read, _met = read_cells(pd.Series(texts, dtype=object), "date", artifact.reading_of(name))
    _tell_unread(name, texts, read.isna().to_numpy(), NO_DATE, wrong)
    return pd.Series(pd.to_datetime(read, errors="coerce").to_numpy(), dtype="datetime64[us]")


def _look_at_flags(artifact: ModelArtifact, name: str, cells: list[Any], wrong: list[WrongCell]) -> None:
    for row, cell in enumerate(cells):
        text = level_text(cell)
        if text is None or text.lower() in BOOLEAN_WORDS or tidied(text) is None:
            continue
        wrong.append(WrongCell(row, name, Sentence(NO_FLAG, {"column": name, "value": text[:SHOWN]})))


def _tell_unread(name: str, cells: Sequence[Any], is_empty: np.ndarray, message: str, wrong: list[WrongCell]) -> None:
    for row in np.flatnonzero(is_empty).tolist():
        cell = cells[row]
        if isinstance(cell, str) and tidied(cell):
            wrong.append(WrongCell(row, name, Sentence(message, {"column": name, "value": cell[:SHOWN]})))
