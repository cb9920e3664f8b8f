"""The closer looks at a result: each page, its file and the API tell the same table; what is asked a worker answers."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, Role, User
from diagnostics.job_kinds import JobKind
from diagnostics.models import Inquiry, Subject
from diagnostics.queries import calibration, fairness
from diagnostics.queries.fairness import looked_at
from diagnostics.queries.inquiries import key_of, latest
from diagnostics.queries.parts import PARTS, Subjected
from diagnostics.runner import answering
from dictionary.models import DictionaryEntry
from experiments.artifact.held_out_scores import HELD_OUT, read_held_out
from experiments.artifact.manifest import attach
from experiments.evaluation.segment_gain import SegmentGain
from experiments.scoring.sensitivity import NOISE
from jobs.context import JobContext
from jobs.models import Job, JobState
from results.queries.evidence import folder_of
from results.queries.leaderboard import leaderboard_for
from tests.experiments.loans import loans, model_of
from training.models import Experiment, LeaderboardRow


def page(browser: Client, experiment: Experiment, name: str, query: str = "", language: str = "en") -> str:
    address = reverse("experiment_look", args=[experiment.pk, name]) + query
    answer = browser.get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def file(browser: Client, experiment: Experiment, name: str, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(reverse("experiment_look_table", args=[experiment.pk, name]) + query)
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def taken(row: LeaderboardRow, subject: str, asked: dict[str, Any], answer: dict[str, Any], user: User) -> None:
    Inquiry.objects.create(
        experiment=row.experiment, candidate=row.candidate, subject=subject, asked=asked, answer=answer, asked_by=user,
        key=key_of(row, subject, asked),
    )  # fmt: skip


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
    assert "The rows are being read in the background" in browser.get(answer["Location"]).content.decode()
    run_jobs()
    # Scores that were kept are cut; no model reads the rows again.
    assert _readings(experiment) == experiment.out_of_time_readings
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
    assert Job.objects.filter(kind=JobKind.INQUIRY).count() == 1


def test_fairness_of_a_chosen_column_is_on_record_with_who_looked(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None], modeler: User
) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    assert looked_at(row) is None
    taken(row, Subject.FAIRNESS, {"column": "age"}, {"column": "age", "table": {}, "proxies": []}, modeler)
    found = looked_at(row)
    assert found is not None
    assert found.asked_by == modeler


def test_what_was_found_of_a_model_is_not_told_of_the_one_that_a_continued_run_puts_in_its_place(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None], modeler: User
) -> None:
    browser.post(reverse("experiment_look_ask", args=[experiment.pk, "segments"]), {"column": "age"})
    run_jobs()
    row = experiment.leaderboard.get(is_recommended=True)
    taken(row, Subject.FAIRNESS, {"column": "age"}, {"column": "age", "table": {}, "proxies": []}, modeler)
    assert (len(file(browser, experiment, "segments")), bool(looked_at(row))) == (4, True)

    row.model_hash = "another"
    row.save()

    assert latest(experiment, row, Subject.SEGMENTS) is None
    assert looked_at(row) is None
    assert browser.get(reverse("experiment_look_table", args=[experiment.pk, "segments"])).status_code == 404


def test_sensitivity_is_asked_anew_once_the_dictionary_names_other_sources(
    browser: Client, experiment: Experiment, modeler: User
) -> None:
    address = reverse("experiment_look_ask", args=[experiment.pk, "sensitivity"])
    browser.post(address)
    browser.post(address)
    assert [each.asked for each in Inquiry.objects.all()] == [{"noise": NOISE, "sources": {}}]
    DictionaryEntry.objects.create(
        dataset=experiment.version.dataset, name="age", source="Bureau", enumerations={}, set_by=modeler
    )
    browser.post(address)
    assert Job.objects.filter(kind=JobKind.INQUIRY).count() == 2
    assert Inquiry.objects.first().asked["sources"] == {"Bureau": ["age"]}  # type: ignore[union-attr]


def test_crossed_segments_hold_every_row_once(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None]
) -> None:
    offered = {"column": "age", "second": "month", "sample": "validation"}
    browser.post(reverse("experiment_look_ask", args=[experiment.pk, "segments"]), offered)
    run_jobs()
    answer = Inquiry.objects.get().answer
    assert sum(each["row"]["rows"] for each in answer["crossed"]) == 400
    rows = file(browser, experiment, "segments", "?column=age&second=month&sample=validation")
    assert len(rows) == len(answer["crossed"]) > 4
    assert all(" and " in row["Segment"] for row in rows)


def test_the_fairness_of_a_chosen_column_is_measured_by_a_worker_on_the_scores_that_were_kept(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None], settings: Any
) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    folder = folder_of(row)
    kept = read_held_out(folder)
    assert kept is not None
    shutil.rmtree(folder)
    model_of("linear").save(folder)
    attach(folder, {HELD_OUT: kept.to_parquet()})
    table = Path(settings.MEDIA_ROOT) / "loans.parquet"
    loans(400).drop(columns="age").join(pd.read_parquet(table)).to_parquet(table)

    browser.post(reverse("experiment_look_ask", args=[experiment.pk, "fairness"]), {"column": "age", "share": "60"})
    run_jobs()

    answer = Inquiry.objects.get().answer
    assert answer["column"] == "age"
    assert sum(group["rows"] for group in answer["table"]["rows"]) == 400
    # The score rises with age, and the lowest six in ten are approved: the oldest are approved least.
    rates = [group["selection_rate"] for group in answer["table"]["rows"]]
    assert (max(rates), min(rates)) == (1, 0)
    rows = file(browser, experiment, "fairness", "?column=age&share=60")
    assert len(rows) == len(rates)


def _readings(experiment: Experiment) -> int:
    return Experiment.objects.get(pk=experiment.pk).out_of_time_readings


@pytest.fixture
def refittable(experiment: Experiment, settings: Any) -> Experiment:
    """An experiment whose recommended model is a real one, over a table with numbers, words and gaps."""
    row = experiment.leaderboard.get(is_recommended=True)
    folder = folder_of(row)
    kept = read_held_out(folder)
    assert kept is not None
    shutil.rmtree(folder)
    model = model_of("linear")
    model.facts["params"] = {"C": 0.05, "knots": 4}
    model.save(folder)
    attach(folder, {HELD_OUT: kept.to_parquet()})
    row.learner = "linear"
    row.save()
    table = Path(settings.MEDIA_ROOT) / "loans.parquet"
    loans(400).drop(columns="age").join(pd.read_parquet(table)).to_parquet(table)
    return experiment


def test_models_of_the_segments_are_fitted_when_that_is_asked(
    browser: Client, refittable: Experiment, run_jobs: Callable[[], None]
) -> None:
    asked = {"column": "age", "sample": "validation", "own_models": "on"}
    readings = refittable.out_of_time_readings
    answer = browser.post(reverse("experiment_look_ask", args=[refittable.pk, "segments"]), asked)
    run_jobs()
    assert _readings(refittable) == readings + 1
    inquiry = Inquiry.objects.get()
    # Compared on held-out rows, whatever sample was chosen for the rest.
    assert inquiry.asked["sample"] == "out_of_time"
    assert [each["state"] for each in inquiry.answer["gains"]] == ["too_few"] * len(inquiry.answer["rows"])
    text = browser.get(answer["Location"]).content.decode()
    assert "No segment has enough rows for a model of its own." in text
    assert "with the same settings, fitted on the same training rows" in text
    rows = file(browser, refittable, "segments", "?column=age&own_models=on")
    assert {row["Gain in AUC"] for row in rows} == {"too few rows"}
    # Nothing of it can be drawn, so the page must not ask for a chart that is not there.
    figure = reverse("experiment_look_figure", args=[refittable.pk, "segments"])
    assert figure not in text
    assert browser.get(f"{figure}?column=age&own_models=on").status_code == 404


@pytest.mark.parametrize("name", [*KEPT, "segments"])
def test_a_page_asks_only_for_a_chart_that_can_be_drawn(browser: Client, experiment: Experiment, name: str) -> None:
    figure = reverse("experiment_look_figure", args=[experiment.pk, name])
    can_be_drawn = browser.get(figure).status_code == 200
    assert (f'data-figure-url="{figure}' in page(browser, experiment, name)) == can_be_drawn


def gain_of(state: str = "judged", **values: float) -> dict[str, Any]:
    judged = {"common": 0.7, "own": 0.75, "gain": 0.05, "low": 0.01, "high": 0.09, "p_holm": 0.02}
    return SegmentGain(state, 900, 100, 40, **(judged | values)).to_dict()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "p_holm", "language", "told"),
    [
        (0.01, 0.02, "en", "significantly better with a model of their own: 1 of 2;"),
        (0.01, 0.06, "en", "A model of its own is significantly better in none of the 2 segments"),
        (0.01, 0.02, "zh-hans", "单独建模"),
    ],
)
def test_the_gain_of_a_segment_counts_only_after_correction_for_all_of_them(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None], low: float, p_holm: float, language: str,
    told: str,
) -> None:  # fmt: skip
    asked = {"column": "age", "own_models": "on"}
    browser.post(reverse("experiment_look_ask", args=[experiment.pk, "segments"]), {"column": "age"})
    run_jobs()
    inquiry = Inquiry.objects.get()
    rows = inquiry.answer["rows"][:2]
    inquiry.asked |= {"own_models": True}
    inquiry.key = key_of(experiment.leaderboard.get(is_recommended=True), Subject.SEGMENTS, inquiry.asked)
    inquiry.answer = {
        "rows": rows, "refitted": "lightgbm", "whole": gain_of(gain=0.001, low=-0.002, high=0.004),
        "gains": [gain_of(low=low, p_holm=p_holm), gain_of(gain=-0.01, low=-0.03, high=0.01, p_holm=1.0)],
    }  # fmt: skip
    inquiry.save()
    text = page(browser, experiment, "segments", "?" + urlencode(asked), language)
    assert told in text
    figure = browser.get(reverse("experiment_look_figure", args=[experiment.pk, "segments"]) + "?" + urlencode(asked))
    assert figure.status_code == 200
    (marks,) = (trace for trace in json.loads(figure.content)["data"] if trace.get("mode") == "markers")
    assert sorted(marks["x"]) == [-0.01, 0.05]


def test_nothing_is_cut_by_a_sensitive_column_whatever_was_found_before(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None], modeler: User
) -> None:
    address = reverse("experiment_look_ask", args=[experiment.pk, "segments"])
    browser.post(address, {"column": "age"})
    run_jobs()
    assert re.search(r"below \d", page(browser, experiment, "segments", "?column=age"))
    DictionaryEntry.objects.create(
        dataset=experiment.version.dataset, name="age", is_sensitive=True, enumerations={}, set_by=modeler
    )
    for name in ("segments", "fairness", "columns"):
        shown = page(browser, experiment, name, "?column=age")
        assert not re.search(r"below \d", shown)
        assert '<option value="age"' not in shown
    browser.post(address, {"column": "age", "second": "month"})
    assert Job.objects.filter(kind=JobKind.INQUIRY).count() == 1


def test_a_model_is_refitted_without_each_source_of_the_dictionary(
    browser: Client, refittable: Experiment, run_jobs: Callable[[], None], modeler: User
) -> None:
    for name, source in (("income", "Bureau"), ("income_again", "Bureau"), ("job", "Own records"), ("gone", "None")):
        DictionaryEntry.objects.create(
            dataset=refittable.version.dataset, name=name, source=source, enumerations={}, set_by=modeler
        )
    readings = refittable.out_of_time_readings
    browser.post(reverse("experiment_look_ask", args=[refittable.pk, "sensitivity"]))
    run_jobs()
    assert _readings(refittable) == readings + 1
    assert "read once more for this" in page(browser, refittable, "sensitivity")
    answer = Inquiry.objects.get().answer
    found = {(each["kind"], each["name"]): each for each in answer["rows"]}
    assert found["without", "Bureau"]["columns"] == 2
    assert found["without", "Own records"]["columns"] == 1
    assert ("without", "None") not in found
    assert found["missing", "Bureau"]["columns"] == 2
    for each in answer["rows"]:
        assert each["auc_change_low"] <= each["auc_change"] <= each["auc_change_high"]
    rows = file(browser, refittable, "sensitivity")
    assert {row["To"] for row in rows if row["Test"] == "Refitted without the source"} == {"Bureau", "Own records"}

    row = refittable.leaderboard.get(is_recommended=True)
    assert "cut by hand" not in page(browser, refittable, "sensitivity")
    row.evidence |= {"by_hand": {"made_of": "scorecard", "changes": 2}}
    row.save()
    assert "Refitted with the bins as they were cut by hand" in page(browser, refittable, "sensitivity")


def test_of_an_ensemble_the_best_single_model_is_refitted_and_named(
    browser: Client, refittable: Experiment, run_jobs: Callable[[], None], modeler: User
) -> None:
    DictionaryEntry.objects.create(
        dataset=refittable.version.dataset, name="income", source="Bureau", enumerations={}, set_by=modeler
    )
    row = refittable.leaderboard.get(is_recommended=True)
    single = refittable.leaderboard.exclude(pk=row.pk).get()
    shutil.rmtree(folder_of(single))
    shutil.copytree(folder_of(row), folder_of(single))
    LeaderboardRow.objects.filter(pk=row.pk).update(learner="ensemble")
    LeaderboardRow.objects.filter(pk=single.pk).update(learner="linear")
    browser.post(reverse("experiment_look_ask", args=[refittable.pk, "sensitivity"]))
    run_jobs()
    assert Inquiry.objects.get().answer["refitted"] == "linear"
    told = page(browser, refittable, "sensitivity")
    assert "Instead of Ensemble, which combines other models, its best single one was refitted" in told


def test_before_anything_was_measured_the_page_says_what_to_press(
    browser: Client, client_of: Callable[[User], Client], add_person: Callable[..., User], experiment: Experiment
) -> None:
    assert "Press the button above" in page(browser, experiment, "sensitivity")
    reader = client_of(add_person("reader", Role.ANALYST))
    told = page(reader, experiment, "sensitivity")
    assert "Those who may change this experiment can start this analysis." in told
    assert "Press the button above" not in told


@pytest.mark.parametrize(
    ("answer", "sample"),
    [({"rows": []}, "validation"), ({}, "out_of_time"), ({"message": "Gone.", "params": {}}, "out_of_time")],
)
def test_the_sample_that_was_asked_for_is_named_only_where_a_worker_measured_on_it(
    experiment: Experiment, answer: dict[str, Any], sample: str
) -> None:
    board = leaderboard_for(experiment)
    line = board.line_of("")
    assert line is not None
    inquiry = Inquiry(subject=Subject.SEGMENTS, asked={"sample": "validation"}, answer=answer)
    assert Subjected(experiment, line, board, {}, inquiry).sample == sample


def test_a_look_whose_experiment_was_deleted_meanwhile_ends_quietly(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], list[Job]], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.post(reverse("experiment_look_ask", args=[experiment.pk, "segments"]), {"column": "age"})

    def deleted_meanwhile(inquiry: Inquiry, context: JobContext) -> dict[str, Any]:
        Inquiry.objects.all().delete()
        return {"rows": []}

    monkeypatch.setitem(answering.ANSWERS, Subject.SEGMENTS, deleted_meanwhile)
    assert [job.state for job in run_jobs()] == [JobState.SUCCEEDED]
    assert not Inquiry.objects.exists()


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
