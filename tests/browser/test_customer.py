"""A modeler looks one customer up, tries other values by slider and by list, and reads what would cross the cut-off."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.accessibility import grave_faults
from tests.browser.experiments import finished_experiment
from tests.browser.person import Person
from tests.running_platform import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
LOOKED_AT = 40


@pytest.fixture(scope="module")
def experiment(running_platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Run one trial on loans with an id, a number that a customer can change, and a category."""
    random = np.random.default_rng(7)
    rows = 900
    income, debt = random.normal(size=rows), random.normal(size=rows)
    channel = random.choice(["branch", "app", "phone"], rows)
    chance = 1 / (1 + np.exp(2.5 - 2.0 * np.abs(income) - debt - 1.5 * (channel == "app")))
    table = pd.DataFrame(
        {
            "customer": [f"K{number:06d}" for number in range(rows)],
            "income": income.round(3),
            "debt": debt.round(3),
            "channel": channel,
            "loan_amount": random.integers(1_000, 9_000, rows),
            "bad": np.where(random.random(rows) < chance, "yes", "no"),
        }
    )
    return finished_experiment(
        running_platform, table, name="Loans of customers", folder=tmp_path_factory.mktemp("customer")
    )


@pytest.fixture(scope="module")
def declined(running_platform: RunningPlatform, experiment: int) -> str:
    """Return the id of somebody who just misses the cut-off, at which the riskiest fifth is declined."""
    modeler = running_platform.caller("modeler")
    where = f"/experiments/{experiment}"
    version = modeler.get(where)["dataset_version_id"]
    modeler.put(f"/datasets/{version}/dictionary", [{"name": "debt", "is_changeable": True}])
    ids = [f"K{number:06d}" for number in range(LOOKED_AT)]
    chances = {each: modeler.post(f"{where}/customers", {"customer": each})["probability"] for each in ids}
    return sorted(ids, key=lambda each: -chances[each])[LOOKED_AT // 10]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"tried": "With changed values", "misses": "misses the cut-off", "passes": "passes the cut-off"}),
        ("zh-CN", {"tried": "改动后", "misses": "未过切点", "passes": "已过切点"}),
    ],
)
def test_a_customer_is_found_explained_tried_and_advised(
    open_person: Any, experiment: int, declined: str, language: str, words: dict[str, str]
) -> None:
    modeler: Person = open_person("modeler", language=language)
    modeler.go(f"/experiments/{experiment}/customers/")
    modeler.type("customer", declined)
    modeler.click(".cust-find button.btn")

    modeler.wait_for("#told figure[data-drawn]", "no waterfall")
    modeler.wait(lambda: words["misses"] in modeler.text("#told"), "the customer passes")
    assert declined not in modeler.text("main")
    assert modeler.all("#told .reasons .rs")
    before = modeler.text("#now")

    slider = modeler.find("#what-if input[type=range]")
    slider.send_keys(Keys.ARROW_LEFT * 5)
    modeler.wait(lambda: modeler.text("#now") != before, "the slider moved nothing")
    assert words["tried"] in modeler.text("#told")

    modeler.click("#what-if button[type=reset]")
    modeler.wait(lambda: modeler.text("#now") == before, "the customer's own values did not come back")
    chosen = modeler.find("#what-if select").get_attribute("value")
    other = next(each for each in ("app", "branch", "phone") if each != chosen)
    modeler.choose("#what-if select", other)
    modeler.wait(lambda: modeler.text("#now") != before, "the list moved nothing")

    advised = modeler.wait_for("[hx-get*='/ways/'] .rs", "no change was advised")
    new = advised.find_element("css selector", "b").text
    modeler.click("#what-if button[type=reset]")
    modeler.wait(lambda: modeler.text("#now") == before, "the customer's own values did not come back")
    debt = modeler.find("#what-if input[value=debt] ~ input[name=value]")
    debt.clear()
    debt.send_keys(new)
    modeler.wait(lambda: words["passes"] in modeler.text("#told"), "what was advised does not cross the cut-off")
    assert grave_faults(modeler) == []
