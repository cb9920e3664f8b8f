"""Whom to choose with a model: the page, its chart and its table say the same, by number, share or cut-off."""

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from experiments.strategy.curve import StrategyCurve
from experiments.strategy.money import best, outcome
from experiments.strategy.stakes import Stakes
from results.queries import rivals
from results.queries.act import curve_of
from results.queries.evidence import evidence_of, folder_of
from results.queries.rivals import Rival
from training.models import Experiment

LOAN = Stakes.of_credit(gain=100, loss=100)


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[[Experiment], Experiment], explain: Callable[[Experiment], None]
) -> Experiment:
    finished = finish(draft)
    explain(finished)
    return finished


@pytest.fixture
def curve(experiment: Experiment) -> StrategyCurve:
    found = curve_of(evidence_of(experiment.leaderboard.get(is_recommended=True)), "validation")
    assert found is not None
    return found


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


def page(browser: Client, experiment: Experiment, query: str = "", language: str = "en") -> str:
    answer = browser.get(reverse("experiment_act", args=[experiment.pk]) + query, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def figures(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", each) for each in re.findall(r'<div class="nv"[^>]*>(.*?)</div>', text, re.S)]


def test_the_numbers_are_those_of_the_curve(browser: Client, experiment: Experiment, curve: StrategyCurve) -> None:
    text = page(browser, experiment, "?customers=10000&by=number&number=4000&gain=100&cost=100")
    found = outcome(curve, 0.4, LOAN, 10_000)
    assert figures(text)[:2] == ["4,000", f"{found.events.value:,.0f}"]
    assert figures(text)[-1] == f"¥{found.profit.value:,.0f}"
    assert f"Approve the safest 4,000. Expected bad customers: {found.events.value:,.0f} (" in text


def test_a_number_a_share_and_a_cut_off_say_the_same(
    browser: Client, experiment: Experiment, curve: StrategyCurve
) -> None:
    money = "&customers=10000&gain=100&cost=100"
    by_number = page(browser, experiment, f"?by=number&number=3000{money}")
    by_share = page(browser, experiment, f"?by=share&share=30{money}")
    by_cut_off = page(browser, experiment, f"?by=cutoff&cutoff={100 * curve.cutoff_at(0.3)}{money}")
    assert figures(by_number) == figures(by_share)
    assert figures(by_cut_off)[0] in ("3,000", "3,050")


def test_cost_and_revenue_make_the_profit_and_the_rows_behind_it_are_counted(
    browser: Client, experiment: Experiment, curve: StrategyCurve
) -> None:
    text = page(browser, experiment, "?customers=10000&by=number&number=4000&gain=100&cost=100")
    found = outcome(curve, 0.4, LOAN, 10_000)
    assert figures(text)[3:] == [f"¥{round(each):,}" for each in (found.revenue, found.cost, found.profit.value)]
    assert found.revenue - found.cost == pytest.approx(found.profit.value)
    assert f"on {curve.rows:,} rows with {curve.event_count:,} events" in text
    assert f"declined: {found.missed:,.0f}, approved: {found.events.value:,.0f}" in text


@pytest.mark.parametrize("by", ["number", "share", "cutoff"])
def test_every_step_of_the_slider_says_what_the_page_says_of_it(
    browser: Client, experiment: Experiment, by: str
) -> None:
    money = "&customers=10000&gain=100&cost=100"
    steps = browser.get(reverse("experiment_act_steps", args=[experiment.pk]) + f"?by={by}{money}").json()["steps"]
    assert len(steps) > 50
    for step in steps[:: len(steps) // 4]:
        text = page(browser, experiment, f"?by={by}&{by}={step['value']}{money}")
        assert figures(text) == [value for value, _reading in step["figures"]]
        assert all(step[name] in text for name in ("lead", "next_step", "confusion", "same_as"))


def test_the_best_range_is_told_and_where_one_stands(
    browser: Client, experiment: Experiment, curve: StrategyCurve
) -> None:
    top = best(curve, LOAN, 10_000)
    few = page(browser, experiment, "?customers=10000&by=number&number=100&gain=100&cost=100")
    assert f"Choosing {10_000 * top.share - 100:,.0f} more would bring" in few
    many = page(browser, experiment, "?customers=10000&by=number&number=10000&gain=100&cost=100")
    assert "past the best range" in many
    assert f"from {10_000 * top.tied_low:,.0f} to {10_000 * top.tied_high:,.0f}" in many
    there = page(browser, experiment, f"?customers=10000&by=share&share={100 * top.share}&gain=100&cost=100")
    assert "within the best range" in there


def test_without_money_it_tells_events_and_asks_for_the_money(browser: Client, experiment: Experiment) -> None:
    text = page(browser, experiment, "?customers=10000")
    assert figures(text)[-1] == "–"
    assert "to see the profit" in text


def test_where_everybody_costs_more_than_he_brings_nobody_is_best(browser: Client, experiment: Experiment) -> None:
    assert "Choosing anybody costs more" in page(browser, experiment, "?customers=100&gain=0&cost=5")


@pytest.mark.parametrize(
    "query",
    ["?customers=0", "?customers=x", "?by=share&share=101", "?by=cutoff&cutoff=-1", "?gain=-1&cost=2", "?number=x"],
)
def test_what_cannot_be_is_said_at_its_field_and_the_page_stands(
    browser: Client, experiment: Experiment, query: str
) -> None:
    text = page(browser, experiment, query)
    assert 'class="say"' in text
    assert text.count('class="err"') == 1


def test_a_way_to_choose_that_does_not_exist_is_passed_over(browser: Client, experiment: Experiment) -> None:
    text = page(browser, experiment, "?by=nothing&customers=10000&number=4000")
    assert figures(text)[0] == "4,000"


def test_the_chart_and_the_table_hold_the_same_choice(
    browser: Client, experiment: Experiment, curve: StrategyCurve
) -> None:
    query = "?customers=10000&by=share&share=40&gain=100&cost=100"
    drawn = browser.get(reverse("experiment_chart", args=[experiment.pk, "choice"]) + query).json()
    assert "4,000" in json.dumps(drawn["layout"])
    table = browser.get(reverse("experiment_chart_table", args=[experiment.pk, "choice"]) + query)
    lines = list(csv.reader(io.StringIO(table.getvalue().decode("utf-8-sig"))))
    [line] = [line for line in lines[1:] if line[0] == "4000"]
    assert float(line[6]) == pytest.approx(outcome(curve, 0.4, LOAN, 10_000).profit.value)


def test_two_models_are_set_against_each_other_at_every_share(
    browser: Client, experiment: Experiment, curve: StrategyCurve
) -> None:
    query = "?candidate=scorecard&against=lightgbm"
    drawn = browser.get(reverse("experiment_chart", args=[experiment.pk, "strategy"]) + query).json()
    assert [each["text"] for each in drawn["layout"]["annotations"]] == ["WOE scorecard", "LightGBM"]
    table = browser.get(reverse("experiment_chart_table", args=[experiment.pk, "strategy"]) + query)
    lines = list(csv.reader(io.StringIO(table.getvalue().decode("utf-8-sig"))))
    [line] = [line for line in lines[1:] if float(line[0]) == 40]
    assert float(line[1]) == pytest.approx(100 * curve.events_at(0.4) / 0.4, abs=0.01)


def test_a_card_edited_by_hand_is_told_apart_from_the_one_it_was(browser: Client, experiment: Experiment) -> None:
    experiment.leaderboard.filter(candidate="lightgbm").update(candidate="scorecard_by_hand_1", learner="scorecard")
    query = "?candidate=scorecard&against=scorecard_by_hand_1"
    drawn = browser.get(reverse("experiment_chart", args=[experiment.pk, "strategy"]) + query).json()
    names = {each["text"] for each in drawn["layout"]["annotations"]}
    assert names == {"WOE scorecard", "WOE scorecard, edited (1)"}
    assert '<option value="scorecard_by_hand_1" selected>WOE scorecard, edited (1)<' in page(browser, experiment, query)


def test_a_champion_of_another_run_is_one_to_be_set_against(
    browser: Client, experiment: Experiment, ask: Callable[..., Experiment], finish: Callable[[Experiment], Experiment],
    explain: Callable[[Experiment], None], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    earlier = finish(ask("An earlier run"))
    explain(earlier)
    row = earlier.leaderboard.get(candidate="lightgbm")
    champion = Rival("version-7", "Champion Loans v1", row, is_champion=True)
    monkeypatch.setitem(rivals._sources, "registry", lambda _row: [champion])
    note = "estimated on the customers of its own run"
    assert note not in page(browser, experiment)
    query = "?candidate=scorecard&against=version-7"
    text = page(browser, experiment, query)
    assert '<option value="version-7" selected>Champion Loans v1<' in text
    assert note in text
    drawn = browser.get(reverse("experiment_chart", args=[experiment.pk, "strategy"]) + query).json()
    assert [each["text"] for each in drawn["layout"]["annotations"]] == ["Champion Loans v1", "WOE scorecard"]


def test_a_run_that_kept_no_curve_says_so(browser: Client, experiment: Experiment) -> None:
    folder = folder_of(experiment.leaderboard.get(is_recommended=True))
    (folder / "evidence.json").write_text("{}")
    assert "did not keep the figures for choosing customers" in page(browser, experiment)


def test_a_stranger_finds_no_such_page(
    client_of: Callable[[User], Client], stranger: User, experiment: Experiment
) -> None:
    assert client_of(stranger).get(reverse("experiment_act", args=[experiment.pk])).status_code == 404


def test_it_speaks_chinese(browser: Client, experiment: Experiment) -> None:
    text = page(browser, experiment, "?customers=10000&number=4000&gain=100&cost=100", "zh-hans")
    assert "通过风险最低的 4,000 人" in text
    assert "元" in figures(text)[-1]
