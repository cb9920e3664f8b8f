"""Every decision on a check can be taken back, is on record, and ends when the experiment begins."""

import pytest

from accounts.models import User
from audit.models import AuditEntry
from checks import queries as check_queries
from checks import services as check_services
from checks.errors import CheckFrozen
from checks.job_kinds import JobKind
from checks.models import DataCheck
from experiments.errors import BadInput
from jobs.models import Job
from training.models import Experiment


def excluded(check: DataCheck) -> list[str]:
    return check_queries.spec_parts(check)["excluded"]


def test_a_column_the_system_took_out_is_named_in_the_spec(check: DataCheck) -> None:
    assert check_queries.spec_parts(check) == {
        "target": "y", "event": "yes", "kind": "response", "id_column": None, "time_column": None,
        "group_column": None, "weight_column": None, "excluded": ["duration"], "labels": {},
        "protected": (),
    }  # fmt: skip


def test_undoing_a_finding_puts_the_column_back_with_who_and_when(check: DataCheck, analyst: User) -> None:
    finding = check.findings.get()
    check_services.undo_finding(finding, analyst)

    assert excluded(check) == []
    assert (finding.undone_by, finding.undone_at is not None) == (analyst, True)
    assert AuditEntry.objects.get(action="finding.undone").details == {"code": "leak", "columns": ["duration"]}

    check_services.redo_finding(finding, analyst)
    assert excluded(check) == ["duration"]


def test_putting_a_column_back_in_the_table_undoes_its_finding_too(check: DataCheck, analyst: User) -> None:
    column = check.version.columns.get(name="duration")
    check_services.include(check, column, analyst)
    assert check.findings.get().undone_by == analyst

    check_services.exclude(check, column, analyst)
    assert check.findings.get().undone_at is None
    assert excluded(check) == ["duration"]


def test_a_role_there_is_only_one_of_moves(check: DataCheck, analyst: User) -> None:
    duration, date = (check.version.columns.get(name=name) for name in ("duration", "contacted_on"))
    check_services.set_role(check, duration, "weight", analyst)
    check_services.set_role(check, date, "weight", analyst)

    assert dict(check.columns.values_list("column__name", "role")) == {
        "y": "target", "duration": "feature", "contacted_on": "weight",
    }  # fmt: skip


def test_naming_the_observation_date_checks_again(check: DataCheck, analyst: User) -> None:
    check_services.set_role(check, check.version.columns.get(name="contacted_on"), "date", analyst)

    check.refresh_from_db()
    assert check.state == "running"
    assert Job.objects.get().kind == JobKind.CHECK
    assert check_queries.spec_parts(check)["time_column"] == "contacted_on"


def test_another_target_forgets_what_was_found_for_the_first(check: DataCheck, analyst: User) -> None:
    check_services.choose_target(check, "duration", "1", analyst)

    assert not check.findings.exists()
    assert dict(check.columns.values_list("column__name", "role"))["y"] == "feature"
    assert excluded(check) == []


def test_the_target_cannot_be_taken_out(check: DataCheck, analyst: User) -> None:
    with pytest.raises(BadInput, match="cannot be left out"):
        check_services.exclude(check, check.version.columns.get(name="y"), analyst)

    assert excluded(check) == ["duration"]


def test_a_started_experiment_freezes_its_check(check: DataCheck, analyst: User) -> None:
    Experiment.objects.create(
        workspace=check.version.dataset.workspace, name="calls", kind="response", owner=analyst,
        version=check.version, data_check=check, state="running",
    )  # fmt: skip
    check.refresh_from_db()

    with pytest.raises(CheckFrozen):
        check_services.undo_finding(check.findings.get(), analyst)
    assert excluded(check) == ["duration"]
