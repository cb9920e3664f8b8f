"""The scores a model gave the rows set aside when these were read, kept beside it so that two models can be compared.

Nothing of a customer is in it: a row's place in the table, its outcome and the probability.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.artifact.manifest import attached_file
from experiments.evaluation.ranking import Floats
from experiments.paths import AnyPath

__all__ = ["HeldOutScores", "read_held_out", "read_validated"]

HELD_OUT = "held_out.parquet"
VALIDATED = "validated.parquet"


@dataclass(frozen=True)
class HeldOutScores:
    """What was measured at the one reading of the rows set aside.

    Attributes
    ----------
    rows : places in the table. outcomes : 1, 0, or NaN where unknown. p : probabilities by models that had not seen
        these rows.
    weight : importance of each row, and customers : a number for each customer; None where all weigh alike, or no
        customer has a second row.

    Examples
    --------
    >>> import tempfile
    >>> from experiments.artifact.manifest import attach, write_manifest
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = write_manifest(folder, {"learner": "scorecard"})
    >>> scores = HeldOutScores(np.array([4, 7]), np.array([0.0, 1.0]), np.array([0.2, 0.6]))
    >>> _ = attach(folder, {HELD_OUT: scores.to_parquet()})
    >>> read_held_out(folder).rows.tolist()
    [4, 7]
    """

    rows: np.ndarray
    outcomes: Floats
    p: Floats
    weight: Floats | None = None
    customers: np.ndarray | None = None

    def to_parquet(self) -> bytes:
        """Return the scores as the bytes of a Parquet file."""
        columns = {"row": np.asarray(self.rows, dtype=np.int64), "outcome": self.outcomes, "probability": self.p}
        if self.weight is not None:
            columns["weight"] = self.weight
        if self.customers is not None:
            columns["customer"] = np.asarray(self.customers, dtype=np.int64)
        written = io.BytesIO()
        pq.write_table(pa.table(columns), written, compression="zstd")
        return written.getvalue()

    def at(self, places: np.ndarray) -> "HeldOutScores":
        """Return some of the rows, by their places in this object."""
        return HeldOutScores(
            self.rows[places],
            self.outcomes[places],
            self.p[places],
            None if self.weight is None else self.weight[places],
            None if self.customers is None else self.customers[places],
        )

    def shared_with(self, other: "HeldOutScores") -> tuple["HeldOutScores", "HeldOutScores"]:
        """Return the rows of one table that both models had set aside, in one order."""
        _rows, own, theirs = np.intersect1d(self.rows, other.rows, assume_unique=True, return_indices=True)
        return self.at(own), other.at(theirs)


def read_held_out(folder: AnyPath) -> HeldOutScores | None:
    """Return the scores beside a model; None for one that was made before they were kept.

    Parameters
    ----------
    folder : of the model.

    Returns
    -------
    HeldOutScores or None

    Raises
    ------
    ArtifactError : the file is not the one that was put there.

    Examples
    --------
    >>> bool(read_held_out(model_folder).p.max() < 1)
    True
    """
    return _read(Path(folder), HELD_OUT)


def read_validated(folder: AnyPath) -> HeldOutScores | None:
    """Return the scores of cross-validation beside a model; None for one that was made before they were kept.

    Parameters
    ----------
    folder : of the model.

    Returns
    -------
    HeldOutScores or None
        Of each row what a model said that was fitted on the other folds.

    Raises
    ------
    ArtifactError : the file is not the one that was put there.

    Examples
    --------
    >>> bool(read_validated(model_folder).p.max() < 1)
    True
    """
    return _read(Path(folder), VALIDATED)


def _read(folder: Path, name: str) -> HeldOutScores | None:
    path = attached_file(folder, name)
    if path is None:
        return None
    table = pq.read_table(path)

    def column(name: str) -> np.ndarray | None:
        return table.column(name).to_numpy() if name in table.column_names else None

    rows, outcomes, p = (table.column(name).to_numpy() for name in ("row", "outcome", "probability"))
    return HeldOutScores(rows, outcomes, p, column("weight"), column("customer"))
