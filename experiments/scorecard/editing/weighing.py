"""What a column says as a person has cut it: weights of evidence from counts, missing and special as they are treated.

The same rule makes the numbers that are shown while a card is changed and the card that is fitted afterwards.
"""

import numpy as np

from experiments.features.bins import BinnedColumn
from experiments.features.partition import FineBins
from experiments.features.weighing import weigh
from experiments.scorecard.editing.draft import DraftColumn


def weighed(column: DraftColumn, counts: FineBins, *, direction: int) -> BinnedColumn:
    """Return a column with the weights that score by it; a bin without rows says nothing, so it weighs nothing.

    Parameters
    ----------
    counts : of each bin. direction : of the points; the least favourable bin is the likeliest where more are safer.
    """
    found = weigh(column.to_binned(), counts)
    regular = [position for position, bin_ in enumerate(column.bins) if bin_.is_regular]
    for position, asked in enumerate(column.bins):
        bin_ = found.bins[position]
        if not bin_.rows:
            # Smoothing alone would take it for the riskiest of all, as where a fold holds none of a rare value.
            found.iv -= bin_.iv
            bin_.flag, bin_.woe, bin_.iv = "neutral", 0.0, 0.0
        if asked.treatment == "neutral":
            bin_.flag, bin_.woe = "neutral", 0.0
        elif asked.treatment != "own" and regular:
            like = _worst(found, regular, direction) if asked.treatment == "worst" else asked.joined_to
            like = regular[0] if like not in regular else like
            bin_.flag, bin_.joined_to, bin_.woe = "joined", like, found.bins[like].woe
    return found


def _worst(column: BinnedColumn, regular: list[int], direction: int) -> int:
    woes = [direction * column.bins[position].woe for position in regular]
    return regular[int(np.argmax(woes))]


def counts_of_rows(index: np.ndarray, y: np.ndarray, weight: np.ndarray | None, bins: int) -> FineBins:
    """Count rows by bin; ``index`` is -1 where a row is in none."""
    known = index >= 0
    place, label = index[known], y[known]
    mass = np.ones(len(label)) if weight is None else weight[known]
    totals = np.bincount(place, weights=mass, minlength=bins)
    events = np.bincount(place, weights=mass * label, minlength=bins)
    return FineBins(
        np.bincount(place, minlength=bins), np.bincount(place, weights=label, minlength=bins), events,
        np.maximum(totals - events, 0.0),
    )  # fmt: skip
