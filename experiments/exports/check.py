"""The proof that an export scores as the model does, one for all formats."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import BadInput
from experiments.errors import gettext_noop as _
from experiments.exports.rows import CheckRows

NOT_EQUAL = _(
    "Nothing was exported: for one row the export gives %(got)s where the model gives %(expected)s, further apart than "
    "%(tolerance)s. The row: %(row)s"
)
OTHER_COUNT = _("Nothing was exported: %(count)s rows were scored for the check, and the export gave %(got)s.")


@dataclass(frozen=True)
class Proof:
    """What the check of an export has found.

    Attributes
    ----------
    rows : scored by both. edges : of them, those on a threshold, a level, a special value or an empty cell.
    furthest : largest distance of two probabilities. tolerance : that was allowed.
    """

    rows: int
    edges: int
    furthest: float
    tolerance: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return {
            "rows": self.rows, "edges": self.edges, "furthest": self.furthest, "tolerance": self.tolerance
        }  # fmt: skip


def prove(rows: CheckRows, expected: np.ndarray, found: Mapping[str, np.ndarray], *, tolerance: float) -> Proof:
    """Return the proof that every way to run an export gives what the model gives.

    Raises
    ------
    BadInput : one does not; the sentence shows the row where they are furthest apart.
    """
    furthest = 0.0
    for got in found.values():
        if got.shape != expected.shape:
            raise BadInput(OTHER_COUNT, count=len(expected), got=len(got))
        distance = np.abs(got - expected)
        distance = np.where(np.isnan(got) | np.isnan(expected), np.inf, distance)
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            raise BadInput(
                NOT_EQUAL, got=repr(float(got[worst])), expected=repr(float(expected[worst])), tolerance=tolerance,
                row=_told(rows.frame.iloc[worst]),
            )  # fmt: skip
        furthest = max(furthest, float(distance[worst]))
    return Proof(len(expected), rows.edges, furthest, tolerance)


def _told(row: "pd.Series[Any]") -> str:
    return ", ".join(f"{name}={'' if pd.isna(cell) else cell!r}" for name, cell in row.items())
