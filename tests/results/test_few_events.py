"""Where the rows kept for the end hold three events, every page and the API say so and conclude nothing from them."""

import csv
from collections.abc import Callable
from dataclasses import replace
from math import nan
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from experiments.evaluation.segments import SegmentRow
from results.queries.leaderboard import leaderboard_for
from training.models import Experiment, LeaderboardRow

COUNTS = {"rows": 1113, "events": 3, "is_enough": False}
SENTENCE = "Too few to judge: 3 events in 1,113 rows."


@pytest.fixture
def experiment(
    draft: Experiment, finish: Callable[[Experiment], Experiment], explain: Callable[[Experiment], None]
) -> Experiment:
    finished = finish(draft)
    explain(finished)
    for row in finished.leaderboard.all():
        row.metrics["out_of_time"]["counts"] = COUNTS
        row.evidence["limits"] = [
            {
                "code": "ks_gap", "value": 0.4, "limit": 0.05, "is_kept": None,
                "message": "KS falls by %(value)s from training rows to rows set aside; the limit is %(limit)s.",
                "params": {"value": "0.400", "limit": "0.050"},
            }
        ]  # fmt: skip
        row.save()
    return finished


def test_the_result_page_says_it_and_judges_nothing(
    experiment: Experiment, client_of: Callable[[User], Client], analyst: User
) -> None:
    page = client_of(analyst).get(reverse("experiment_result", args=[experiment.pk])).content.decode()
    assert SENTENCE in page
    assert 'class="v beside few"' in page
    assert "Over the limit" not in page
    assert "Within limits" not in page
    assert "Within the limit" not in page
    assert "Probabilities can be used as they are" not in page
    assert page.count("Too few to judge") >= 3


def test_the_leaderboard_its_file_and_the_api_have_a_field_for_it(
    experiment: Experiment, client_of: Callable[[User], Client], analyst: User
) -> None:
    leaderboard = leaderboard_for(experiment)
    assert {(line.is_tested_enough, line.limits_state) for line in leaderboard.lines} == {(False, "unjudged")}
    browser = client_of(analyst)
    rows = b"".join(browser.get(reverse("experiment_leaderboard_csv", args=[experiment.pk])).streaming_content)  # type: ignore[attr-defined]
    assert b"out_of_time_too_few_to_judge" in rows
    first = next(csv.DictReader(rows.decode("utf-8-sig").splitlines()))
    assert (first["validation_too_few_to_judge"], first["out_of_time_too_few_to_judge"]) == ("0", "1")
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=analyst, name="test", digest=ApiToken.digest_of(secret))
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    (row, *_others) = caller.get(f"/api/v1/experiments/{experiment.pk}/leaderboard").json()
    assert row["too_few_to_judge"] == ["out_of_time"]
    assert row["metrics"]["out_of_time"]["counts"] == COUNTS


def test_the_lists_show_the_number_in_grey(
    experiment: Experiment, client_of: Callable[[User], Client], analyst: User
) -> None:
    browser = client_of(analyst)
    for address in (reverse("experiment_list"), "/"):
        assert 'class="num few"' in browser.get(address).content.decode(), address


def test_a_segment_too_small_to_judge_stands_in_grey_with_its_counts(
    experiment: Experiment, client_of: Callable[[User], Client], analyst: User, monkeypatch: Any
) -> None:
    from results.queries.evidence import evidence_of

    def row(label: str, **values: Any) -> SegmentRow:
        numbers = dict.fromkeys(
            ("low", "high", "share", "mean_probability", "observed_expected_low", "observed_expected_high", "lift"), nan
        )
        plain = {
            "column": "job",
            "kind": "level",
            "label": label,
            "rows": 400,
            "events": 80,
            "event_rate": 0.2,
            "is_weak": False,
            "auc": nan,
            "auc_low": nan,
            "auc_high": nan,
            "ks": nan,
            "observed_expected": 3.0,
        }
        return SegmentRow(**(numbers | plain | values))

    segments = (
        row("clerk", auc=0.7, auc_low=0.6, auc_high=0.8, is_enough=True),
        row("judge", rows=40, is_enough=False),
    )
    whole = evidence_of
    monkeypatch.setattr("explanations.queries.why.evidence_of", lambda row: replace(whole(row), segments=segments))
    page = client_of(analyst).get(reverse("experiment_why", args=[experiment.pk]) + "?part=segments").content.decode()
    assert "judge" in page
    assert '<tr class="few">' in page
    assert "too few to judge" in page
    assert LeaderboardRow.objects.filter(experiment=experiment).exists()
