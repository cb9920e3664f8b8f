"""The sample of a question: who counts, who is neither good nor bad, and whose time is not yet up."""

from pathlib import Path

import polars as pl
import pytest

from experiments.data.sample.building import build_sample
from experiments.data.sample.definition import SampleDefinition, refuse_faults
from experiments.data.sample.rules import Rule
from experiments.data.schema import read_schema
from experiments.errors import BadInput
from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet

LOANS = """客户号,放款日期,逾期天数,员工,等级,结果
1,2025-01-05,0,否,1,good
2,2025-01-20,95,否,2,bad
3,2025-02-10,45,否,1,good
4,2025-02-11,120,是,2,bad
5,2025-03-01,,否,1,good
6,2025-03-15,10,否,3,good
7,2025-05-02,0,否,1,good
8,2025-05-31,91,否,2,bad
"""


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    file = tmp_path / "loans.csv"
    file.write_text(LOANS, encoding="utf-8")
    ingest_file(file, tmp_path / "loans.parquet", file_name="loans.csv")
    return tmp_path / "loans.parquet"


def test_every_row_is_counted_at_the_first_step_that_leaves_it_out(loans: Path, tmp_path: Path) -> None:
    definition = SampleDefinition(
        observed_at="放款日期",
        performance_months=3,
        event=Rule("逾期天数", "at_least", "90"),
        indeterminate=Rule("逾期天数", "at_least", "30"),
        exclusions=(Rule("员工", "is", "是"),),
    )

    report = build_sample(loans, tmp_path / "sample.parquet", definition=definition, target="逾期天数")

    assert [(line["step"], line["removed"], line["rows"], line["events"]) for line in report.waterfall] == [
        ("all", 0, 8, 3),
        ("exclusion", 1, 7, 2),
        ("indeterminate", 1, 6, 2),
        ("immature", 4, 2, 1),
        ("left", 0, 2, 1),
    ]
    assert report.known_until == "2025-05-31"
    assert [(month["period"], month["rows"], month["is_mature"]) for month in report.months] == [
        ("2025-01", 2, True),
        ("2025-03", 2, False),
        ("2025-05", 2, False),
    ]
    table = read_parquet(tmp_path / "sample.parquet")
    assert table[["客户号", "逾期天数"]].to_dict("list") == {"客户号": [1, 2], "逾期天数": ["0", "1"]}


def test_a_month_is_closed_once_its_last_customer_s_window_is(loans: Path, tmp_path: Path) -> None:
    def months(until: str) -> dict[str, bool]:
        definition = SampleDefinition(observed_at="放款日期", performance_months=2, known_until=until)
        report = build_sample(loans, tmp_path / "sample.parquet", definition=definition, target="结果", event="bad")
        return {month["period"]: month["is_mature"] for month in report.months}

    assert months("2025-05-14") == {"2025-01": True, "2025-02": True, "2025-03": False, "2025-05": False}
    assert months("2025-05-15")["2025-03"]
    assert all(months("2025-07-31").values())


def test_a_customer_without_the_number_has_no_answer_and_is_none_of_the_good_ones(loans: Path, tmp_path: Path) -> None:
    definition = SampleDefinition(event=Rule("逾期天数", "at_least", "90"))

    build_sample(loans, tmp_path / "sample.parquet", definition=definition, target="逾期天数")

    values = pl.read_parquet(tmp_path / "sample.parquet")["逾期天数"].to_list()
    assert values == ["0", "1", "0", "1", None, "0", "0", "1"]


def test_types_people_decided_are_those_of_the_written_table(loans: Path, tmp_path: Path) -> None:
    written = tmp_path / "sample.parquet"

    build_sample(loans, written, definition=SampleDefinition(), target="结果", types={"等级": "categorical"})

    assert {column.name: column.type for column in read_schema(written)}["等级"] == "categorical"
    assert read_parquet(written)["等级"].tolist() == ["1", "2", "1", "2", "1", "3", "1", "2"]


