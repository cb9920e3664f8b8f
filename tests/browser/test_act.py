"""A modeler moves the slider with the keyboard, keeps the choice under a name, renames it and carries its list away."""

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
# Reads as text what a link would save.
FETCHED = "const [at, done] = arguments; fetch(at).then(answer => answer.text()).then(done);"


def test_a_choice_is_made_by_keyboard_kept_renamed_and_carried_away(
    open_person: Any,
    experiment: int,
) -> None:
    modeler: Person = open_person("modeler")
    walk(modeler, experiment)


def walk(modeler: Person, number: int) -> None:
    """Go the whole way on a finished experiment of a risk."""
    modeler.go(f"/experiments/{number}/act/?by=share&share=50&gain=1200&cost=6000")
    modeler.wait(lambda: modeler.find("#act-slider").get_attribute("aria-valuetext"), "the slider never got its steps")
    before = modeler.text("[data-step='lead']")
    slider = modeler.find("#act-slider")
    # An input event alone, as while the key is held: nothing is asked of the server, and all follows.
    modeler.browser.execute_script(
        "const s = arguments[0]; s.value = Number(s.value) + 1; s.dispatchEvent(new Event('input', {bubbles: true}));",
        slider,
    )
    assert modeler.text("[data-step='lead']") != before
    assert modeler.find("[name='share']").get_attribute("value") == "51"
    slider.send_keys(Keys.ARROW_RIGHT)
    modeler.wait(lambda: "share=52" in modeler.browser.current_url, "the address never followed the slider")
    modeler.settle()
    told = modeler.text("[data-step='lead']")
    modeler.type("name", "By keyboard")
    modeler.click("#save-scenario button")
    modeler.wait_for("#pick", "no list of scenarios")
    assert told in modeler.text("main")
    assert "52.0% of the list" in modeler.text("main")
    modeler.press("Change")
    field = modeler.find("details[open] input[name=name]")
    field.clear()
    field.send_keys("Renamed")
    modeler.press("Rename")
    modeler.see("Renamed")
    modeler.click("form[action$='/customers/'] button")
    link = modeler.wait_for("a[href^='/chosen/']", "the list was never made", timeout=120)
    lines = modeler.browser.execute_async_script(FETCHED, link.get_attribute("href")).strip().splitlines()
    assert lines[0].lstrip("\ufeff").startswith("rank,")
    assert "probability" in lines[0]
    assert not {"income", "debt", "loan_amount"} & set(lines[0].split(","))
    assert [line.split(",")[0] for line in lines[1:4]] == ["1", "2", "3"]
