"""The closer looks at a result: each page, its file and the API tell the same table; what is asked a worker answers."""

import csv
import io
import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, Role, User
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.fairness import looked_at
from diagnostics.queries.parts import PARTS
from experiments.artifact.held_out_scores import read_held_out
from results.queries.evidence import folder_of
from training.models import Experiment


def page(browser: Client, experiment: Experiment, name: str, query: str = "", language: str = "en") -> str:
    address = reverse("experiment_look", args=[experiment.pk, name]) + query
    answer = browser.get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def file(browser: Client, experiment: Experiment, name: str, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(reverse("experiment_look_table", args=[experiment.pk, name]) + query)
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


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


def test_fairness_is_never_called_lawful(browser: Client, experiment: Experiment) -> None:
    text = page(browser, experiment, "fairness")
    assert "They do not say that a use is lawful." in text
    assert "compliant" not in text.lower()
    assert "month (AUC 0.80)" in text


def test_segments_of_any_column_are_measured_by_a_worker_on_the_scores_that_were_kept(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None]
) -> None:
    asked = {"column": "age", "sample": "out_of_time"}
    answer = browser.post(reverse("experiment_look_ask", args=[experiment.pk, "segments"]), asked)
    assert "A worker is reading the rows" in browser.get(answer["Location"]).content.decode()
    run_jobs()
    rows = file(browser, experiment, "segments", "?column=age&sample=out_of_time")
    assert sum(int(row["Rows"]) for row in rows) == 400
    assert len(rows) == 4
    kept = read_held_out(folder_of(experiment.leaderboard.get(is_recommended=True)))
    assert kept is not None
    assert sum(int(row["Events"]) for row in rows) == kept.outcomes.sum()
    # The score rises with age alone, so that the youngest quarter has the lowest scores.
    (youngest,) = (row for row in rows if "below" in row["Segment"] and "to" not in row["Segment"])
    lowest = np.argsort(kept.p, kind="stable")[: int(youngest["Rows"])]
    assert float(youngest["Event rate"]) == pytest.approx(kept.outcomes[lowest].mean())


def test_the_same_look_is_taken_once(browser: Client, experiment: Experiment, run_jobs: Callable[[], None]) -> None:
    address = reverse("experiment_look_ask", args=[experiment.pk, "segments"])
    for _time in range(2):
        browser.post(address, {"column": "age"})
    assert Inquiry.objects.count() == 1
    run_jobs()
    browser.post(address, {"column": "age"})
    assert Inquiry.objects.get().answer["rows"]


def test_fairness_of_a_chosen_column_is_on_record_with_who_looked(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None], modeler: User
) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    assert looked_at(row) is None
    Inquiry.objects.create(
        experiment=experiment, candidate=row.candidate, subject=Subject.FAIRNESS, asked={"column": "age"}, key="k",
        answer={"column": "age", "table": {}, "proxies": []}, asked_by=modeler,
    )  # fmt: skip
    found = looked_at(row)
    assert found is not None
    assert found.asked_by == modeler


def test_what_cannot_be_worked_out_says_so(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None]
) -> None:
    for row in experiment.leaderboard.all():
        row.model_path = ""
        row.save()
    answer = browser.post(reverse("experiment_look_ask", args=[experiment.pk, "segments"]), {"column": "age"})
    run_jobs()
    text = browser.get(answer["Location"]).content.decode()
    assert "This model is no longer on the leaderboard." in text


def test_who_may_not_change_the_experiment_cannot_ask(
    client_of: Callable[[User], Client], add_person: Callable[..., User], experiment: Experiment
) -> None:
    answer = client_of(add_person("reader", Role.ANALYST)).post(
        reverse("experiment_look_ask", args=[experiment.pk, "segments"]), {"column": "age"}
    )
    assert answer.status_code == 403
    assert not Inquiry.objects.exists()


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
