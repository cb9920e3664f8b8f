"""Each leak is caught by its own test, and clean columns are left in peace."""

import numpy as np
import pandas as pd
import pytest

from experiments.data.leakage import Finding, check_leakage, single_feature_power
from experiments.data.reading import ingest_file
from experiments.data.schema import ColumnSchema
from experiments.data.table import read_parquet
from experiments.data.target import read_target
from experiments.spec import ExperimentSpec

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
    return check_leakage(frame, y, spec, schema)


def leaks(y: np.ndarray, frame: pd.DataFrame) -> dict[str, tuple[str, str, pd.Series]]:
    random = np.random.default_rng(2)
    noise = random.normal(size=ROWS)
    order = pd.Series(np.arange(ROWS))
    filled_later = random.random(ROWS) < np.where(y == 1, 0.8, 0.1)
    return {
        "constant": ("constant", "warning", pd.Series(["same"] * ROWS)),
        "nothing": ("empty", "warning", pd.Series([None] * ROWS, dtype=object)),
        "copy": ("target_copy", "block", pd.Series(np.where(y == 1, "坏", "好"))),
        "noisy_copy": ("single_feature", "block", pd.Series(4 * y + noise)),
        "carrier": ("ablation", "warning", pd.Series(1.7 * y + noise)),
        "key": ("id_like", "warning", pd.Series([f"K{i}" for i in random.permutation(ROWS)])),
        "running": ("id_like", "warning", order + 100_000),
        "gaps": ("missing_by_class", "warning", pd.Series(np.where(filled_later, noise, np.nan))),
        "paid_on": ("after_observation", "block", frame["seen"] + pd.Timedelta(days=30)),
        "settlement": ("settled", "warning", pd.Series(np.where((y == 1) & (random.random(ROWS) < 0.2), 9.0, 0.0))),
        "calendar": ("month_proxy", "warning", (frame["seen"] - pd.Timestamp("2024-01-01")).dt.days + noise),
        "recovery": ("name", "warning", pd.Series(0.5 * y + noise)),
    }


def test_clean_columns_give_no_finding(clean):
    frame, y = clean
    found = check(frame, y)
    assert {finding.severity for finding in found} == {"passed"}
    assert [finding.code for finding in found] == [
        "empty", "id_like", "target_copy", "single_feature", "ablation", "missing_by_class", "after_observation",
        "duplicates", "month_proxy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "leak",
    ["constant", "nothing", "copy", "noisy_copy", "carrier", "key", "running", "gaps", "paid_on", "settlement",
     "calendar", "recovery"],
)  # fmt: skip
def test_each_leak_is_caught_by_its_own_test_alone(clean, leak):
    frame, y = clean
    code, severity, values = leaks(y, frame)[leak]
    found = [finding for finding in check(frame.assign(**{leak: values}), y) if finding.severity != "passed"]
    assert [(finding.code, finding.severity, finding.column) for finding in found] == [(code, severity, leak)]
    assert found[0].action == "exclude"
    assert leak in found[0].message % found[0].params


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


def test_a_repeated_customer_is_told_and_kept_together(clean):
    frame, y = clean
    found = check(frame.assign(customer=np.repeat(np.arange(ROWS // 2), 2)), y, id_column="customer")
    grouped = next(finding for finding in found if finding.code == "grouped")
    assert grouped.message % grouped.params == (
        "customer repeats: 1500 customers have 3000 rows. All rows of a customer stay on one side of every split."
    )


def test_copied_rows_are_told(clean):
    frame, y = clean
    twice, answers = pd.concat([frame, frame], ignore_index=True), np.concatenate([y, y])
    found = [finding for finding in check(twice, answers) if finding.severity == "warning"]
    assert [finding.code for finding in found] == ["duplicates"]


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
        return [finding for finding in check_leakage(frame, y, spec, report.columns) if finding.severity != "passed"]

    return check_shared


def test_duration_in_the_bank_file_warns_through_ablation_and_nothing_else_does(check_set):
    (found,) = check_set("bank_marketing_additional_full", "y", "response")
    assert (found.code, found.severity, found.column, found.action) == ("ablation", "warning", "duration", "exclude")
    assert found.evidence["auc_with"] == pytest.approx(0.95, abs=0.01)
    assert found.evidence["auc_without"] == pytest.approx(0.80, abs=0.01)


def test_the_clean_credit_sets_give_no_alarm(check_set):
    assert check_set("taiwan_credit_default", "default payment next month", "default", id_column="ID") == []
    assert check_set("german_credit", "creditability", "default") == []


def test_the_other_outcomes_of_an_offer_are_caught(check_set):
    found = check_set("hillstrom_email", "visit", "response", excluded=("segment",))
    assert {(finding.code, finding.column) for finding in found} == {("settled", "conversion"), ("settled", "spend")}


@pytest.mark.slow
def test_what_sales_staff_filled_in_later_is_warned_about(check_set):
    found = check_set("lead_scoring_x_education", "Converted", "conversion", id_column="Prospect ID")
    warned = {finding.column for finding in found}
    assert {"Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"} <= warned


@pytest.mark.slow
def test_post_loan_columns_are_caught_without_being_told(check_set):
    found = check_set("lendingclub_2007_2011", "target_default", "default", time_column="issue_d")
    out = {finding.column for finding in found if finding.action == "exclude"}
    assert out >= {
        "loan_status", "recoveries", "collection_recovery_fee", "last_pymnt_d", "last_credit_pull_d", "total_rec_prncp",
        "total_pymnt", "total_pymnt_inv", "last_pymnt_amnt", "total_rec_late_fee", "debt_settlement_flag",
        "debt_settlement_flag_date", "settlement_date", "settlement_status", "settlement_amount",
        "settlement_percentage", "settlement_term",
    }  # fmt: skip
    assert "total_rec_int" in {finding.column for finding in found}
    assert not out & {"int_rate", "grade", "sub_grade", "term", "annual_inc", "dti", "loan_amnt", "revol_util"}
