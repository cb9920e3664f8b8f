"""What people decide of columns holds for the dataset's next version and is said there; the sample moves with it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from accounts.models import User, Workspace
from catalog.models import ColumnSetting, DatasetVersion
from checks import decisions
from checks import queries as check_queries
from checks import services as check_services
from checks.errors import CheckFrozen
from checks.models import DataCheck
from experiments.data.sample.definition import SampleDefinition
from experiments.data.sample.rules import Rule
from experiments.errors import BadInput
from jobs.models import Job
from training.models import Experiment
from uploads import services

ROWS = 600


def frame(start: str) -> pd.DataFrame:
    """Loans over ten months: every fifth is overdue by 95 days, every fifteenth by 40."""
    return pd.DataFrame(
        {
            "loan_no": [f"L{number:05d}" for number in range(ROWS)],
            "opened": pd.to_datetime(start) + pd.to_timedelta([number // 2 for number in range(ROWS)], unit="D"),
            "score": [-999 if number % 11 == 0 else 300 + number * 7 % 400 for number in range(ROWS)],
            "branch": [101 + number % 7 for number in range(ROWS)],
            "staff": ["yes" if number % 50 == 0 else "no" for number in range(ROWS)],
            "days_overdue": [
                95 if number % 5 == 0 else 40 if number % 15 == 1 else number % 3 for number in range(ROWS)
            ],
            "bad": ["yes" if number % 5 == 0 else "no" for number in range(ROWS)],
        }
    )


@pytest.fixture
def read(analyst: User, workspace: Workspace, tmp_path: Path, run_jobs: Any) -> Any:
    """Upload a table as the dataset's next version and have it read."""

    def upload(rows: pd.DataFrame) -> DatasetVersion:
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("loans.csv", rows.to_csv(index=False).encode())
        version = services.receive_upload(analyst, workspace, file, "Loans")
        run_jobs()
        version.refresh_from_db()
        return version

    return upload


def checked(version: DatasetVersion, user: User, run_jobs: Any) -> DataCheck:
    check = check_services.open_check(version, "default", user)
    run_jobs()
    check.refresh_from_db()
    return check


@pytest.mark.slow
def test_decisions_hold_for_the_next_version_and_are_said_there(read: Any, analyst: User, run_jobs: Any) -> None:
    first = checked(read(frame("2024-01-01")), analyst, run_jobs)
    column = {each.name: each for each in first.version.columns.all()}
    check_services.set_role(first, column["branch"], "group", analyst)
    decisions.set_type(first, column["branch"], "categorical", analyst)
    decisions.confirm_special_value(first, column["score"], -999, "not_found", analyst)
    check_services.set_role(first, column["branch"], "feature", analyst)
    run_jobs()

    second = checked(read(frame("2024-02-01")), analyst, run_jobs)

    branch = second.columns.get(column__name="branch")
    assert (branch.role, branch.type, branch.remembered) == ("feature", "categorical", {"role": 1, "type": 1})
    assert second.columns.get(column__name="score").remembered == {"special": 1}
    assert second.target == first.target == "bad"
    assert check_queries.spec_parts(second)["special_values"] == {"score": [-999]}
    assert branch.by_target["type"] == "categorical"
    assert second.table["lineage"]["steps"][1]["columns"] == {"branch": "categorical"}


@pytest.mark.slow
def test_a_sample_is_made_counted_kept_for_training_and_undone(read: Any, analyst: User, run_jobs: Any) -> None:
    check = checked(read(frame("2024-01-01")), analyst, run_jobs)
    definition = SampleDefinition(
        observed_at="opened",
        performance_months=3,
        event=Rule("days_overdue", "at_least", "90"),
        indeterminate=Rule("days_overdue", "at_least", "30"),
        exclusions=(Rule("staff", "is", "yes"),),
    )
    decisions.define_sample(check, definition, analyst)
    run_jobs()
    check.refresh_from_db()

    assert (check.state, check.target, check.event) == ("ready", "days_overdue", "1")
    assert [line["step"] for line in check.waterfall] == ["all", "exclusion", "indeterminate", "immature", "left"]
    assert check.labelled_count == check.table["rows"] == check.waterfall[-1]["rows"] < ROWS
    assert not all(month["is_mature"] for month in check.rate_by_period)
    assert check.findings.get(code="immature").severity == "warning"
    made = Path(check.table["path"])

    decisions.undo_sample(check, analyst)
    check.refresh_from_db()
    assert (check.sample, check.waterfall, check.target, check.state) == ({}, [], "", "draft")
    check_services.choose_target(check, "bad", "yes", analyst)
    run_jobs()
    check.refresh_from_db()
    assert (check.labelled_count, check.table) == (ROWS, {})
    assert not (Path(check.version.parquet_path).parent / made.name).exists()


def test_a_value_said_to_be_ordinary_is_not_special(check: DataCheck, analyst: User) -> None:
    column = check.version.columns.get(name="duration")
    decisions.confirm_special_value(check, column, 0, "quantity", analyst)
    assert "special_values" not in check_queries.spec_parts(check)

    decisions.confirm_special_value(check, column, 0, "missing", analyst)
    assert check_queries.special_values_of(check) == {"duration": [0]}
    decisions.confirm_special_value(check, column, 0, "", analyst)
    assert ColumnSetting.objects.get().special_values == []


def test_the_target_keeps_its_type_and_words_are_no_numbers(check: DataCheck, analyst: User) -> None:
    target = check.version.columns.get(name="y")
    with pytest.raises(BadInput, match="keeps its type"):
        decisions.set_type(check, target, "text", analyst)
    duration = check.version.columns.get(name="duration")
    duration.type, duration.profile = "categorical", {"top_values": [{"value": "long"}, {"value": "short"}]}
    with pytest.raises(BadInput, match="cannot be read as numbers"):
        decisions.set_type(check, duration, "numeric", analyst)


def test_numbers_that_are_days_and_words_that_are_amounts_may_be_read_so(check: DataCheck, analyst: User) -> None:
    duration = check.version.columns.get(name="duration")
    duration.profile = {"min": 45322, "max": 45323, "top_values": []}
    decisions.set_type(check, duration, "date", analyst)
    assert check.columns.get(column=duration).type == "date"

    duration.profile = {"min": 1, "max": 30, "top_values": []}
    with pytest.raises(BadInput, match="cannot be read as dates: 1"):
        decisions.set_type(check, duration, "date", analyst)

    duration.type, duration.profile = "categorical", {"top_values": [{"value": "1.2万"}, {"value": "2w"}]}
    decisions.set_type(check, duration, "numeric", analyst)
    assert check.columns.get(column=duration).type == "numeric"


def test_a_refused_type_quotes_no_number_of_a_person(check: DataCheck, analyst: User) -> None:
    duration = check.version.columns.get(name="duration")
    duration.type, duration.profile = "categorical", {"top_values": [{"value": "转13800138000"}]}
    with pytest.raises(BadInput, match=r"cannot be read as numbers: 转138\*\*\*\*8000"):
        decisions.set_type(check, duration, "numeric", analyst)


def test_a_started_experiment_keeps_its_sample(check: DataCheck, analyst: User) -> None:
    Experiment.objects.create(
        workspace=check.version.dataset.workspace, name="calls", kind="response", owner=analyst,
        version=check.version, data_check=check, state="running",
    )  # fmt: skip
    check.refresh_from_db()

    with pytest.raises(CheckFrozen):
        decisions.define_sample(check, SampleDefinition(), analyst)
    assert not Job.objects.exists()
