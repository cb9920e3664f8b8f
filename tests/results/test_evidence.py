"""Charts, their tables and their words, read back from what the engine left beside a model."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from experiments.artifact.explanation import Explanation
from experiments.charts.dependence import DependenceData
from experiments.charts.importance import ImportanceData
from experiments.evaluation.monotonicity import MonotoneCheck
from registry.facts import WorstSegment
from results.figures.by_name import draw, table_of
from results.figures.reason_charts import reasons_table
from results.queries.columns import segment_value
from results.queries.evidence import folder_of
from results.queries.explanation import explanation_of, kept_directions
from results.queries.factors import factors_of
from results.queries.leaderboard import leaderboard_for
from results.queries.why import why_of
from training.models import Experiment

CURVES = ["gains", "ks_curve", "roc", "lift", "calibration", "by_period", "scores"]
REASONS = ["importance", "beeswarm", "dependence", "waterfall"]


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


@pytest.mark.parametrize("name", [*CURVES, *REASONS, "best_score"])
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


@pytest.mark.parametrize("name", ["nothing", "dependence"])
def test_a_chart_that_does_not_exist_is_not_found(name: str, browser: Client, experiment: Experiment) -> None:
    assert browser.get(reverse("experiment_chart", args=[experiment.pk, name])).status_code == 404
    assert browser.get(reverse("experiment_chart_table", args=[experiment.pk, name])).status_code == 404


@pytest.mark.parametrize("name", [*CURVES, *REASONS, "deciles"])
def test_every_chart_has_its_numbers_as_a_download(name: str, browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_chart_table", args=[experiment.pk, name])

    answer = browser.get(address + "?column=age&customer=high")

    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_customers_steps_add_up_to_the_models_margin(experiment: Experiment) -> None:
    row = experiment.leaderboard.get(candidate="scorecard")
    explained = explanation_of(row)

    table = reasons_table("waterfall", row, explained, {"customer": "near"})

    assert table is not None
    *steps, margin = [row[2] for row in table.rows]
    assert sum(steps) == pytest.approx(margin)


def test_the_page_of_reasons_tells_each_factor_in_a_sentence(browser: Client, experiment: Experiment) -> None:
    address = reverse("experiment_why", args=[experiment.pk])
    factors, factor, customer = (
        browser.get(address, {"part": part}).content.decode() for part in ("", "factor", "customer")
    )

    assert "The lower, the riskier" in factors
    assert "Riskiest at driver, safest at clerk" in factors
    assert "age is low (31)" in customer
    assert "Of 100 such customers about 40 go bad." in customer
    assert [page.count("As a table") for page in (factors, factor, customer)] == [1, 2, 1]


def curve_of(column: str, x: tuple[float, ...], effects: tuple[float, ...]) -> DependenceData:
    return DependenceData(
        column, "numeric", x=x, levels=(), effects=effects, low=effects, high=effects, edges=(), counts=(),
        missing_effect=None, missing_count=0,
    )  # fmt: skip


def explained_by(column: str, x: tuple[float, ...], effects: tuple[float, ...]) -> Explanation:
    weights = ImportanceData(columns=(column,), values=(0.4,), shares=(1.0,))
    return Explanation(importance=weights, dependence={column: curve_of(column, x, effects)})


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("年龄", "风险最高：51 岁左右；最低：18 岁左右"),
        ("mths_since_recent_bc", "风险最高：51 个月左右；最低：18 个月左右"),
        ("逾期天数", "风险最高：51 天左右；最低：18 天左右"), ("余额", "风险最高：51 左右；最低：18 左右"),
    ],
)  # fmt: skip
def test_where_a_number_is_riskiest_is_told_with_its_unit(column: str, told: str, experiment: Experiment) -> None:
    explained = explained_by(column, (18, 30, 51, 70), (0.1, 0.6, 0.9, 0.2))

    with translation.override("zh-hans"):
        (factor,) = factors_of(experiment, explained, {})

    assert factor.sentence == told


@pytest.mark.parametrize(
    ("effects", "held", "told"),
    [
        ([0.1, 0.1, 0.1, 0.1, 0.4], {}, "The higher, the riskier"),
        ([0.4, 0.1, 0.1, 0.1, 0.1], {}, "The lower, the riskier"),
        ([0.1, 0.3, 0.2, 0.4, 0.3], {"dti": 1}, "The higher, the riskier"), ([0.1] * 5, {}, ""),
    ],
)  # fmt: skip
def test_a_steady_curve_and_a_kept_direction_are_told_as_a_direction(
    effects: list[float], held: dict[str, int], told: str, experiment: Experiment
) -> None:
    explained = explained_by("dti", (0.1, 0.2, 0.3, 0.4, 0.5), tuple(effects))

    with translation.override("en"):
        (factor,) = factors_of(experiment, explained, held)

    assert factor.sentence == told


def test_a_direction_that_was_broken_is_not_told_as_kept(browser: Client, experiment: Experiment) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    checks = [
        MonotoneCheck("dti", 1, 0, 0.0, 1_000, 20).to_dict(), MonotoneCheck("age", -1, 3, 0.01, 1_000, 20).to_dict(),
    ]  # fmt: skip
    row.evidence = {**row.evidence, "constraints": {"checks": checks}}
    assert kept_directions(row) == {"dti": 1}


def test_an_effect_that_holds_another_columns_says_so(browser: Client, experiment: Experiment) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    path = folder_of(row) / "explanation.json"
    plain = json.loads(path.read_text())
    plain["examples"]["high"]["reasons"][0]["also"] = ["job"]
    path.write_text(json.dumps(plain))

    page = browser.get(reverse("experiment_why", args=[experiment.pk]), {"part": "customer"}).content.decode()

    assert "Effect together with job, which tells the same" in page


def test_codes_are_told_by_what_the_dictionary_says_they_mean(browser: Client, experiment: Experiment) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    path = folder_of(row) / "explanation.json"
    plain = json.loads(path.read_text())
    high = plain["examples"]["high"]
    step = high["waterfall"]["steps"][0] | {"value": "2"}
    column = step["column"]
    high["waterfall"]["steps"][0] = step
    high["reasons"] = [{"column": column, "state": "high", "value": "2", "phi": 0.7, "message": ""}]
    plain["dependence"] = {column: curve_of(column, (1, 2), (0.1, 0.6)).to_dict()}
    path.write_text(json.dumps(plain))
    experiment.spec["value_labels"] = {column: {"1": {"zh": "男"}, "2": {"zh": "女"}}}
    experiment.spec["labels"] = {column: {"zh": "性别", "en": "Sex"}}
    experiment.save()

    with translation.override("zh-hans"):
        why = why_of(experiment, leaderboard_for(experiment).recommended, explanation_of(row), {"customer": "high"})
        chart = draw("waterfall", experiment, row, {"customer": "high"})
        table = table_of("waterfall", experiment, row, {"customer": "high"})

    assert why["reasons"][0]["text"] == "性别为女"
    assert (
        next(factor for factor, _width in why["factors"] if factor.column == column).sentence
        == "风险最高：女；最低：男"
    )
    assert "性别 女" in chart["layout"]["yaxis"]["ticktext"]
    assert any(cells[:2] == ["性别", "女"] for cells in table.rows)


def test_a_customer_without_a_reason_is_told_so(browser: Client, experiment: Experiment) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    path = folder_of(row) / "explanation.json"
    plain = json.loads(path.read_text())
    message = "None: no value raises this customer's probability above the average"
    plain["examples"]["high"]["reasons"] = [
        {"column": "", "state": "nothing", "value": "", "phi": 0.0, "message": message}
    ]
    path.write_text(json.dumps(plain))

    page = browser.get(reverse("experiment_why", args=[experiment.pk]), {"part": "customer"}).content.decode()

    assert "None: no value raises this customer" in page


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


def test_a_model_without_explanation_has_a_page_that_says_so(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    finish(draft)

    answer = browser.get(reverse("experiment_why", args=[draft.pk]) + "?candidate=lightgbm")

    assert answer.status_code == 200
    assert "This model has not been explained" in answer.content.decode()


def test_a_stored_sentence_names_learners_and_limits_as_people_do() -> None:
    from training.words import sentence

    with translation.override("en"):
        told = sentence("%(best)s breaks %(limits)s.", {"best": "extra_trees", "limits": "ks_gap"})

    assert told == "Extra trees breaks fall of KS from training to held-out rows."


def test_a_report_that_cannot_be_made_says_why_on_the_result(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    finish(draft)

    answer = browser.get(reverse("experiment_report", args=[draft.pk]) + "?candidate=lightgbm", follow=True)

    assert answer.redirect_chain == [(reverse("experiment_result", args=[draft.pk]) + "?candidate=lightgbm", 302)]
    assert "holds no" in answer.content.decode()


@pytest.mark.parametrize(
    ("kind", "label", "told"),
    [
        ("range", "[−∞, 30)", "below 30"),
        ("range", "[30, 5473)", "30 to below 5,473"),
        ("range", "[-2.5, +∞)", "−2.5 and more"),
        ("level", "[a, b)", "[a, b)"),
        ("missing", "missing", "missing"),
        ("level", "2", "female"),
    ],
)
def test_a_segment_is_told_in_words(kind: str, label: str, told: str) -> None:
    meanings = {"sex": {"2": {"en": "female"}}}
    assert segment_value(WorstSegment(0.6, "sex", kind, label), meanings) == told
