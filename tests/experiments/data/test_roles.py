"""What a column is for is guessed from its name and values, with a reason and how sure it is."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from experiments.data.roles import propose_roles

ROWS = 1_000


@dataclass
class Seen:
    """A column's profile as far as roles rest on it."""

    name: str
    values: list[Any] = field(default_factory=list)
    distinct: int = 0
    type: str = "categorical"
    rows: int = ROWS
    missing: int = 0
    min: Any = None
    max: Any = None
    is_whole: bool = True
    is_ordered: bool = False

    def __post_init__(self) -> None:
        self.distinct = self.distinct or len(self.values)

    @property
    def top_values(self) -> list[dict[str, Any]]:
        return [{"value": value, "count": 10} for value in self.values]


@pytest.mark.parametrize(
    ("column", "role", "confidence"),
    [
        (Seen("sample_set", ["train", "test", "oot"]), "split", 0.95),
        (Seen("用途", ["训练", "测试"]), "split", 0.85),
        (Seen("segment", ["Mens E-Mail", "Womens E-Mail", "No E-Mail"]), "treatment", 0.7),
        (Seen("分组标识", ["实验组", "对照组"]), "treatment", 0.9),
        (Seen("treatment", [0.0, 1.0], type="numeric"), "treatment", 0.7),
        (Seen("household_id", ["H1"], distinct=400), "group", 0.7),
        (Seen("sample_weight", [1.0, 2.5], type="numeric", min=1.0), "weight", 0.9),
        (Seen("weight", [60.0, 70.0], distinct=50, type="numeric", min=40.0), "weight", 0.6),
        (Seen("cust_no", ["A1"], distinct=ROWS), "id", 0.95),
        (Seen("target", ["0", "1"]), "target", 0.95),
    ],
)
def test_a_role_comes_with_how_sure_it_is(column: Seen, role: str, confidence: float) -> None:
    [proposal] = propose_roles([column], ROWS).values()

    assert (proposal.role, proposal.confidence) == (role, confidence)
    assert proposal.reason % proposal.params


@pytest.mark.parametrize(
    "column",
    [
        Seen("phase", ["test", "live"]),
        Seen("gender", ["m", "f"]),
        Seen("controlled", ["a", "b", "c"]),
        Seen("family_code", ["x", "y"]),
        Seen("amount", [1.0, 2.0], distinct=ROWS, type="numeric", min=0.5),
    ],
)
def test_an_ordinary_column_stays_a_feature(column: Seen) -> None:
    assert propose_roles([column], ROWS) == {}
