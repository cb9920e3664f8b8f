"""A modeler has finalists of a run compared, and edits its scorecard by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.main_job import FILE_SECONDS
from tests.browser.person import Person
from tests.platform_process import wait_until
from tests.running_platform import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
RUN_SECONDS = 600


@pytest.fixture(scope="module")
def experiment(running_platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Run one trial on loans that income at both its ends and debt decide: scorecard, baseline and linear model."""
    random = np.random.default_rng(7)
    rows = 1_500
    income, debt = random.normal(size=rows), random.normal(size=rows)
    chance = 1 / (1 + np.exp(2.5 - 2.0 * np.abs(income) - debt))
    table = pd.DataFrame(
        {
            "customer": [f"K{number:06d}" for number in range(rows)],
            "income": income.round(3),
            "debt": debt.round(3),
            "loan_amount": random.integers(1_000, 9_000, rows),
            "bad": np.where(random.random(rows) < chance, "yes", "no"),
        }
    )
    file = tmp_path_factory.mktemp("compare") / "loans.csv"
    table.to_csv(file, index=False)
    modeler = running_platform.caller("modeler")
    data = modeler.upload("/datasets", file, name="Loans to compare")["id"]
    wait_until(lambda: modeler.get(f"/datasets/{data}")["state"] == "ready", FILE_SECONDS, "the file was not read")
    wanted = {"name": "Loans to compare", "kind": "default", "dataset_version_id": data, "target": "bad"}
    plan = {"event": "yes", "trials": 1, "learners": ["linear"]}
    made = modeler.post("/experiments", {**wanted, **plan})["id"]
    where = f"/experiments/{made}"
    wait_until(lambda: modeler.get(where)["check_state"] == "ready", FILE_SECONDS, "the check did not end")
    modeler.post(f"{where}/start")
    wait_until(lambda: modeler.get(where)["state"] == "finished", RUN_SECONDS, "the run did not end")
    return int(made)


def test_a_modeler_compares_finalists_and_reads_verdict_and_swap_set(open_person: Any, experiment: int) -> None:
    modeler: Person = open_person("modeler")
    modeler.go(f"/experiments/{experiment}/result/")
    modeler.click(".acts a[href*='/compare/']")
    modeler.wait_for(".picks", "no models to choose from")
    # Two are enough: whatever was proposed, the first two stay.
    for ticked in modeler.all("input[name=m]:checked")[2:]:
        ticked.click()
    modeler.click("form button.btn-primary")
    # The work begins by itself; its end loads the page anew.
    modeler.wait_for("#verdict", "no verdict")
    assert any(words in modeler.text("#verdict") for words in ("ranks better", "ranks worse", "No significant"))
    assert "AUC against A" in modeler.text("#side-by-side")
    assert "Swapped in" in modeler.text("#swap")
    before = modeler.text("#swap-says")
    modeler.choose("#swap-share", "50%")
    modeler.wait(lambda: modeler.text("#swap-says") != before, "the swap set stayed as it was")
    assert "share=0.5" in modeler.browser.current_url
    modeler.wait(
        lambda: all(each.get_attribute("data-drawn") for each in modeler.all("figure.chart")), "a chart was not drawn"
    )
    assert modeler.all(".acts a.btn-primary")[0].text.startswith("Submit")


def test_a_modeler_drags_a_border_merges_undoes_and_refits_the_card(open_person: Any, experiment: int) -> None:
    modeler: Person = open_person("modeler")
    modeler.go(f"/experiments/{experiment}/result/?candidate=scorecard")
    modeler.click(".acts a[href*='/scorecards/']")
    modeler.click("main form button.btn-primary")
    modeler.wait_for("#bench", "the card was not opened")
    modeler.go(f"/experiments/{experiment}/scorecards/scorecard/?column=income")

    def revision() -> int:
        return int(modeler.find("#bench").get_attribute("data-revision") or -1)

    def border() -> str:
        return modeler.find("#upper-0").get_attribute("value") or ""

    first, start, bins = border(), revision(), len(modeler.all("#bins tbody tr"))
    grip = modeler.find(".handle[data-bin='0'] .grip")
    ActionChains(modeler.browser).drag_and_drop_by_offset(grip, -25, 0).perform()
    modeler.wait(lambda: revision() == start + 1 and float(border()) < float(first), "the border was not dragged")
    dragged = border()
    modeler.find(".handle[data-bin='0']").send_keys(Keys.ARROW_RIGHT)
    modeler.wait(lambda: revision() == start + 2 and float(border()) > float(dragged), "no arrow key moved it")
    modeler.find("#why").send_keys("alike")
    modeler.click("#bins button[value=merge]")
    modeler.wait(lambda: len(modeler.all("#bins tbody tr")) == bins - 1, "nothing was merged")
    assert "alike" in modeler.text("#history tbody tr")
    after = modeler.text("#iv-now")
    modeler.click("#undo")
    modeler.wait(lambda: len(modeler.all("#bins tbody tr")) == bins, "nothing was undone")
    assert modeler.text("#iv-now") != after
    modeler.click("#refit")
    modeler.wait_for("#refits a[href*='by_hand_1']", "the card was not refitted", timeout=RUN_SECONDS)
    modeler.click("#refits a[href*='result']")
    modeler.wait(lambda: "WOE scorecard, edited (1)" in modeler.text(), "the new finalist is not shown")
