"""How many presses the main job takes: sign-in and typing are none, opening a file chooser is one."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.browser.counting import CountingPerson
from tests.browser.main_job import FILE_SECONDS, RUN_SECONDS
from tests.browser.person import PASSWORD
from tests.browser.test_main_job import sample

ANALYST_AT_MOST, APPROVER_AT_MOST = 9, 3

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A bank's file with the target as a bank calls it, among columns that have two values as well."""
    rows: pd.DataFrame = sample("german_credit")
    path = tmp_path / "贷款样本.csv"
    rows.rename(columns={"creditability": "是否违约"}).to_csv(path, index=False, encoding="gb18030")
    return path


def test_from_home_to_submitted_takes_nine_presses_and_the_decision_three(open_person: Any, file: Path) -> None:
    analyst: CountingPerson = open_person("analyst", language="zh-CN", kind=CountingPerson)
    analyst.start_counting()
    analyst.click(".ph a.btn-primary[href='/experiments/new/']")
    analyst.click("label[for='kind-default']")
    analyst.choose_file(file)
    analyst.click(".acts .btn-primary")
    analyst.click(".acts a.btn-primary[href$='/plan/']", FILE_SECONDS)
    analyst.wait_for("#start", "no plan")
    # A run that is counted in trials is chosen by typing their number; it is shorter than any that is offered.
    analyst.click("#expert > summary")
    analyst.type("trials", "4")
    analyst.settle()
    analyst.click("#start")
    analyst.click(".acts a.btn-primary[href*='/submit/']", RUN_SECONDS)
    analyst.wait_for("form [name=purpose]", "no form to submit")
    analyst.type("name", "违约模型")
    analyst.type("purpose", "给存量客户排序")
    analyst.type("note", "数据见结果页")
    analyst.wait_for(".checks li", "the checks were not filled", FILE_SECONDS)
    analyst.click("#submit-form .btn-primary")
    analyst.wait(lambda: "/approvals/" in analyst.browser.current_url, "not submitted")
    # It counted each of the steps above, what is chosen for the run among them.
    assert ANALYST_AT_MOST >= len(analyst.presses) >= 8, analyst.presses

    approver: CountingPerson = open_person("approver", kind=CountingPerson)
    approver.start_counting()
    approver.click("#todo a[href*='/approvals/']")
    approver.wait_for("form[data-decision-form]", "no form to decide with")
    if approver.has("[name=limits_of_use]"):
        approver.type("limits_of_use", "Only to rank customers, for six months")
    approver.type("comment", "Evidence read; fit for ranking")
    approver.type("password", PASSWORD)
    approver.click("form[data-decision-form] button.btn-primary")
    approver.see("Evidence read; fit for ranking")
    assert not approver.has("form[data-decision-form]"), "the decision was not taken"
    assert APPROVER_AT_MOST >= len(approver.presses) >= 2, approver.presses
