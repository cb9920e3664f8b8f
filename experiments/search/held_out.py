"""The held-out rows, behind a gate that counts every reading."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

READINGS = "held_out_readings.jsonl"


class NotYetOpened(RuntimeError):
    """The held-out rows were asked for before a shortlist stood."""


@dataclass
class HeldOutReading:
    """The only access to the held-out rows for measuring: opened once for a shortlist, every opening counted.

    Openings are kept in a file before the rows are given, so that a run that stops and goes on, or is asked another
    question about the same rows in the same folder, adds to the count.

    Attributes
    ----------
    positions : row positions of the table; outcomes : target of these rows, to recognise them again.
    ledger : file of the openings, one JSON line each; without one they are counted in memory only.
    """

    positions: np.ndarray
    outcomes: np.ndarray
    ledger: Path | None = None
    is_open: bool = False
    _openings: int = field(default=0, repr=False)

    def keep_in(self, folder: Path) -> None:
        """Count openings in this folder from now on, those already on file included."""
        self.ledger = folder / READINGS
        self._openings += len(self._entries())

    def _entries(self) -> list[dict[str, Any]]:
        """Return the openings of these rows that are on file."""
        if self.ledger is None or not self.ledger.exists():
            return []
        entries = [_entry(line) for line in self.ledger.read_text(encoding="utf-8").splitlines()]
        return [entry for entry in entries if entry.get("rows") == self.fingerprint]

    def _has(self, asked: str) -> bool:
        return any(entry.get("asked") == asked for entry in self._entries())

    def open_for(self, shortlist: Sequence[str], *, asked: str = "") -> np.ndarray:
        """Count one more opening, for these candidates, and return the rows.

        Parameters
        ----------
        asked : names the question; one that the ledger has of these rows, as after a crash, is not counted again.
        """
        if asked and self._has(asked):
            self.is_open = True
            return self.positions
        self._openings += 1
        if self.ledger is not None:
            entry = {
                "rows": self.fingerprint,
                "candidates": list(shortlist),
                "asked": asked,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            with self.ledger.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self.is_open = True
        return self.positions

    @property
    def rows(self) -> np.ndarray:
        """Row positions, for the shortlist they were opened for.

        Raises
        ------
        NotYetOpened : no shortlist stands yet.
        """
        if not self.is_open:
            raise NotYetOpened
        return self.positions

    @property
    def openings(self) -> int:
        """How often these rows were opened."""
        return self._openings

    @property
    def fingerprint(self) -> str:
        """Identifies these rows by their positions and outcomes."""
        content = (
            np.asarray(self.positions, dtype=np.int64).tobytes() + np.asarray(self.outcomes, dtype=float).tobytes()
        )
        return hashlib.sha256(content).hexdigest()


def _entry(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}  # A line cut off by a crash: no rows were handed out for it, so it does not count.
    return found if isinstance(found, dict) else {}
