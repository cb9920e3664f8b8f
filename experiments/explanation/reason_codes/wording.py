"""The sentences of many rows, written once for each distinct value."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments.explanation.reason_codes.columns import ReasonColumn
from experiments.explanation.reason_codes.sentences import STATES
from experiments.explanation.values import value_text
from experiments.features.levels import FEW_ROWS, mixes_flags


def sentences_of(
    column: ReasonColumn,
    frame: pd.DataFrame,
    rows: np.ndarray,
    states: np.ndarray,
    say: Callable[..., str],
    language: str,
) -> np.ndarray:
    """Return one sentence a row, written once for each distinct value."""
    if column.name not in frame:
        return np.full(len(rows), say("empty"), dtype=object)
    cells = frame[column.name].iloc[rows]
    if len(rows) <= FEW_ROWS or mixes_flags(cells):
        texts = [value_text(cell, column.type, language) for cell in cells.tolist()]
        pairs = zip(states.tolist(), texts, strict=True)
        return np.array([say(STATES[state], value=text) for state, text in pairs], dtype=object)
    codes, values = pd.factorize(cells, use_na_sentinel=True)
    texts = [value_text(value, column.type, language) for value in values.tolist()] + [""]
    keys = codes * len(STATES) + states
    distinct, inverse = np.unique(keys, return_inverse=True)
    written = [say(STATES[key % len(STATES)], value=texts[key // len(STATES)]) for key in distinct.tolist()]
    return np.array(written, dtype=object)[inverse]
