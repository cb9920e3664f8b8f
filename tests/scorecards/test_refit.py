"""A card changed by hand is fitted on the real table, joins the leaderboard, and goes the way of every finalist."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.storage import local_path
from dictionary.models import DictionaryEntry
from experiments import ModelArtifact
from experiments.artifact.held_out_scores import read_held_out
from experiments.report.background import Background
from experiments.report.making import document_of
from experiments.scoring.sql import model_sql
from experiments.search.held_out import READINGS
from experiments.search.reasons import CUT_ON_ALL
from jobs.models import Job
from scorecards import services
from scorecards.models import CardRefit, EditedCard
from tests.registry.conftest import submit_gathered
from tests.training.test_real_comparison import customers
from training.models import Experiment, ExperimentState
from training.queries.repeats import hashes_of

RunJobs = Callable[[], list[Job]]


@pytest.mark.slow
def test_an_edited_card_becomes_a_finalist_whose_points_score_and_sql_agree(
    real_run: Callable[..., Experiment], analyst: User, client_of: Callable[[User], Client], run_jobs: RunJobs,
) -> None:  # fmt: skip
    table = customers(1_500, 0, seed=1)
    experiment = real_run("first", table)
    Experiment.objects.filter(pk=experiment.pk).update(state=ExperimentState.FINISHED)
    made_of = experiment.leaderboard.get(candidate="scorecard")
    ranks, readings = experiment.leaderboard.count(), experiment.out_of_time_readings
    hashes, browser = hashes_of(experiment), client_of(analyst)
    page = reverse("card_bench", args=[experiment.pk, "scorecard"])
    assert page in browser.get(reverse("experiment_result", args=[experiment.pk]) + "?candidate=scorecard").text

    browser.post(reverse("card_open", args=[experiment.pk, "scorecard"]))
    run_jobs()
    card = EditedCard.objects.get()
    # Training rows only are counted: those set aside are in none of the bins.
    set_aside = read_held_out(local_path(made_of.model_path))
    assert set_aside is not None
    names = [column.name for column in card.now.on_card]
    assert browser.get(page).context["bench"].rows == 1_500 - len(set_aside.rows)
    merged = next(column for column in card.now.on_card if len(column.regular) > 2)
    edit(card, analyst, "merge", column=merged.name, bin=0)
    edit(card, analyst, "scale", base=700, odds=30, pdo=45)
    edit(card, analyst, "want", column=merged.name, wanted="in")
    services.refit(card, analyst, revision=card.revision)
    run_jobs()

    refit = CardRefit.objects.get()
    assert refit.refusal == {}
    row = refit.leaderboard_row
    assert row is not None
    assert (row.candidate, row.learner, row.is_recommended) == ("scorecard_by_hand_1", "scorecard", False)
    assert row.kept.by_hand is not None
    assert (row.kept.by_hand.made_of, row.kept.by_hand.changes) == ("scorecard", 3)
    experiment.refresh_from_db()
    assert sorted(experiment.leaderboard.values_list("rank", flat=True)) == list(range(1, ranks + 2))
    # Opening the card read the rows set aside once and the refit once more; the models of the run stay those of it.
    assert experiment.out_of_time_readings == readings + 2
    ledger = [json.loads(line) for line in (experiment.work_dir / READINGS).read_text().splitlines()]
    assert len(ledger) == readings + 2
    assert ledger[-1]["candidates"] == ["scorecard_by_hand_1"]
    assert hashes_of(experiment) == hashes
    assert row.measures.out_of_time is not None
    assert_points_agree(row.model_path, table, merged.name, card)
    settings = browser.get(reverse("experiment_settings", args=[experiment.pk])).text
    assert "1 scorecard edited by hand goes with it" in settings
    shown = browser.get(reverse("experiment_result", args=[experiment.pk]) + f"?candidate={row.candidate}")
    assert "WOE scorecard, edited (1)" in shown.text
    assert "Edited by hand" in shown.text
    assert "slightly optimistic" in shown.text
    paper = document_of(local_path(row.model_path), "en", Background())
    cells = [
        cell.text for chapter in paper.chapters for block in chapter.blocks for line in getattr(block, "rows", ())
        for cell in line
    ]  # fmt: skip
    assert "Binned by hand" in cells
    assert CUT_ON_ALL in cells
    points = browser.get(reverse("card_points", args=[experiment.pk, row.candidate]))
    assert names[0] in b"".join(points.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    submit_gathered(row, analyst)
    again = services.open_card(row, analyst)
    run_jobs()
    again.refresh_from_db()
    assert again.now.pdo == 45
    assert again.rates_seen.sample == "out_of_time"
    sql = reverse("card_sql", args=[experiment.pk, row.candidate])
    assert "SELECT" in browser.get(sql).text
    dataset = experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name=merged.name, is_sensitive=True, set_by=analyst)
    refused = browser.get(sql, follow=True)
    assert f"sensitive columns ({merged.name})" in refused.text


def edit(card: EditedCard, user: User, act: str, **fields: Any) -> None:
    services.edit(card, user, act=act, fields=fields, revision=card.revision)


def assert_points_agree(model_path: str, table: pd.DataFrame, merged: str, card: EditedCard) -> None:
    """The printed points, the score of a file and the SQL say the same, on the scale that was asked for."""
    folder, few = local_path(model_path), table.head(80).assign(month=pd.to_datetime(table.head(80)["month"]))
    model = ModelArtifact.load(folder)
    scored = model.score(few, reasons=0).frame
    p = scored["probability"].to_numpy()
    expected = 700 - 45 / np.log(2) * (np.log(30) + np.log(p / (1 - p)))
    assert scored["points"].to_numpy() == pytest.approx(expected, abs=0.01)
    assert scored["score"].to_numpy() == pytest.approx(expected, abs=0.06)
    database = sqlite3.connect(":memory:")
    few.assign(month=few["month"].dt.strftime("%Y-%m-%d")).to_sql("loans", database, index=False)
    told = pd.read_sql(model_sql(folder, "loans"), database)
    assert told["points"].to_numpy() == pytest.approx(expected, abs=0.01)
    assert told["score"].to_numpy() == pytest.approx(expected, abs=0.01)
    (member,) = model.members
    assert member.card.binning_.bins_[merged].edges == list(card.now.column(merged).edges)  # type: ignore[attr-defined]
