"""Opens the bundle beside an ``MLmodel`` for MLflow: ``mlflow.pyfunc.load_model(FOLDER).predict(table)``."""

import sys
from pathlib import Path
from typing import Any

import numpy as np


def _load_pyfunc(path: str) -> "Scorer":
    """Return what MLflow calls to score."""
    return Scorer(Path(path))


class Scorer:
    """Gives a table of probability, score and band for a table of the model's columns."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, str(folder))
        from score import Model

        self.model = Model(folder)

    def predict(self, model_input: Any, params: Any = None) -> Any:
        """Return a data frame with a row for each row of ``model_input``."""
        cells = {str(name): [_text(cell) for cell in model_input[name].tolist()] for name in model_input.columns}
        table = self.model.table(cells)
        with np.errstate(all="ignore"):
            p = self.model.probability(table)
        columns = {"probability": p, "score": self.model.score(p), "band": self.model.band(p)}
        return type(model_input)(columns, index=model_input.index)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    # The empty cell of pandas' own types is neither equal nor unequal to itself.
    if cell is None or str(cell) in ("nan", "NaT", "<NA>"):
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return repr(float(cell))
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
