"""The bins of one column: ranges or levels, missing and special values, each with its rows and WOE."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from experiments.features.levels import as_days, as_flags, as_numbers, factorize_levels
from experiments.telling import minus

__all__ = ["Bin", "BinnedColumn"]

READERS = {"numeric": as_numbers, "date": as_days, "boolean": as_flags}


@dataclass
class Bin:
    """One bin and what training saw in it.

    Attributes
    ----------
    kind : ``range`` (``low`` ≤ x < ``high``, None = unbounded), ``levels``, ``other`` (rare levels), ``special`` or
        ``missing``.
    rows : raw rows; ``events`` and ``non_events`` are weighted.
    woe : weight of evidence used for scoring; iv : part of the column's information value.
    flag : empty, ``joined`` (too small, takes the WOE of bin ``joined_to``) or ``neutral`` (too small, WOE 0).

    Examples
    --------
    >>> Bin("range", low=0.0, high=1.0, rows=10, events=2, non_events=8).event_rate
    0.2
    """

    kind: str
    low: float | None = None
    high: float | None = None
    levels: list[str] = field(default_factory=list)
    name: str = ""
    rows: int = 0
    events: float = 0.0
    non_events: float = 0.0
    woe: float = 0.0
    iv: float = 0.0
    flag: str = ""
    joined_to: int | None = None

    @property
    def event_rate(self) -> float:
        """Weighted share of events, NaN for a bin without weight."""
        total = self.events + self.non_events
        return self.events / total if total else float("nan")


@dataclass
class BinnedColumn:
    """A column's bins in order: ranges or levels first, then special values, then empty cells.

    Attributes
    ----------
    type : ``numeric``, ``date``, ``boolean``, ``categorical`` or ``text``.
    trend : ``ascending``, ``descending``, ``valley``, ``peak`` or ``none``, of the event rate over the ranges.
    iv, iv_floor, p_value : information value, what noise alone would reach, and the chance that noise reaches ``iv``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from experiments.features.binning import BinningProcess
    >>> frame = pd.DataFrame({"age": np.arange(400) // 100})
    >>> y = np.where(frame["age"] == 0, np.arange(400) % 2, np.arange(400) % 5 == 0)
    >>> column = BinningProcess().fit(frame, y).bins_["age"]
    >>> column.trend, [bin_.rows for bin_ in column.bins if bin_.kind == "range"]
    ('descending', [100, 300])
    """

    name: str
    type: str
    trend: str
    bins: list[Bin]
    iv: float = 0.0
    iv_floor: float = 0.0
    p_value: float = 1.0

    @property
    def is_ordered(self) -> bool:
        """Return whether the bins are ranges of numbers, dates or yes/no."""
        return self.type in READERS

    @property
    def edges(self) -> list[float]:
        """Inner edges of the ranges, ascending; each is the first value of the range above it."""
        return [bin_.low for bin_ in self.bins if bin_.kind == "range" and bin_.low is not None]

    def assign(self, column: pd.Series) -> np.ndarray:
        """Return the index into ``bins`` for each cell, -1 where training has no counterpart."""
        index, _ = self.assign_and_count(column)
        return index

    def assign_and_count(self, column: pd.Series) -> tuple[np.ndarray, int]:
        """Return the index into ``bins`` for each cell and how many cells could not be read as the column's type."""
        if not self.is_ordered:
            return self._assign_levels(column), 0
        values, unreadable = READERS[self.type](column)
        return self._assign_values(values), unreadable

    def woe_table(self) -> np.ndarray:
        """Return the WOE by bin index, with 0 in the last place for index -1."""
        return np.array([bin_.woe for bin_ in self.bins] + [0.0])

    def label(self, position: int) -> str:
        """Return a bin as people read it: ``[18, 25)``, ``= −999``, ``A, B`` or the kind where words must follow."""
        bin_ = self.bins[position]
        if bin_.kind == "special":
            codes = ", ".join(_shown(level) if self.is_ordered else level for level in bin_.levels)
            return f"= {codes}" if _shown(bin_.name) == codes else f"{bin_.name} (= {codes})"
        if bin_.kind == "range":
            low = "−∞" if bin_.low is None else self._shown_edge(bin_.low)
            return f"[{low}, {'+∞' if bin_.high is None else self._shown_edge(bin_.high)})"
        return ", ".join(bin_.levels) or bin_.kind

    def to_dict(self) -> dict[str, Any]:
        """Return the column as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "BinnedColumn":
        """Build a column from what ``to_dict`` gave."""
        return cls(**{**plain, "bins": [Bin(**bin_) for bin_ in plain["bins"]]})

    def _shown_edge(self, edge: float) -> str:
        if self.type == "date":
            return str(np.datetime64("1970-01-01") + np.timedelta64(int(np.floor(edge)), "D"))
        return _shown(edge)

    def _index_of(self, kind: str) -> int:
        return next((index for index, bin_ in enumerate(self.bins) if bin_.kind == kind), -1)

    def _assign_values(self, values: np.ndarray) -> np.ndarray:
        has_ranges = self._index_of("range") >= 0
        index = np.searchsorted(np.array(self.edges), values, side="right") if has_ranges else np.full(len(values), -1)
        for position, bin_ in enumerate(self.bins):
            if bin_.kind == "special":
                index = np.where(np.isin(values, [float(level) for level in bin_.levels]), position, index)
        return np.where(np.isnan(values), self._index_of("missing"), index).astype(np.int64)

    def _assign_levels(self, column: pd.Series) -> np.ndarray:
        codes, levels = factorize_levels(column)
        bin_of = {level: index for index, bin_ in enumerate(self.bins) for level in bin_.levels}
        other = self._index_of("other")
        table = [bin_of.get(level, other) for level in levels]
        return np.array([*table, self._index_of("missing")], dtype=np.int64)[codes]


def _shown(number: float | str) -> str:
    """Return a number without needless digits and with a true minus sign; other text as it is."""
    try:
        return minus(f"{float(number):.10g}")
    except ValueError:
        return str(number)
