"""Segments are asked for, measured by a worker on the scores that were kept, and told of the model they belong to."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from diagnostics.job_kinds import JobKind
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.fairness import looked_at
from diagnostics.queries.inquiries import key_of, latest
from diagnostics.queries.parts import Subjected
from diagnostics.runner import answering
from dictionary.models import DictionaryEntry
from experiments.artifact.held_out_scores import read_held_out
from experiments.evaluation.segment_gain import SegmentGain
from jobs.context import JobContext
from jobs.models import Job, JobState
from results.queries.evidence import folder_of
from results.queries.leaderboard import leaderboard_for
from tests.diagnostics.looking import file, page, readings_of, taken
from training.models import Experiment


def test_segments_of_any_column_are_measured_by_a_worker_on_the_scores_that_were_kept(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None]
) -> None:
    asked = {"column": "age", "sample": "out_of_time"}
    answer = browser.post(reverse("experiment_look_ask", args=[experiment.pk, "segments"]), asked)
    assert "The rows are being read in the background" in browser.get(answer["Location"]).content.decode()
    run_jobs()
    # Scores that were kept are cut; no model reads the rows again.
    assert readings_of(experiment) == experiment.out_of_time_readings
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


def test_models_of_the_segments_are_fitted_when_that_is_asked(
    browser: Client, refittable: Experiment, run_jobs: Callable[[], None]
) -> None:
    asked = {"column": "age", "sample": "validation", "own_models": "on"}
    readings = refittable.out_of_time_readings
    answer = browser.post(reverse("experiment_look_ask", args=[refittable.pk, "segments"]), asked)
    run_jobs()
    assert readings_of(refittable) == readings + 1
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
