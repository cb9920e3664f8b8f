"""A modeler's ways from a finished run: tabs, comparison, card by hand, clone and report; axe on all its pages."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.accessibility import grave_faults
from tests.browser.counting import CountingPerson
from tests.browser.experiments import RUN_SECONDS
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
MODELER_AT_MOST = 6
LOOKS = ("calibration", "stability", "segments", "columns", "screening", "fairness", "sensitivity")


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
    modeler.click(".ph .menu > summary")
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
    assert_moves_made_meanwhile_are_sent_one_after_the_other(modeler, revision, border)
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


def assert_moves_made_meanwhile_are_sent_one_after_the_other(
    modeler: Person, revision: Callable[[], int], border: Callable[[], str]
) -> None:
    """An arrow key while a change is under way waits for its answer; none is lost, and none is sent twice."""
    before, first = revision(), border()
    modeler.browser.execute_script("""
        const press = key => document.querySelector(".handle[data-bin='0']").dispatchEvent(
          new KeyboardEvent('keydown', { key, bubbles: true }));
        let sent = 0;
        document.addEventListener('htmx:beforeRequest', () => {
          sent += 1;
          document.body.dataset.sent = sent;
          if (sent === 1) press('ArrowLeft');
        });
        press('ArrowLeft');
    """)
    modeler.wait(lambda: revision() == before + 2, "the second move was lost")
    assert float(border()) < float(first)
    assert modeler.browser.execute_script("return document.body.dataset.sent") == "2"
    assert not modeler.all("#bench-refusal")


def test_from_a_result_to_a_constrained_clone_its_comparison_and_its_report_takes_six_presses(
    open_person: Any, experiment: int
) -> None:
    modeler: CountingPerson = open_person("modeler", kind=CountingPerson)
    modeler.start_counting()
    # Finding the experiment is no part of the way.
    modeler.is_counting = False
    modeler.go(f"/experiments/{experiment}/result/")
    modeler.is_counting = True
    modeler.click("form[action$='/clone/'] button")
    modeler.wait_for("#start", "no plan of the clone")
    # What the original was asked came along: one trial of one family.
    assert modeler.find("[name=trials]").get_attribute("value") == "1"
    if not modeler.find("#expert").get_attribute("open"):
        modeler.click("#expert > summary")
    modeler.type("limit_features", "2")
    modeler.settle()
    modeler.click("#start")
    modeler.click("a.link[href*='/compare/?m=']", RUN_SECONDS)
    modeler.wait_for("#verdict", "no verdict", RUN_SECONDS)
    modeler.click(".acts a[href*='/reports/']")
    modeler.wait_for("form select[name]", "no form of a report")
    modeler.click("form .btn-primary")
    modeler.wait_for("table a[href*='/file/']", "no report", RUN_SECONDS)
    clone = modeler.browser.current_url.split("/experiments/")[1].split("/")[0]
    assert int(clone) != experiment
    assert MODELER_AT_MOST >= len(modeler.presses) >= 5, modeler.presses


def test_each_tab_has_a_sentence_a_table_and_a_file_and_every_chart_is_drawn(open_person: Any, experiment: int) -> None:
    modeler: Person = open_person("modeler")
    for name in LOOKS:
        modeler.go(f"/experiments/{experiment}/result/looks/{name}/")
        modeler.settle()
        if name in ("fairness", "sensitivity", "segments") and not modeler.has(".look-say"):
            modeler.click("form.look-form button")
        if name == "stability":
            # These customers have no dates.
            modeler.see("No months to look at")
            continue
        modeler.wait_for(".look-say", f"{name}: no sentence", RUN_SECONDS)
        modeler.settle()
        assert modeler.has("table.looks tbody tr"), name
        assert modeler.has(f"a[href*='/looks/{name}.csv']"), name
        modeler.wait(lambda: all(drawn(modeler)), f"{name}: a chart was not drawn")


def drawn(person: Person) -> list[bool]:
    return [each.get_attribute("data-drawn") not in (None, "", "failed") for each in person.all("figure.chart")]


def test_several_experiments_are_tagged_in_the_list_and_found_by_their_tag(open_person: Any, experiment: int) -> None:
    modeler: Person = open_person("modeler")
    modeler.go("/experiments/")
    box = f"input[name=e][value='{experiment}']"
    assert not modeler.find("button[value=tag]").is_enabled()
    modeler.click(box)
    modeler.wait(lambda: modeler.find("button[value=tag]").is_enabled(), "nothing to tag with")
    assert not modeler.find("#compare-them").is_enabled()
    # Above the list stands a filter of the same name.
    modeler.find("#chosen-tag").send_keys("to report")
    modeler.click("button[value=tag]")
    modeler.see("Done for 1 experiment.")
    modeler.go("/experiments/?tag=to+report")
    assert modeler.has(box)
    assert len(modeler.all("input[name=e]")) == 1


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "light"), ("en", "dark")])
def test_axe_finds_no_serious_fault(open_person: Any, experiment: int, language: str, theme: str) -> None:
    person: Person = open_person("modeler", language=language)
    own = f"/experiments/{experiment}"
    codes = finalists_of(person, own)
    addresses = [
        "/experiments/", f"{own}/manage/", f"{own}/result/", f"{own}/result/?part=deciles",
        f"{own}/result/?part=curves",
        *(f"{own}/result/looks/{name}/" for name in LOOKS), f"{own}/trials/", f"{own}/settings/", f"{own}/act/",
        f"{own}/why/", f"{own}/customers/", f"{own}/reports/", f"{own}/reruns/", "/compare/",
        "/compare/?m=" + "&m=".join(codes), "/models/", "/scoring/", "/approvals/",
    ]  # fmt: skip
    # From the first paint on, charts too; a colour that is still changing would be measured half-way.
    wished = {"prefers-color-scheme": theme, "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in wished.items()]
    person.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    faults = []
    for address in addresses:
        person.go(address)
        person.settle()
        assert person.find("html").get_attribute("data-bs-theme") == theme
        person.wait(
            lambda: all(each.get_attribute("data-drawn") for each in person.all("figure.chart")),
            f"{address}: a chart was not drawn",
        )
        faults += [f"{address}: {each}" for each in grave_faults(person)]
    assert not faults, "\n".join(faults)


def finalists_of(person: Person, own: str) -> list[str]:
    """Return the codes under which the finalists of a run are compared, as its page of choices names them."""
    person.go(f"{own}/result/")
    person.click(".acts a[href*='/compare/']")
    person.wait_for(".picks", "no models to choose from")
    return [str(box.get_attribute("value")) for box in person.all("input[name=m]:checked")][:2]
