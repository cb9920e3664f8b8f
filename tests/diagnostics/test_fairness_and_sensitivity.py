"""Fairness of a chosen column, and what a model loses without a source of its columns."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from django.test import Client
from django.urls import reverse

from accounts.models import User
from diagnostics.job_kinds import JobKind
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.fairness import looked_at
from dictionary.models import DictionaryEntry
from experiments.artifact.held_out_scores import HELD_OUT, read_held_out
from experiments.artifact.manifest import attach
from experiments.scoring.sensitivity import NOISE
from jobs.models import Job
from results.queries.evidence import folder_of
from tests.diagnostics.looking import file, page, readings_of, taken
from tests.experiments.loans import loans, model_of
from training.models import Experiment, LeaderboardRow


def test_fairness_is_never_called_lawful(browser: Client, experiment: Experiment) -> None:
    text = page(browser, experiment, "fairness")
    assert "They do not say that a use is lawful." in text
    assert "compliant" not in text.lower()
    assert "month (AUC 0.80)" in text


def test_fairness_of_a_chosen_column_is_on_record_with_who_looked(
    browser: Client, experiment: Experiment, run_jobs: Callable[[], None], modeler: User
) -> None:
    row = experiment.leaderboard.get(is_recommended=True)
    assert looked_at(row) is None
    taken(row, Subject.FAIRNESS, {"column": "age"}, {"column": "age", "table": {}, "proxies": []}, modeler)
    found = looked_at(row)
    assert found is not None
    assert found.asked_by == modeler


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
    assert readings_of(refittable) == readings + 1
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
    assert "Refitted with the bins cut by hand" in page(browser, refittable, "sensitivity")


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
