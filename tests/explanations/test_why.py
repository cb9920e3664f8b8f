"""Why a model decides as it does: the page, its charts and words, read back from what the engine left."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from catalog.models import Column, ColumnSetting
from dictionary.models import DictionaryEntry
from experiments.artifact.explanation import Explanation
from experiments.charts.dependence import DependenceData
from experiments.charts.importance import ImportanceData
from experiments.evaluation.monotonicity import MonotoneCheck
from explanations.figures.reason_charts import draw_reasons, reasons_table
from explanations.queries.explanation import explanation_of, kept_directions
from explanations.queries.factors import factors_of
from explanations.queries.why import why_of
from results.queries.evidence import folder_of
from results.queries.leaderboard import leaderboard_for
from training.models import Experiment
from training.queries.best_score_chart import labels_for

REASONS = ["importance", "beeswarm", "dependence", "waterfall"]


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[[Experiment], Experiment], explain: Callable[[Experiment], None]
) -> Experiment:
    finished = finish(draft)
    explain(finished)
    return finished


@pytest.fixture
def age_is_open(experiment: Experiment) -> Experiment:
    """By its name age looks protected; here somebody has said that it is not."""
    said = {"protected": "no", "set_by": experiment.owner}
    ColumnSetting.objects.update_or_create(dataset=experiment.version.dataset, name="age", defaults=said)
    experiment.spec["protected"] = []
    experiment.save()
    return experiment


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


def test_a_customers_steps_add_up_to_the_models_margin(experiment: Experiment) -> None:
    row = experiment.leaderboard.get(candidate="scorecard")
    explained = explanation_of(row)

    table = reasons_table("waterfall", row, explained, {"customer": "near"})

    assert table is not None
    *steps, margin = [row[2] for row in table.rows]
    assert sum(steps) == pytest.approx(margin)


def test_the_page_of_reasons_tells_each_factor_in_a_sentence(browser: Client, age_is_open: Experiment) -> None:
    experiment = age_is_open
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

    assert "Combined effect with job, which carries the same information" in page


def test_codes_are_told_by_what_the_dictionary_says_they_mean(browser: Client, age_is_open: Experiment) -> None:
    experiment = age_is_open
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
        chart = draw_reasons("waterfall", experiment, row, {"customer": "high"}, labels_for(experiment))
        table = reasons_table("waterfall", row, explanation_of(row), {"customer": "high"})

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


def test_a_model_without_explanation_has_a_page_that_says_so(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    finish(draft)

    answer = browser.get(reverse("experiment_why", args=[draft.pk]) + "?candidate=lightgbm")

    assert answer.status_code == 200
    assert "This model has not been explained" in answer.content.decode()


@pytest.mark.parametrize("name", REASONS)
def test_a_chart_of_reasons_is_plain_json_whose_colours_are_names(
    name: str, browser: Client, experiment: Experiment
) -> None:
    address = reverse("reasons_chart", args=[experiment.pk, name])

    figure = browser.get(address + "?candidate=scorecard&column=age&customer=near").json()

    assert set(figure) == {"data", "layout"}
    assert figure["data"]
    assert "token:" in str(figure)
    assert "#" not in str(figure["data"])


@pytest.mark.parametrize("name", ["nothing", "dependence", "roc"])
def test_a_chart_of_reasons_that_does_not_exist_is_not_found(
    name: str, browser: Client, experiment: Experiment
) -> None:
    assert browser.get(reverse("reasons_chart", args=[experiment.pk, name])).status_code == 404
    assert browser.get(reverse("reasons_chart_table", args=[experiment.pk, name])).status_code == 404


@pytest.mark.parametrize("name", REASONS)
def test_every_chart_of_reasons_has_its_numbers_as_a_download(
    name: str, browser: Client, experiment: Experiment
) -> None:
    address = reverse("reasons_chart_table", args=[experiment.pk, name])

    answer = browser.get(address + "?column=age&customer=high")

    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_charts_of_reasons_are_for_members_only(
    experiment: Experiment, client_of: Callable[[User], Client], stranger: User
) -> None:
    for name in ("reasons_chart", "reasons_chart_table"):
        assert client_of(stranger).get(reverse(name, args=[experiment.pk, "importance"])).status_code == 404


def test_the_page_of_reasons_leads_to_one_customer(browser: Client, experiment: Experiment) -> None:
    page = browser.get(reverse("experiment_why", args=[experiment.pk])).content.decode()
    assert reverse("experiment_customer", args=[experiment.pk]) + "?candidate=scorecard" in page


@pytest.mark.parametrize("has_meanings", [False, True])
def test_sensitive_values_of_example_customers_are_not_shown(
    has_meanings: bool, browser: Client, age_is_open: Experiment, analyst: User
) -> None:
    experiment = age_is_open
    column = "age"
    row = experiment.leaderboard.get(is_recommended=True)
    waterfall = explanation_of(row).examples["high"].waterfall
    assert waterfall is not None
    own = next(step.value for step in waterfall.steps if step.column == column)
    if has_meanings:
        experiment.spec["value_labels"] = {column: {own: {"en": "secret words"}}}
        experiment.save()
    DictionaryEntry.objects.create(dataset=experiment.version.dataset, name=column, is_sensitive=True, set_by=analyst)

    page = browser.get(reverse("experiment_why", args=[experiment.pk]), {"part": "customer"}).content.decode()
    chart = browser.get(reverse("reasons_chart", args=[experiment.pk, "waterfall"])).content.decode()
    download = browser.get(reverse("reasons_chart_table", args=[experiment.pk, "waterfall"]))
    table = b"".join(download.streaming_content).decode("utf-8-sig")

    assert "(31)" not in page
    assert "***" in page
    for shown in (page, chart, table):
        assert "secret words" not in shown
    assert "age ***" in chart
    assert next(cells[1] for cells in csv.reader(io.StringIO(table)) if cells[0] == column) == "***"


@pytest.mark.parametrize("is_personal", [False, True])
def test_no_chart_sentence_or_file_names_the_levels_of_a_sensitive_or_personal_column(
    is_personal: bool, browser: Client, experiment: Experiment, analyst: User
) -> None:
    table = experiment.version
    if is_personal:
        Column.objects.create(version=table, position=90, name="job", type="categorical", personal_data="name")
    else:
        DictionaryEntry.objects.create(dataset=table.dataset, name="job", is_sensitive=True, set_by=analyst)
    address = reverse("experiment_why", args=[experiment.pk])

    pages = [browser.get(address, {"part": part, "column": "job"}).content.decode() for part in ("", "factor")]
    swarm = browser.get(reverse("reasons_chart", args=[experiment.pk, "beeswarm"])).content.decode()
    files = browser.get(reverse("reasons_chart_table", args=[experiment.pk, "importance"]))
    download = b"".join(files.streaming_content).decode("utf-8-sig")

    for shown in (*pages, swarm, download):
        assert "driver" not in shown
        assert "clerk" not in shown
    assert "Sensitive: its values are not shown" in pages[0]
    for chart in ("reasons_chart", "reasons_chart_table"):
        assert browser.get(reverse(chart, args=[experiment.pk, "dependence"]), {"column": "job"}).status_code == 404


def test_the_dots_of_a_protected_column_do_not_tell_who_has_which_value(
    browser: Client, experiment: Experiment
) -> None:
    address = reverse("reasons_chart", args=[experiment.pk, "beeswarm"])
    assert "age" in experiment.asked.protected
    assert "colorscale" not in browser.get(address).content.decode()

    said = {"protected": "no", "set_by": experiment.owner}
    ColumnSetting.objects.update_or_create(dataset=experiment.version.dataset, name="age", defaults=said)
    experiment.spec["protected"] = []
    experiment.save()

    assert "colorscale" in browser.get(address).content.decode()


@pytest.mark.parametrize("said", ["", "dictionary", "run"])
def test_protected_values_of_example_customers_are_not_shown(
    said: str, browser: Client, age_is_open: Experiment, analyst: User
) -> None:
    experiment = age_is_open
    ColumnSetting.objects.filter(name="age").update(protected="no" if said else "")
    if said == "dictionary":
        dataset = experiment.version.dataset
        DictionaryEntry.objects.create(dataset=dataset, name="age", is_protected=True, set_by=analyst)
    if said == "run":
        experiment.spec["protected"] = ["age"]
        experiment.save()

    page = browser.get(reverse("experiment_why", args=[experiment.pk]), {"part": "customer"}).content.decode()
    chart = browser.get(reverse("reasons_chart", args=[experiment.pk, "waterfall"])).content.decode()

    # Nor whether it is high or low.
    assert "age is ***" in page
    assert "(31)" not in page
    assert "age ***" in chart
