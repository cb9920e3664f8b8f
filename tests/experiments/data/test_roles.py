"""What a column is for is guessed from its name and values, with a reason and how sure it is."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from experiments.data.roles import propose_roles, propose_target

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


@pytest.mark.parametrize(
    ("name", "values", "kind", "event"),
    [
        ("是否流失", ["0", "1"], "attrition", "1"),
        ("Churn", ["Yes", "No"], "attrition", "Yes"),
        ("Exited", ["0", "1"], "attrition", "1"),
        ("Attrition_Flag", ["Existing Customer", "Attrited Customer"], "attrition", "Attrited Customer"),
        ("流失标志", ["未流失", "已流失"], "attrition", "已流失"),
        ("是否响应", ["否", "是"], "response", "是"),
        ("是否成单", ["0", "1"], "conversion", "1"),
        ("是否逾期", ["0", "1"], "default", "1"),
        ("违约标志", ["0", "1"], "default", "1"),
        ("bad", ["0", "1"], "default", "1"),
        *((name, ["0", "1"], "default", "1") for name in ("y", "label", "flag", "target", "标签", "class")),
    ],
)
def test_what_banks_call_their_target_is_proposed_as_one(name: str, values: list[str], kind: str, event: str) -> None:
    columns = [Seen("有无房产", ["0", "1"]), Seen("is_married", ["0", "1"]), Seen(name, values)]

    assert propose_roles(columns, ROWS)[name].role == "target"
    assert propose_target(columns, kind) == (name, event)


def test_of_several_answers_the_one_that_fits_the_question_is_proposed() -> None:
    columns = [Seen(name, ["0", "1"]) for name in ("是否响应", "是否流失", "是否逾期", "是否成单")]

    found = {kind: propose_target(columns, kind) for kind in ("response", "attrition", "default", "conversion")}

    assert found == {
        "response": ("是否响应", "1"), "attrition": ("是否流失", "1"),
        "default": ("是否逾期", "1"), "conversion": ("是否成单", "1"),
    }  # fmt: skip


def test_yes_or_no_about_the_customer_is_no_target() -> None:
    columns = [Seen(name, ["0", "1"]) for name in ("是否有房", "has_car", "is_married")]

    assert not [name for name, proposal in propose_roles(columns, ROWS).items() if proposal.role == "target"]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["open_date", "apply_date"], "apply_date"),
        (["开户日期", "申请日期", "统计日期"], "统计日期"),
        (["issue_d", "snapshot_month"], "snapshot_month"),
        (["report_date", "open_date"], "report_date"),
        (["birth_date", "open_date"], "open_date"),
    ],
)
def test_of_several_dates_the_one_on_which_a_customer_was_looked_at_is_proposed(names, chosen):
    columns = [Seen(name, type="date", distinct=400, min="2023-01-02", max="2024-06-30") for name in names]
    roles = propose_roles(columns, ROWS)
    assert [name for name, (role, *_) in roles.items() if role == "date"] == [chosen]
