"""A bank's own kind of file, GB18030 with Chinese headers, codes, phone numbers and a leak, from upload to a run."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser import main_job
from tests.browser.main_job import FILE_SECONDS, Question
from tests.browser.person import Person

ROWS = 3_000

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]


def loans() -> pd.DataFrame:
    """Loans over twelve months; collection calls happen only once a customer has defaulted."""
    random = np.random.default_rng(4)
    income, age = random.lognormal(9, 0.5, ROWS).round(), random.integers(20, 65, ROWS)
    is_bad = random.random(ROWS) < 1 / (1 + np.exp(1.2 + (income - 8_000) / 6_000 + (age - 40) / 30))
    days = pd.to_datetime("2025-01-01") + pd.to_timedelta(np.sort(random.integers(0, 360, ROWS)), unit="D")
    return pd.DataFrame(
        {
            "客户号": [f"C{number:07d}" for number in range(ROWS)],
            "手机号": [f"139{number:08d}" for number in random.integers(0, 10**8, ROWS)],
            "放款日期": days.strftime("%Y-%m-%d"),
            "年龄": age,
            "月收入": np.where(random.random(ROWS) < 0.08, -999, income).astype(int),
            "城市": random.choice(["上海", "成都", "西安", "厦门"], ROWS),
            "渠道": random.choice(["线上", "网点"], ROWS),
            "员工": np.where(random.random(ROWS) < 0.02, "是", "否"),
            "催收次数": np.where(is_bad, random.integers(1, 9, ROWS), 0),
            "是否违约": np.where(is_bad, "是", "否"),
        }
    )


def test_an_analyst_takes_a_bank_s_own_file_from_upload_to_a_started_run(open_person: Any, tmp_path: Path) -> None:
    file = tmp_path / "放款样本.csv"
    loans().to_csv(file, index=False, encoding="gb18030")
    analyst: Person = open_person("analyst", language="zh-CN")

    address = main_job.upload_and_check(analyst, Question("default", file, "是否违约", "是", "放款违约", "seconds", 60))
    assert_the_leak_is_out_and_roles_are_guessed(analyst)
    say_what_the_code_stands_for(analyst)
    look_at_one_column(analyst, "年龄")
    define_the_sample(analyst, address)
    assert_open_months_are_kept_back(analyst)
    main_job.plan_and_start(analyst, Question("default", file, "是否违约", "是", "放款违约", "seconds", 60))

    analyst.go(f"{address}run/")
    analyst.see("放款违约")
    assert analyst.complaints() == []


def assert_the_leak_is_out_and_roles_are_guessed(person: Person) -> None:
    assert "催收次数" in person.text("#findings")
    table = person.text("#columns")
    assert "已移出" in table
    roles = {name: chosen_role(person, name) for name in ("客户号", "放款日期", "是否违约")}
    assert roles == {"客户号": "id", "放款日期": "date", "是否违约": "target"}
    # No page shows a whole phone number.
    shown = person.browser.page_source
    assert not any(number in shown for number in loans()["手机号"].head(200))


def chosen_role(person: Person, column: str) -> str:
    return str(
        person.browser.execute_script(
            "const row = [...document.querySelectorAll('#rows tr[data-column]')]"
            ".find(each => each.querySelector('.code').textContent === arguments[0]);"
            "return row && row.querySelector('select[name=role]') ? row.querySelector('select[name=role]').value : '';",
            column,
        )
    )


def say_what_the_code_stands_for(person: Person) -> None:
    assert "-999" in person.text("#special")
    person.click("#special .ck button.btn")
    person.wait(lambda: "月收入" not in person.text("#special"), "the special value is still asked about")


def look_at_one_column(person: Person, column: str) -> None:
    person.settle()
    open_row = f"//table//a[@data-about][contains(., '{column}')]"
    person.browser.find_element("xpath", open_row).click()
    person.wait_for(".about-row figure.chart svg.main-svg", f"{column} was not drawn")
    person.settle()
    person.browser.find_element("xpath", open_row).click()
    person.wait(lambda: not person.has(".about-row"), f"{column} did not close")


def define_the_sample(person: Person, address: str) -> None:
    person.click(f"#sample a[href='{address}data/sample/']")
    person.wait_for("#sample-form", "no form for the sample")
    person.type("performance_months", "3")
    person.type("rule-0-column", "员工")
    person.type("rule-0-value", "是")
    person.click("#sample-form button.btn-primary")
    person.wait_for("#sample .waterfall", "the sample was not made", FILE_SECONDS)
    person.wait_for(f"a.btn-primary[href='{address}plan/']", "the check did not end", FILE_SECONDS)
    person.settle()


def assert_open_months_are_kept_back(person: Person) -> None:
    told = person.text("#sample")
    assert "员工" in told
    assert "表现期" in told
    assert "未成熟" in person.text("main")
