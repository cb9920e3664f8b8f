"""What the leak checks find in an uploaded file, and what can be taken back of it."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from accounts.models import User, Workspace
from checks import page as check_page
from checks import queries as check_queries
from checks import services as check_services
from checks.models import DataCheck, Finding
from common.templatetags.formatting import told
from jobs.models import Job
from uploads import services

LEAKS = {
    "账户状态": "target_copy",
    "最近还款日": "after_observation",
    "外部评分": "after_observation",
    "放款后逾期次数": "name",
    "批次": "month_proxy",
}
# A name alone proves nothing: it is asked about, and stays until somebody answers.
ASKED = {"放款后逾期次数"}
OUT = set(LEAKS) - ASKED


def a_table() -> str:
    chance = random.Random(4)
    lines = ["客户号,申请日期,收入,年龄,近6个月逾期次数,账户状态,最近还款日,外部评分,放款后逾期次数,流水,批次,是否违约"]
    for number in range(600):
        bad = chance.random() < 0.3
        day = date(2024, 1, 1) + timedelta(days=chance.randrange(300))
        lines.append(
            f"K{number:05d},{day},{chance.gauss(8000, 2000) - 600 * bad:.0f},{chance.randrange(20, 65)},"
            f"{chance.randrange(3)},{'核销' if bad else '正常'},{day + timedelta(days=chance.randrange(1, 400))},"
            f"{chance.gauss(600, 50):.0f},{chance.randrange(2) + (bad and chance.random() < 0.5)},"
            f"{chance.randrange(10**9):09x},B{day:%Y%m},{int(bad)}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def leaky(analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Job]]) -> DataCheck:
    """A check of a table with five leaks; one is a leak only because the dictionary says so."""
    version = services.receive_upload(analyst, workspace, SimpleUploadedFile("贷款.csv", a_table().encode()))
    run_jobs()
    version.refresh_from_db()
    version.dataset.dictionary.create(name="外部评分", known_after_days=30, set_by=analyst)
    check = check_services.open_check(version, "default", analyst)
    run_jobs()
    check.refresh_from_db()
    assert (check.state, check.target) == ("ready", "是否违约")
    return check


def alarms(check: DataCheck) -> dict[str, str]:
    found = check.findings.exclude(severity=Finding.Severity.PASSED).exclude(code="few_events")
    return {finding.column.name: finding.code for finding in found.select_related("column") if finding.column}


@pytest.mark.slow
def test_each_leak_of_a_file_is_found_taken_out_and_can_be_put_back_for_good(
    leaky: DataCheck, analyst: User, run_jobs: Callable[[], list[Job]]
) -> None:
    assert alarms(leaky) == LEAKS
    assert set(check_queries.spec_parts(leaky)["excluded"]) >= OUT
    assert check_queries.features_of(leaky) >= ASKED

    for finding in leaky.findings.exclude(action=""):
        check_services.undo_finding(finding, analyst)
    assert set(LEAKS) <= check_queries.features_of(leaky)

    check_services.choose_target(leaky, "是否违约", "1", analyst)
    run_jobs()
    assert alarms(leaky) == LEAKS
    assert set(LEAKS) <= check_queries.features_of(leaky)


def test_every_finding_has_a_sentence_in_chinese_and_a_mark(leaky: DataCheck) -> None:
    with translation.override("zh-hans"):
        for finding in leaky.findings.exclude(code="few_events").select_related("column"):
            sentence = told(finding.message, finding.params)
            assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence), sentence
            assert sentence != finding.message
            assert "%(" not in sentence
            if finding.severity == Finding.Severity.PASSED:
                assert str(check_page.passed_chip(finding)) != finding.code
            else:
                assert str(check_page.FindingGroup([finding]).mark) not in ("", finding.code)


def test_what_is_asked_about_is_taken_out_by_an_answer_and_put_back_by_another(leaky: DataCheck, analyst: User) -> None:
    shown = check_page.findings_by_severity(leaky)["warning"]
    asked = [finding for finding in shown if finding.asks]
    assert {finding.column.name for finding in asked if finding.column} == ASKED
    assert not any(finding.is_answered for finding in asked)

    assert set(check_queries.doubted_of(leaky, check_queries.features_of(leaky))) == ASKED

    check_services.take_out_all(leaky, "name", analyst)
    assert check_queries.doubted_of(leaky, check_queries.features_of(leaky)) == []
    assert set(check_queries.spec_parts(leaky)["excluded"]) >= ASKED
    shown = check_page.findings_by_severity(leaky)["warning"]
    assert [finding.column.name for finding in shown if finding.is_answered and finding.column] == [*ASKED]

    check_services.include(leaky, leaky.version.columns.get(name="放款后逾期次数"), analyst)
    assert check_queries.features_of(leaky) >= ASKED


def test_no_badge_speaks_of_a_leak_before_it_is_proven(leaky: DataCheck) -> None:
    for language, word in (("en", "leak"), ("zh-hans", "泄漏")):
        with translation.override(language):
            words = [*check_page.MARKS.values(), *check_page.PASSED.values()]
            assert [str(each) for each in words if word in str(each).lower()] == []
    with translation.override("zh-hans"):
        assert str(check_page.MARKS["ablation"]) == "需确认：影响很大"
        assert str(check_page.MARKS["settled"]) == "某些取值下结果完全一致，请确认"
