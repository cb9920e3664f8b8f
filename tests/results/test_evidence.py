"""Charts, their tables and their words, read back from what the engine left beside a model."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from registry.facts import WorstSegment
from results.queries.columns import segment_value
from training.models import Experiment

CURVES = ["gains", "ks_curve", "roc", "lift", "calibration", "by_period", "scores"]


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[[Experiment], Experiment], explain: Callable[[Experiment], None]
) -> Experiment:
    finished = finish(draft)
    explain(finished)
    return finished


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


def texts_of(figure: dict[str, Any]) -> str:
    return str(figure["layout"])


@pytest.mark.parametrize("name", [*CURVES, "best_score"])
def test_every_chart_is_plain_json_whose_colours_are_names(name: str, browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_chart", args=[experiment.pk, name])

    figure = browser.get(address + "?candidate=scorecard&column=age&customer=near").json()

    assert set(figure) == {"data", "layout"}
    assert figure["data"]
    assert "token:" in str(figure)
    assert "#" not in str(figure["data"])


def test_a_chart_speaks_the_readers_language_and_the_kinds_own_words(browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_chart", args=[experiment.pk, "ks_curve"])

    in_english = texts_of(browser.get(address).json())
    User.objects.filter(username="analyst").update(language="zh-hans")
    in_chinese = texts_of(browser.get(address).json())

    assert "Bad customers" in in_english
    assert "坏客户" in in_chinese


@pytest.mark.parametrize("name", ["nothing", "beeswarm"])
def test_a_chart_that_does_not_exist_is_not_found(name: str, browser: Client, experiment: Experiment) -> None:
    assert browser.get(reverse("experiment_chart", args=[experiment.pk, name])).status_code == 404
    assert browser.get(reverse("experiment_chart_table", args=[experiment.pk, name])).status_code == 404


@pytest.mark.parametrize("name", [*CURVES, "deciles"])
def test_every_chart_has_its_numbers_as_a_download(name: str, browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_chart_table", args=[experiment.pk, name])

    answer = browser.get(address + "?column=age&customer=high")

    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_long_page_opens_one_part_and_offers_those_that_have_something(
    browser: Client, experiment: Experiment
) -> None:
    pages = {
        part: browser.get(reverse("experiment_result", args=[experiment.pk]), {"part": part}).content.decode()
        for part in ("", "curves", "deciles", "derived", "no such part")
    }

    assert "part=derived" not in pages[""]
    assert {part: page.count('<figure class="chart"') for part, page in pages.items()} == {
        "": 2, "curves": 6, "deciles": 0, "derived": 2, "no such part": 2
    }  # fmt: skip
    assert all("The riskiest 10% contain" in page for page in pages.values())


def test_the_result_says_the_same_of_validation_and_of_unseen_months(browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_result", args=[experiment.pk])
    shown, deciles = (browser.get(address, {"part": part}).content.decode() for part in ("", "deciles"))

    assert "The riskiest 10% contain 31.0% of the bad customers, 3.1 times as many as a random selection." in shown
    assert "On the newest months, which the model had never seen:" in shown
    assert "3.1 times the average" in shown
    assert deciles.count('class="cut"') == 1


def test_a_stored_sentence_names_learners_and_limits_as_people_do() -> None:
    from training.words import sentence

    with translation.override("en"):
        told = sentence("%(best)s breaks %(limits)s.", {"best": "extra_trees", "limits": "ks_gap"})

    assert told == "Extra trees breaks fall of KS from training to held-out rows."


@pytest.mark.parametrize(
    ("kind", "label", "told"),
    [
        ("range", "[−∞, 30)", "below 30"),
        ("range", "[30, 5473)", "30 to below 5,473"),
        ("range", "[-2.5, +∞)", "−2.5 or more"),
        ("level", "[a, b)", "[a, b)"),
        ("missing", "missing", "missing"),
        ("level", "2", "female"),
    ],
)
def test_a_segment_is_told_in_words(kind: str, label: str, told: str) -> None:
    meanings = {"sex": {"2": {"en": "female"}}}
    assert segment_value(WorstSegment(0.6, "sex", kind, label), meanings) == told
