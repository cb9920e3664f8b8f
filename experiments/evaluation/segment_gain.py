"""A segment's own model beside the common one, as it is told and kept."""

from dataclasses import dataclass
from typing import Literal

from experiments.stored import Part

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class SegmentGain(Part):
    """A segment's own model beside the common one, on the segment's held-out rows.

    Attributes
    ----------
    state : ``judged``, ``too_few`` where its training or held-out rows are too few to conclude anything, or ``failed``
        where the family could not be fitted on it alone.
    fitted : training rows of the segment. rows, events : its held-out rows.
    common, own : AUC of the model of all rows, and of the segment's own. gain, low, high : their paired difference.
    p_holm : its p-value, adjusted for the number of segments. level : of the interval, that at which Holm judged it.
    """

    state: Literal["judged", "too_few", "failed"]
    fitted: int
    rows: int
    events: int
    common: float = float("nan")
    own: float = float("nan")
    gain: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p_holm: float = float("nan")
    level: float = 0.95

    @property
    def is_judged(self) -> bool:
        """Tell whether both models were compared."""
        return self.state == "judged"

    @property
    def is_better(self) -> bool:
        """Tell whether the segment's own model ranks better for certain."""
        return self.is_judged and self.gain > 0 and self.p_holm < SIGNIFICANT
