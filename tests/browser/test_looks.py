"""Every page holds its shape: wide and on a phone, light and dark, in both languages, with names as long as allowed."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser.main_job import FILE_SECONDS
from tests.browser.person import Person
from tests.platform_process import wait_until
from tests.running_platform import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

MEASURE = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
SHOW = """
const root = document.documentElement;
if (root.dataset.bsTheme === arguments[0]) return;
root.dataset.bsTheme = arguments[0];
document.dispatchEvent(new CustomEvent('xiaoyu:theme', { detail: arguments[0] }));
"""
DRAWN = """
const theme = document.documentElement.dataset.bsTheme;
return [...document.querySelectorAll('figure.chart')]
  .every(figure => !figure.checkVisibility() || [theme, 'failed'].includes(figure.dataset.drawn));
"""
CHINESE = (
    "华东地区零售信贷客户近十二个月行为宽表含征信代发与交易汇总第三次修订版"
    "供流失预警模型与二〇二六年一季度挽留名单使用及年度回顾"
)
LATIN = "total_outstanding_principal_balance_of_all_unsecured_personal_loans_at_the_observation_date"
UNBROKEN = "AveryveryverylongEnglishnamewithoutanyspaceorunderscorethatnobodycanbreakanywhereatall"


@pytest.fixture(scope="module")
def pages(running_platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Make a dataset and an experiment whose every name is long, and return the addresses to look at."""
    random = np.random.default_rng(5)
    rows = 900
    table = pd.DataFrame(
        {
            "客户编号": [f"C{number:09d}" for number in range(rows)],
            "手机号": [f"138{number:08d}" for number in range(rows)],
            f"{CHINESE}的贷款余额": random.lognormal(24, 2, rows).round(2),
            LATIN: random.lognormal(20, 3, rows).round(2),
            UNBROKEN: random.normal(size=rows).round(3),
            "城市": random.choice(["新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县", "上海"], rows),
            **{f"行为特征变量第{number:03d}号": random.normal(size=rows).round(3) for number in range(30)},
        }
    )
    table["是否流失"] = (random.random(rows) < 1 / (1 + np.exp(1 - table[UNBROKEN]))).astype(int)
    file = tmp_path_factory.mktemp("looks") / f"{LATIN}.csv"
    table.to_csv(file, index=False)

    analyst = running_platform.caller("analyst")
    data = analyst.upload("/datasets", file, name=CHINESE)["id"]
    wait_for(lambda: analyst.get(f"/datasets/{data}")["state"] == "ready", "the file was not read")
    wanted = {"name": CHINESE, "kind": "attrition", "dataset_version_id": data, "target": "是否流失", "event": "1"}
    draft = analyst.post("/experiments", wanted)["id"]
    wait_for(lambda: analyst.get(f"/experiments/{draft}")["check_state"] == "ready", "the check did not end")
    return [
        "/",
        "/find/?q=a",
        "/data/",
        "/data/new/",
        f"/data/{data}/",
        f"/data/{data}/dictionary/",
        f"/data/{data}/personal/",
        f"/data/{data}/new-version/",
        "/data/joins/new/",
        "/experiments/",
        "/experiments/new/",
        f"/experiments/{draft}/data/",
        f"/experiments/{draft}/data/sample/",
        f"/experiments/{draft}/plan/",
        "/models/",
        "/scoring/",
        "/approvals/",
        "/account/",
        "/people/",
        "/nothing-lives-here/",
        "/api/v1/docs",
    ]


def wait_for(holds: Any, otherwise: str) -> None:
    wait_until(holds, FILE_SECONDS, otherwise)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_overflows_hides_or_fades_what_it_says(open_person: Any, pages: list[str], language: str) -> None:
    person: Person = open_person("approver", language=language)
    complaints = []
    for address in pages:
        for width in (1280, 390):
            window(person, width)
            person.go(address)
            person.settle()
            for theme in ("light", "dark"):
                person.browser.execute_script(SHOW, theme)
                person.wait(lambda: person.browser.execute_script(DRAWN), f"{address}: no charts")
                found = person.browser.execute_script(MEASURE)
                complaints += [
                    f"{address} at {width}, {theme}: {kind}: {each}" for kind in found for each in found[kind]
                ]
    assert not complaints, "\n".join(complaints)


def window(person: Person, width: int) -> None:
    """Take a window of this width, in which nothing is on its way from one colour to another."""
    still = {"name": "prefers-reduced-motion", "value": "reduce"}
    size = {"width": width, "height": 960, "deviceScaleFactor": 1, "mobile": False}
    person.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [still]})
    person.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


FAULTS = """
const main = document.querySelector('main');
const add = (html, style = {}) => {
  main.insertAdjacentHTML('beforeend', html);
  Object.assign(main.lastElementChild.style, style);
  return main.lastElementChild;
};
add('<p>a page too wide</p>', { width: '3000px' });
add('<p>words that are cut off by their box</p>', { width: '60px', overflow: 'hidden', whiteSpace: 'nowrap' });
add('<span class="bd">a word much longer than its badge</span>', { width: '30px', display: 'block' });
add('<p>grey on grey</p>', { color: '#999', background: '#aaa' });
add('<p>tiny</p>', { fontSize: '8px' });
add('<button>x</button>', { width: '12px', height: '12px' });
add('<p>one text</p>', { marginBottom: '-20px', lineHeight: '20px' });
add('<p>another text</p>', { lineHeight: '20px' });
"""
KINDS = {
    "page wider than the window",
    "cut off",
    "sticks out",
    "too faint",
    "too small",
    "too small for a finger",
    "text on text",
}


def test_the_measure_finds_each_kind_of_fault(open_person: Any) -> None:
    person: Person = open_person("approver")
    window(person, 390)
    person.go("/account/")
    person.settle()
    person.browser.execute_script(FAULTS)
    assert set(person.browser.execute_script(MEASURE)) >= KINDS
