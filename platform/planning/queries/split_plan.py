"""How the rows of a plan will be divided, told before a run begins."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Period:
    """A month of the table and what its rows are used for: train, test or unused."""

    name: str
    rows: int
    use: str


@dataclass(frozen=True)
class SplitPlan:
    """How the rows will be divided, told before a run begins."""

    kind: str
    message: str
    params: dict[str, Any]
    notes: list[dict[str, Any]]
    boundaries: dict[str, str]
    folds: int
    train_rows: int
    train_events: int
    test_rows: int
    test_events: int
    group: str
    periods: list[Period]
    in_time_order: bool = False
    given_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the split as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "SplitPlan":
        """Build a split from what ``to_dict`` gave."""
        return cls(**{**plain, "periods": [Period(**period) for period in plain["periods"]]})

    @property
    def train_periods(self) -> int:
        return sum(period.use == "train" for period in self.periods)
