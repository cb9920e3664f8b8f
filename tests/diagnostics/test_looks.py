"""The closer looks at a result: each page, its file and the API tell the same table."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, Role, User
from diagnostics.queries import calibration, fairness
from diagnostics.queries.parts import PARTS, Subjected
from experiments.artifact.manifest import attach
from results.queries.evidence import folder_of
from results.queries.leaderboard import leaderboard_for
from tests.diagnostics.looking import file, page
from training.models import Experiment

KEPT = ("calibration", "stability", "columns", "screening", "fairness")


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_a_run_kept_is_told_by_a_sentence_and_a_table(
    browser: Client, experiment: Experiment, name: str, language: str
) -> None:
    text = page(browser, experiment, name, language=language)
    assert re.search(r'<p class="say look-say">\s*\S', text)
    assert text.count("<tr>") > 1


@pytest.mark.parametrize("name", [name for name in KEPT if name != "screening"])
def test_a_look_has_a_chart(browser: Client, experiment: Experiment, name: str) -> None:
    answer = browser.get(reverse("experiment_look_figure", args=[experiment.pk, name]))
    assert answer.status_code == 200
    assert json.loads(answer.content)["data"]


def test_the_parts_of_the_result_lead_to_every_look_and_back(browser: Client, experiment: Experiment) -> None:
    result = browser.get(reverse("experiment_result", args=[experiment.pk])).content.decode()
    for name in PARTS:
        assert reverse("experiment_look", args=[experiment.pk, name]) in result
    looked = page(browser, experiment, "calibration")
    assert reverse("experiment_result", args=[experiment.pk]) + "?part=curves" in looked
    assert re.search(r'class="on" aria-current="page">\s*Calibration', looked)


def test_the_file_of_calibration_has_samples_deciles_and_months(browser: Client, experiment: Experiment) -> None:
    rows = file(browser, experiment, "calibration")
    names = [row["Rows of"] for row in rows]
    assert names[0] == "Training"
    assert any("group 1" in name for name in names)
    assert "Month 2025-01" in names


def test_one_column_shows_its_bins(browser: Client, experiment: Experiment) -> None:
    rows = file(browser, experiment, "columns", "?column=age")
    assert sum(int(row["Rows"]) for row in rows) == 400
    assert "IV" in file(browser, experiment, "columns")[0]


def test_the_screening_tells_of_every_column_of_the_table_why_it_is_in_or_out(
    browser: Client, experiment: Experiment
) -> None:
    rows = {row["Column"]: row for row in file(browser, experiment, "screening")}
    assert set(rows) == {"month", "age", "bad"}
    assert rows["age"]["State"] == "kept"
    assert all(row["Why"] for row in rows.values())


@pytest.mark.parametrize("name", [*KEPT, "segments"])
def test_a_page_asks_only_for_a_chart_that_can_be_drawn(browser: Client, experiment: Experiment, name: str) -> None:
    figure = reverse("experiment_look_figure", args=[experiment.pk, name])
    can_be_drawn = browser.get(figure).status_code == 200
    assert (f'data-figure-url="{figure}' in page(browser, experiment, name)) == can_be_drawn


def test_before_anything_was_measured_the_page_says_what_to_press(
    browser: Client, client_of: Callable[[User], Client], add_person: Callable[..., User], experiment: Experiment
) -> None:
    assert "Press the button above" in page(browser, experiment, "sensitivity")
    reader = client_of(add_person("reader", Role.ANALYST))
    told = page(reader, experiment, "sensitivity")
    assert "Those who may change this experiment can start this analysis." in told
    assert "Press the button above" not in told


def test_months_and_groups_that_are_too_few_are_grey_and_not_marked(experiment: Experiment) -> None:
    board = leaderboard_for(experiment)
    line = board.line_of("")
    assert line is not None
    folder = folder_of(line.row)
    evidence = json.loads((folder / "evidence.json").read_text())
    few = {"is_enough": False, "observed_expected": 1.4, "observed_expected_low": 1.2, "observed_expected_high": 1.6}
    evidence["by_period"] = [month | few for month in evidence["by_period"]]
    attach(folder, {"evidence.json": json.dumps(evidence)})
    found = calibration.look(Subjected(experiment, line, board, {}))
    assert found is not None
    assert [row[5].tone for row in found.rows if row[0].text.startswith("Month")] == ["few", "few"]


def test_the_colour_of_a_ratio_is_that_of_its_verdict(experiment: Experiment) -> None:
    board = leaderboard_for(experiment)
    line = board.line_of("")
    assert line is not None
    of = Subjected(experiment, line, board, {})
    group = next(row for row in of.diagnosis.fairness[0].table.rows if not row.is_reference)
    for verdict, tone in (("adverse", "bad"), ("size", "warn"), ("too_few", "few"), ("alike", "")):
        judged = replace(group, verdict=verdict, impact=0.7)  # type: ignore[arg-type]
        cells = fairness._row(experiment, "Age", "age", judged)
        assert (cells[4].tone, cells[-1].tone) == (tone, tone)


def test_the_api_tells_what_the_page_tells(experiment: Experiment, modeler: User) -> None:
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=modeler, name="test", digest=ApiToken.digest_of(secret))
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    told = json.loads(program.get(f"/api/v1/experiments/{experiment.pk}/looks/columns").content)
    assert told["rows"][0][0] == "age"
    asked = program.post(
        f"/api/v1/experiments/{experiment.pk}/looks/segments", {"column": "age"}, content_type="application/json"
    )
    assert (asked.status_code, json.loads(asked.content)["is_waiting"]) == (202, True)


def test_over_the_api_what_was_asked_is_read_back(
    experiment: Experiment, modeler: User, run_jobs: Callable[[], None]
) -> None:
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=modeler, name="test", digest=ApiToken.digest_of(secret))
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    address = f"/api/v1/experiments/{experiment.pk}/looks/segments"

    def segments(query: str) -> list[Any]:
        rows: list[Any] = json.loads(program.get(address + query).content)["rows"]
        return [row[0].split(":")[0] for row in rows]

    asked = [
        json.loads(program.post(address, {"column": column}, content_type="application/json").content)["id"]
        for column in ("age", "month")
    ]
    run_jobs()

    assert set(segments("")) == set(segments("?column=month")) == set(segments(f"?inquiry={asked[1]}")) == {"month"}
    assert set(segments("?column=age")) == set(segments(f"?inquiry={asked[0]}")) == {"age"}
    assert program.get(f"{address}?inquiry={asked[1] + 1}").status_code == 404
    assert program.get(f"{address}?inquiry={asked[0]}&candidate=lightgbm").status_code == 404
    assert program.get(address.replace("segments", "fairness") + f"?inquiry={asked[0]}").status_code == 404


def test_the_score_table_comes_in_ten_twenty_and_a_hundred_groups_of_every_sample(
    browser: Client, experiment: Experiment
) -> None:
    address = reverse("experiment_result", args=[experiment.pk])
    text = browser.get(address + "?part=deciles&sample=train&groups=20").content.decode()
    assert text.count('<td class="tn">') == 20
    assert "groups=100" in text
    table = reverse("experiment_chart_table", args=[experiment.pk, "deciles"]) + "?sample=train&groups=100"
    content = b"".join(browser.get(table).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(content)))
    assert sum(int(row["rows"]) for row in rows) == 400
    # Where many customers have one score, fewer groups than a hundred can be told apart.
    assert 20 < len(rows) <= 100


def test_a_chart_is_named_with_the_colon_of_the_readers_language(browser: Client, experiment: Experiment) -> None:
    assert re.search(r'aria-label="[^"]+: [^"]+"', page(browser, experiment, "calibration"))
    shown = page(browser, experiment, "calibration", language="zh-hans")
    (label,) = re.findall(r'data-height="\d+" role="img" aria-label="([^"]+)"', shown)
    assert "：" in label
    assert ". " not in label
