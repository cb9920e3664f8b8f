"""Columns that look like protected attributes are proposed; people decide; the dictionary's word stands."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User, Workspace
from audit.models import AuditEntry
from catalog.models import ColumnSetting, DatasetVersion
from checks import attributes, decisions
from checks import queries as check_queries
from checks import services as check_services
from checks.errors import CheckFrozen
from checks.models import DataCheck
from dictionary.models import DictionaryEntry
from experiments.errors import BadInput
from jobs.models import Job
from joins import services as joins
from joins.models import JoinPlan
from privacy import marks as protected_marks
from tests.catalog.conftest import spec_of
from uploads import services

Read = Callable[[], DatasetVersion]
ROWS = "客户号,性别,x1,客户年龄,账龄,余额,是否违约\n" + "".join(
    f"C{n:04d},{n % 2},{'已未'[n % 3 == 0]}婚,{20 + n % 50},{n % 9},{n * 7 % 900},{'否是'[n % 5 == 0]}\n"
    for n in range(300)
)


@pytest.fixture
def read(analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Job]]) -> Read:
    def upload() -> DatasetVersion:
        file = SimpleUploadedFile("customers.csv", ROWS.encode())
        version = services.receive_upload(analyst, workspace, file, "Customers")
        run_jobs()
        version.refresh_from_db()
        return version

    return upload


@pytest.fixture
def check(read: Read, analyst: User, run_jobs: Any) -> DataCheck:
    check = check_services.open_check(read(), "default", analyst)
    run_jobs()
    check.refresh_from_db()
    assert (check.state, check.target) == ("ready", "是否违约")
    return check


def asked(check: DataCheck) -> list[tuple[str, str, list[str]]]:
    found = check.findings.filter(code__in=("looks_protected", "protected_known"))
    return [(finding.code, finding.severity, finding.params.get("columns", [])) for finding in found]


def test_columns_are_proposed_by_name_and_by_value_and_give_no_reason_until_someone_says_otherwise(
    check: DataCheck,
) -> None:
    assert asked(check) == [("looks_protected", "warning", ["性别", "x1", "客户年龄"])]
    assert check_queries.spec_parts(check)["protected"] == ("性别", "x1", "客户年龄")
    # Proposed, not forced: they stay in the model.
    assert check_queries.features_of(check) >= {"性别", "x1", "客户年龄"}


def test_each_is_confirmed_or_said_to_be_none_for_all_later_versions(
    check: DataCheck, analyst: User, read: Read, run_jobs: Any
) -> None:
    column = {each.name: each for each in check.version.columns.all()}

    decisions.set_protected(check, column["性别"], True, analyst)
    decisions.set_protected(check, column["x1"], True, analyst)
    assert asked(check) == [("looks_protected", "warning", ["客户年龄"])]
    decisions.set_protected(check, column["客户年龄"], False, analyst)

    assert asked(check) == [("protected_known", "passed", ["性别", "x1"])]
    later = check_services.open_check(read(), "default", analyst)
    run_jobs()
    assert asked(later) == [("protected_known", "passed", ["性别", "x1"])]
    assert check_queries.spec_parts(later)["protected"] == ("性别", "x1")
    said = AuditEntry.objects.filter(action="check.protected_set").order_by("pk").values_list("details", flat=True)
    assert [entry["protected"] for entry in said] == ["yes", "yes", "no"]


def test_a_column_that_does_not_look_so_may_be_marked_too(check: DataCheck, analyst: User) -> None:
    decisions.set_protected(check, check.version.columns.get(name="余额"), True, analyst)

    assert "余额" in check_queries.spec_parts(check)["protected"]


def test_what_the_dictionary_protects_stays_out_and_cannot_be_undone_here(check: DataCheck, analyst: User) -> None:
    DictionaryEntry.objects.create(dataset=check.version.dataset, name="性别", is_protected=True, set_by=analyst)

    with pytest.raises(BadInput, match="The dictionary marks 性别 as protected"):
        decisions.set_protected(check, check.version.columns.get(name="性别"), False, analyst)

    assert "性别" not in check_queries.features_of(check)
    assert [mark.name for mark in attributes.marks_asked(check)] == ["x1", "客户年龄"]


def test_a_name_in_the_dictionary_makes_a_column_look_protected(check: DataCheck, analyst: User) -> None:
    DictionaryEntry.objects.create(dataset=check.version.dataset, name="余额", name_zh="客户民族", set_by=analyst)

    assert protected_marks.marks_of(check.version)["余额"].attribute == "ethnicity"


def test_the_target_is_never_protected_and_a_started_check_stays(
    check: DataCheck, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match="cannot be protected"):
        decisions.set_protected(check, check.version.columns.get(name="是否违约"), True, analyst)
    monkeypatch.setattr(DataCheck, "is_frozen", True)
    with pytest.raises(CheckFrozen):
        decisions.set_protected(check, check.version.columns.get(name="性别"), True, analyst)
    assert not ColumnSetting.objects.exclude(protected="").exists()


def test_what_is_protected_in_a_table_is_protected_in_what_a_join_makes_of_it(
    plan: JoinPlan, analyst: User, run_jobs: Any
) -> None:
    trans = DatasetVersion.objects.get(dataset__name="trans")
    ColumnSetting.objects.create(dataset=trans.dataset, name="amount", protected="yes", set_by=analyst)

    joins.run(plan, spec_of(plan), analyst)
    run_jobs()

    result = JoinPlan.objects.get(pk=plan.pk).result
    assert result is not None
    marked = protected_marks.marks_of(result)
    assert "trans_amount_sum_90d" in marked
    assert all(name.startswith("trans_amount") for name in marked)
    assert all(mark.is_protected and mark.is_open for mark in marked.values())
