"""Known leaks of real sets are caught without being told, and their clean columns are left in peace."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.data.schema import ColumnSchema
from experiments.data.target import read_target
from experiments.errors import Cancelled
from experiments.features import single_feature
from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet
from experiments.leakage import Checked, Finding, check_leakage, check_parquet, single_feature_power
from experiments.leakage.ablation import leave_out
from experiments.spec import ExperimentSpec, ValidationScheme

ROWS = 3000


@pytest.fixture(scope="module")
def clean() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({f"x{i}": random.normal(size=ROWS) for i in range(6)})
    frame["city"] = random.choice(["a", "b", "c"], ROWS)
    frame["seen"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, ROWS), unit="D")
    # Many drivers of equal weight: no honest column carries the model alone.
    chance = 1 / (1 + np.exp(1.5 - 0.4 * frame[[f"x{i}" for i in range(6)]].sum(axis=1)))
    return frame, (random.random(ROWS) < chance).to_numpy(dtype=float)


def check(frame: pd.DataFrame, y: np.ndarray, kind: str = "default", **options: object) -> list[Finding]:
    types = {"O": "categorical", "M": "date"}
    schema = [ColumnSchema(name, name, types.get(frame[name].dtype.kind, "numeric")) for name in frame]
    spec = ExperimentSpec(target="y", event="1", kind=kind, time_column="seen", **options)
    return check_leakage(frame, y, spec=spec, schema=schema)


def test_a_strong_column_that_others_stand_in_for_is_warned_of_but_stays(clean):
    frame, y = clean
    random = np.random.default_rng(4)
    strong = 1.7 * y + random.normal(size=ROWS)
    both = frame.assign(limit=strong, limit_used=strong + random.normal(scale=0.01, size=ROWS))
    found = [finding for finding in check(both, y) if finding.severity != "passed"]
    assert [(finding.code, finding.column, finding.action) for finding in found] == [
        ("single_feature", "limit", "none"), ("single_feature", "limit_used", "none"),
    ]  # fmt: skip


def test_columns_with_a_role_or_taken_out_are_not_looked_at(clean):
    frame, y = clean
    frame = frame.assign(y=y, key=np.arange(ROWS), copy=y)
    assert {finding.severity for finding in check(frame, y, id_column="key", excluded=("copy",))} == {"passed"}


@pytest.mark.slow
def test_a_repeated_customer_is_told_and_kept_together(clean):
    frame, y = clean
    found = check(frame.assign(customer=np.repeat(np.arange(ROWS // 2), 2)), y, id_column="customer")
    grouped = next(finding for finding in found if finding.code == "grouped")
    assert grouped.message % grouped.params == (
        "customer repeats: 1500 customers have 3000 rows. All rows of a customer stay in one fold. The "
        "test is later in time and contains some of these customers again, as in real use."
    )
    by_chance = ValidationScheme(scheme="grouped")
    found = check(
        frame.assign(customer=np.repeat(np.arange(ROWS // 2), 2)), y, id_column="customer", validation=by_chance
    )
    grouped = next(finding for finding in found if finding.code == "grouped")
    assert grouped.message % grouped.params == (
        "customer repeats: 1500 customers have 3000 rows. All rows of a customer stay on one side of every split."
    )


@pytest.mark.slow
def test_copied_rows_are_told(clean):
    frame, y = clean
    twice, answers = pd.concat([frame, frame], ignore_index=True), np.concatenate([y, y])
    found = [finding for finding in check(twice, answers) if finding.severity == "warning"]
    assert [finding.code for finding in found] == ["duplicates"]
    assert "3000 rows (50%) are exact copies" in found[0].message % found[0].params


def test_single_feature_power_does_not_mind_the_direction(clean):
    _, y = clean
    random = np.random.default_rng(3)
    size = random.normal(size=ROWS) + 2 * y
    power = single_feature_power(
        pd.DataFrame({"up": size, "down": -size, "noise": random.normal(size=ROWS), "one": 1}), y
    )
    assert power["up"][0] == pytest.approx(power["down"][0], abs=1e-9)
    assert power["up"][0] > 0.85
    assert power["noise"][0] == pytest.approx(0.5, abs=0.05)
    assert power["noise"][1] < 0.05
    assert power["one"] == (None, None)


@pytest.fixture
def check_set(shared_set, tmp_path):
    def check_shared(name: str, target: str, kind: str, **options: object) -> list[Finding]:
        report = ingest_file(shared_set(name), tmp_path / "table.parquet")
        frame = read_parquet(tmp_path / "table.parquet")
        y, event = read_target(frame[target])
        spec = ExperimentSpec(target=target, event=event, kind=kind, **options)
        return [
            finding
            for finding in check_leakage(frame, y, spec=spec, schema=report.columns)
            if finding.severity != "passed"
        ]

    return check_shared


def out_of(found: list[Finding]) -> set[str | None]:
    return {finding.column for finding in found if finding.action == "exclude"}


@pytest.mark.slow
def test_duration_in_the_bank_file_warns_through_ablation_and_nothing_else_does(check_set):
    (found,) = check_set("bank_marketing_additional_full", "y", "response")
    assert (found.code, found.severity, found.column, found.action) == ("ablation", "warning", "duration", "exclude")
    assert found.evidence["auc_with"] == pytest.approx(0.95, abs=0.01)
    assert found.evidence["auc_without"] == pytest.approx(0.80, abs=0.01)


@pytest.mark.slow
def test_the_clean_credit_sets_give_no_alarm(check_set):
    assert check_set("taiwan_credit_default", "default payment next month", "default", id_column="ID") == []
    assert check_set("german_credit", "creditability", "default") == []


def test_the_other_outcomes_of_an_offer_are_caught(check_set):
    found = check_set("hillstrom_email", "visit", "response", excluded=("segment",))
    assert {(finding.code, finding.column) for finding in found} == {("settled", "conversion"), ("settled", "spend")}
    # They hold 578 of 9,394 visits: that is to be looked at, and no proof.
    assert out_of(found) == set()
    found = check_set("hillstrom_email", "conversion", "conversion", excluded=("segment",))
    assert out_of(found) == {"visit", "spend"}


@pytest.mark.slow
def test_what_sales_staff_filled_in_later_is_warned_about_and_hardly_anything_else(check_set):
    found = check_set("lead_scoring_x_education", "Converted", "conversion", id_column="Prospect ID")
    filled_later = {
        "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity",
        "Asymmetrique Activity Index", "Asymmetrique Profile Index", "Asymmetrique Activity Score",
        "Asymmetrique Profile Score",
    }  # fmt: skip
    of_no_use = {finding.column for finding in found if finding.code in ("constant", "id_like")}
    # Names and gaps alone only ask; Tags decides the answer.
    assert out_of(found) == {"Tags"} | of_no_use
    assert {finding.column for finding in found} >= filled_later
    assert len({finding.column for finding in found} - filled_later - of_no_use) <= 1


POST_LOAN = {
    "loan_status", "recoveries", "collection_recovery_fee", "last_pymnt_d", "last_credit_pull_d", "total_rec_prncp",
    "total_rec_int", "total_rec_late_fee", "total_pymnt", "total_pymnt_inv", "last_pymnt_amnt", "funded_amnt_inv",
    "debt_settlement_flag", "debt_settlement_flag_date", "settlement_date", "settlement_status", "settlement_amount",
    "settlement_percentage", "settlement_term",
}  # fmt: skip


@pytest.mark.slow
def test_post_loan_columns_are_caught_without_being_told(check_set):
    found = check_set("lendingclub_2007_2011", "target_default", "default", time_column="issue_d")
    of_no_use = {finding.column for finding in found if finding.code in ("empty", "constant")}
    assert out_of(found) - of_no_use == POST_LOAN | {"issue_year", "funded_amnt"}
    assert {finding.column for finding in found} == out_of(found)
    by_column = {finding.column: finding for finding in found}
    assert by_column["settlement_amount"].evidence["other"] == "debt_settlement_flag_date"
    assert by_column["total_rec_int"].evidence["other"] == "total_pymnt"
    assert by_column["funded_amnt_inv"].params["other"] == "funded_amnt"
    assert by_column["funded_amnt_inv"].params["kept"] == by_column["funded_amnt"].params["kept"] == "loan_amnt"


@pytest.fixture
def many_rows(tmp_path) -> Path:
    """A file of many rows, in parts, of which one in fifty is an event; every row is there twice."""
    random = np.random.default_rng(6)
    count = 30_000
    y = (random.random(count) < 0.02).astype(int)
    frame = pd.DataFrame({f"x{i}": random.normal(size=count).round(3) for i in range(6)} | {"y": y})
    frame["city"] = random.choice(["a", "b", None], count)
    frame["settled"] = np.where((y == 1) & (random.random(count) < 0.15), 1.0, 0.0)
    frame["whole"] = pd.array(np.where(random.random(count) < 0.5, 1, pd.NA), dtype="Int64")
    path = tmp_path / "many.parquet"
    pd.concat([frame, frame], ignore_index=True).to_parquet(path, row_group_size=7_000)
    return path


def check_file(path: Path, **options: object) -> Checked:
    schema = [ColumnSchema(name, name, "numeric") for name in pd.read_parquet(path).columns]
    return check_parquet(path, ExperimentSpec(target="y", event="1"), schema=schema, **options)


@pytest.mark.slow
def test_a_file_of_any_size_is_checked_on_a_sample_that_is_told(many_rows, monkeypatch):
    monkeypatch.setattr(single_feature, "ROWS_LOOKED_AT", 20_000)
    told: list[float] = []
    checked = check_file(many_rows, on_progress=told.append)
    frame = pd.read_parquet(many_rows)
    events = int(frame["y"].sum())
    by_code = {finding.code: finding for finding in checked.findings}
    assert by_code["sample"].params == {"rows": 20_000, "all": 60_000}
    assert by_code["duplicates"].params["count"] == 30_000
    settled = by_code["settled"].evidence
    # What the sample saw is told as what it stands for; rare events are all in it.
    assert settled["rows"] == settled["events"] == int(frame["settled"].sum())
    assert settled["rate"] == pytest.approx(events / 60_000)
    assert (checked.event, len(checked.y), set(checked.power)) == ("1", 60_000, set(frame.columns) - {"y"})
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_check_stops_when_told_so(many_rows):
    def stop(fraction: float) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        check_file(many_rows, on_progress=stop)


@pytest.mark.slow
def test_a_file_and_a_frame_give_the_same_findings(many_rows):
    frame = pd.read_parquet(many_rows)
    schema = [ColumnSchema(name, name, "numeric") for name in frame.columns]
    spec = ExperimentSpec(target="y", event="1")
    assert check_file(many_rows).findings == check_leakage(frame, frame["y"].to_numpy(float), spec=spec, schema=schema)


def test_a_sample_holds_rare_events_as_often_as_it_can():
    y = np.zeros(100_000)
    y[:700] = 1
    y[-500:] = np.nan
    rows = single_feature.sample_rows(y, 5_000)
    assert (len(rows), y[rows].sum()) == (5_000, 500)
    assert (np.diff(rows) > 0).all()


@pytest.mark.slow
def test_of_a_wide_table_the_leak_is_still_found():
    random = np.random.default_rng(8)
    y = (random.random(1_000) < 0.4).astype(float)
    frame = pd.DataFrame(random.normal(size=(1_000, 200)), columns=[f"x{i}" for i in range(200)])
    frame["x150"] += 1.7 * y
    ablation = leave_out(frame, y, list(frame), {})
    assert [suspect.column for suspect in ablation.suspects] == ["x150"]


@pytest.mark.slow
def test_of_honest_columns_that_carry_a_model_one_is_warned_of_and_none_taken_out():
    random = np.random.default_rng(7)
    frame = pd.DataFrame(random.normal(size=(4_000, 5)), columns=["calls", "tenure", "age", "income", "limit"])
    frame["seen"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 500, 4_000), "D")
    plan = random.random(4_000) < 0.2
    frame["plan"] = np.where(plan, "roaming", "home")
    risk = -4.5 + 2.2 * (frame["calls"] > 1) + 2.5 * plan + 1.5 * frame["tenure"] * (frame["age"] > 0)
    y = (random.random(4_000) < 1 / (1 + np.exp(-risk.to_numpy()))).astype(float)
    found = [finding for finding in check(frame, y, "response") if finding.severity != "passed"]
    assert [(finding.code, finding.severity, finding.action) for finding in found] == [("ablation", "warning", "none")]


@pytest.mark.slow
def test_a_range_without_events_of_a_good_predictor_is_no_proof():
    random = np.random.default_rng(3)
    count = 76_020
    frame = pd.DataFrame({f"x{i}": random.normal(size=count) for i in range(4)})
    age = random.normal(33, 12, count).clip(23, 100).round()
    y = (random.random(count) < 1 / (1 + np.exp(3.75 - 0.067 * (age - 33)))).astype(float)
    young = np.flatnonzero(y == 0)[:1_212]
    age[young] = random.integers(18, 23, len(young))
    frame["var15"] = age
    assert single_feature_power(frame[["var15"]], y)["var15"][0] == pytest.approx(0.705, abs=0.02)
    found = [finding for finding in check_without_dates(frame, y, "response") if finding.severity != "passed"]
    assert y.mean() == pytest.approx(0.04, abs=0.01)
    assert out_of(found) == set()
    assert "settled" not in {finding.code for finding in found}


@pytest.mark.parametrize("is_amount", [True, False])
def test_a_value_that_only_events_have_and_a_third_of_them_is_a_part_of_the_outcome(is_amount):
    random = np.random.default_rng(3)
    count = 12_000
    wish = random.normal(size=count)
    y = (random.random(count) < 1 / (1 + np.exp(2 - wish))).astype(float)
    is_marked = (y == 1) & (random.random(count) < 0.5)
    amount = random.gamma(2, 4_000, count).round(2) if is_marked.any() and is_amount else 1.0
    frame = pd.DataFrame({"visits": wish + random.normal(size=count), "used": np.where(is_marked, amount, 0.0)})
    found = [finding for finding in check_without_dates(frame, y, "conversion") if finding.column == "used"]
    assert [(finding.code, finding.action) for finding in found] == [("settled", "exclude")]
    assert "51% of all events" in found[0].message % found[0].params or found[0].evidence["share_of_events"] > 0.45


def test_a_few_products_that_all_leave_are_asked_about_and_stay():
    random = np.random.default_rng(3)
    count = 10_000
    products = random.choice([1, 2, 3, 4], count, p=[0.5084, 0.459, 0.0266, 0.006])
    risk = np.array([np.nan, -1.3, -2.8, 1.7, 9])[products] + 0.07 * random.normal(scale=10, size=count)
    y = (random.random(count) < 1 / (1 + np.exp(-risk))).astype(float)
    frame = pd.DataFrame({"NumOfProducts": products, "Balance": random.normal(size=count)})
    found = check_without_dates(frame, y, "attrition")
    assert out_of(found) == set()
    assert "NumOfProducts" in {finding.column for finding in found if finding.severity == "warning"}


@pytest.mark.slow
def test_a_counter_by_its_name_and_a_ratio_by_its_gaps_are_asked_about_and_stay():
    frame, y = home_equity()
    found = {finding.column: finding for finding in check_without_dates(frame, y, "default")}
    assert found["DELINQ"].code in ("name", "settled")
    assert found["DELINQ"].action == "none"
    assert (found["DEBTINC"].code, found["DEBTINC"].action) == ("missing_by_class", "none")
    # The model is very good, by many honest columns: none of them goes for that.
    assert out_of(list(found.values())) == set()
    assert leave_out(frame, y, list(frame), {}).auc > 0.95


def home_equity() -> tuple[pd.DataFrame, np.ndarray]:
    """Loans of which a missing debt ratio and a count of overdue credit lines tell most, as they do in practice."""
    random = np.random.default_rng(3)
    count = 5_960
    bad = (random.random(count) < 0.2).astype(float)
    ratio = random.normal(33, 7, count) + 6 * bad + 15 * (random.random(count) < 0.3 * bad)
    frame = pd.DataFrame(
        {
            "DEBTINC": np.where(random.random(count) < np.where(bad == 1, 0.66, 0.10), np.nan, ratio),
            "DELINQ": random.poisson(np.where(bad == 1, 1.6, 0.25)),
            "DEROG": random.poisson(np.where(bad == 1, 0.7, 0.12)),
            "CLAGE": random.normal(190, 80, count) - 45 * bad,
            "NINQ": random.poisson(1 + 0.9 * bad),
        }
        | {f"z{i}": random.normal(size=count) + 0.55 * bad for i in range(6)}
    )
    return frame, bad


def test_of_columns_that_say_the_same_one_is_kept():
    random = np.random.default_rng(9)
    count = 2_000
    y = (random.random(count) < 0.3).astype(float)
    grade = random.choice(list("ABCDE"), count)
    income = random.lognormal(10, 1, count).round(2)
    frame = pd.DataFrame({"grade": grade, "grade.1": grade, "income": income, "age": random.integers(18, 70, count)})
    frame["grade_no"] = frame["grade"].map({"A": 7, "B": 3, "C": 1, "D": 9, "E": 4})
    frame["income_k"] = frame["income"] / 1_000
    frame["years_left"] = 70 - frame["age"]
    frame["is_grade_a"] = frame["grade"] == "A"
    found = [finding for finding in check_without_dates(frame, y) if finding.code == "copy"]
    assert {finding.column: finding.params["other"] for finding in found} == {
        "grade.1": "grade", "grade_no": "grade", "income_k": "income", "years_left": "age",
    }  # fmt: skip
    assert all(finding.action == "exclude" for finding in found)
    # The one that something was asked for is kept, wherever it stands.
    wish = {"monotone": {"income_k": 1}}
    found = [finding for finding in check_without_dates(frame, y, **wish) if finding.code == "copy"]
    assert {finding.column: finding.params["other"] for finding in found}["income"] == "income_k"


def test_numbers_that_are_unique_in_every_row_are_no_copies_by_that():
    random = np.random.default_rng(9)
    frame = pd.DataFrame(random.normal(size=(2_000, 3)), columns=["income", "balance", "rate"])
    y = (random.random(2_000) < 0.3).astype(float)
    assert {finding.severity for finding in check_without_dates(frame, y) if "copy" in finding.code} == {"passed"}


def check_without_dates(frame: pd.DataFrame, y: np.ndarray, kind: str = "default", **options: object) -> list[Finding]:
    types = {"O": "categorical", "b": "boolean"}
    schema = [ColumnSchema(name, name, types.get(frame[name].dtype.kind, "numeric")) for name in frame]
    return check_leakage(frame, y, spec=ExperimentSpec(target="y", event="1", kind=kind, **options), schema=schema)


@pytest.mark.slow
def test_what_is_filled_only_where_a_later_date_is_goes_with_it(clean):
    frame, y = clean
    random = np.random.default_rng(5)
    is_closed = random.random(ROWS) < 0.1
    later = frame["seen"] + pd.to_timedelta(random.integers(30, 300, ROWS), unit="D")
    both = frame.assign(
        closed_on=later.where(is_closed),
        reason=np.where(is_closed, random.choice(["a", "b"], ROWS), None),
        refund=np.where(is_closed, 10.0, 0.0),
        guarantor=np.where(random.random(ROWS) < 0.1, random.integers(1, 9, ROWS), np.nan),
    )
    found = {finding.column: finding for finding in check(both, y) if finding.action == "exclude"}
    assert set(found) == {"closed_on", "reason", "refund"}
    assert {finding.code for finding in found.values()} == {"after_observation"}
    assert found["refund"].params["other"] == "closed_on"


def test_a_slip_of_the_pen_in_a_date_takes_nothing_else_out(clean):
    frame, y = clean
    random = np.random.default_rng(5)
    is_employed = random.random(ROWS) < 0.6
    began = frame["seen"] - pd.to_timedelta(random.integers(30, 3_000, ROWS), unit="D")
    began = began.where(np.arange(ROWS) >= 9, began + pd.Timedelta(days=7_300)).where(is_employed)
    both = frame.assign(employed_since=began, employer=np.where(is_employed, random.choice(["a", "b"], ROWS), None))
    assert out_of(check(both, y)) == {"employed_since"}