def test_a_day_that_systems_write_for_none_closes_no_window(tmp_path: Path) -> None:
    days = [f"2025-{1 + n % 6:02d}-15" for n in range(300)] + ["9999-12-31", "2044-05-01"]
    (tmp_path / "t.csv").write_text("seen,y\n" + "".join(f"{day},{n % 2}\n" for n, day in enumerate(days)))
    ingest_file(tmp_path / "t.csv", tmp_path / "t.parquet")
    definition = SampleDefinition(observed_at="seen", performance_months=3)

    report = build_sample(tmp_path / "t.parquet", tmp_path / "sample.parquet", definition=definition, target="y")

    assert report.known_until == "2025-06-15"
    assert {month["period"]: month["is_mature"] for month in report.months} == {
        "2025-01": True, "2025-02": True, "2025-03": True, "2025-04": False, "2025-05": False, "2025-06": False,
        "2044-05": False, "9999-12": False,
    }  # fmt: skip
    assert report.rows == 150


def test_a_column_read_as_another_type_is_read_as_a_file_would_be(tmp_path: Path) -> None:
    rows = ["45322,31/01/2024,1.2万,1", "45323,02/02/2024,2w,0", "45324,03/02/2024,3亿,0", "0,,12%,1"]
    (tmp_path / "t.csv").write_text("seen,told,amount,y\n" + "\n".join(rows) + "\n")
    ingest_file(tmp_path / "t.csv", tmp_path / "t.parquet", types={"told": "categorical", "amount": "categorical"})
    kinds = {"seen": "date", "told": "date", "amount": "numeric"}

    build_sample(
        tmp_path / "t.parquet", tmp_path / "sample.parquet", definition=SampleDefinition(), target="y", types=kinds
    )

    written = pl.read_parquet(tmp_path / "sample.parquet")
    assert [str(day)[:10] for day in written["seen"]] == ["2024-01-31", "2024-02-01", "2024-02-02", "None"]
    assert [str(day)[:10] for day in written["told"]] == ["2024-01-31", "2024-02-02", "2024-02-03", "None"]
    assert written["amount"].to_list() == [12_000.0, None, 3e8, 0.12]


def test_the_same_definition_writes_the_same_bytes(loans: Path, tmp_path: Path) -> None:
    definition = SampleDefinition(exclusions=(Rule("等级", "one_of", "2，3"),))
    first, second = (
        build_sample(loans, tmp_path / f"{name}.parquet", definition=definition, target="结果", event="bad")
        for name in "ab"
    )

    assert (first.rows, first.events) == (4, 0)
    assert first.sha256 == second.sha256


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        (SampleDefinition(exclusions=(Rule("年龄", "is", "1"),)), "has no column"),
        (SampleDefinition(exclusions=(Rule("结果", "at_least", "1"),)), "which has no order"),
        (SampleDefinition(exclusions=(Rule("等级", "is", "one"),)), "is not a number. Enter a number"),
        (SampleDefinition(exclusions=(Rule("放款日期", "less", "May"),)), "is not a date"),
        (SampleDefinition(exclusions=(Rule("等级", "is", " "),)), "Enter the value"),
        (SampleDefinition(performance_months=3), "begins at the observation point"),
        (SampleDefinition(observed_at="等级"), "is not a date"),
        (SampleDefinition(observed_at="放款日期", performance_months=99), "1 to 60 months"),
        (SampleDefinition(event=Rule("结果", "is", "bad")), "no threshold"),
    ],
)
def test_what_a_table_cannot_give_is_said(loans: Path, definition: SampleDefinition, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        refuse_faults(definition, read_schema(loans))

    assert sentence in str(refused.value)


def test_a_sample_without_rows_names_the_step_that_took_them(loans: Path, tmp_path: Path) -> None:
    definition = SampleDefinition(exclusions=(Rule("等级", "at_least", "0"),))

    with pytest.raises(BadInput, match="等级 at_least 0"):
        build_sample(loans, tmp_path / "sample.parquet", definition=definition, target="结果", event="bad")

    assert not list(tmp_path.glob("sample*"))


def test_a_definition_survives_being_stored() -> None:
    definition = SampleDefinition(
        observed_at="d",
        performance_months=12,
        indeterminate=Rule("x", "at_least", "1"),
        exclusions=(Rule("y", "missing"),),
    )

    assert SampleDefinition.from_dict(definition.to_dict()) == definition
