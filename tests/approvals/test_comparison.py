"""A version is set against the champion on the same rows, by a worker, or not at all."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from approvals.job_kinds import JobKind
from approvals.services.decision import decide
from catalog.models import DatasetVersion
from checks.models import DataCheck
from dictionary.models import DictionaryEntry
from experiments.artifact.held_out_scores import HELD_OUT, HeldOutScores
from experiments.artifact.manifest import attach
from experiments.errors import BadInput
from experiments.evaluation.paired import compare_scores
from experiments.strategy.swap_set import swap_set
from jobs.models import Job, JobState
from registry.models import ApprovalRequest, Comparison, ModelVersion
from reports import evidence
from tests.conftest import PASSWORD, around_the_triggers
from tests.registry.conftest import submit_gathered
from training.models import Experiment, LeaderboardRow

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]
ROWS = 1500


def scores(noise: float, *, rows: np.ndarray | None = None, seed: int = 3) -> HeldOutScores:
    """Return the same outcomes with a good score, or with one that has noise on it."""
    rng = np.random.default_rng(1)
    places = np.arange(ROWS) + 500
    y = (rng.random(ROWS) < 0.2).astype(float)
    p = y + rng.normal(scale=1.2, size=ROWS) + noise * np.random.default_rng(seed).normal(size=ROWS)
    whole = HeldOutScores(places, y, 1 / (1 + np.exp(-p)))
    return whole if rows is None else whole.at(np.flatnonzero(np.isin(places, rows)))


@pytest.fixture
def version_with(
    finished_experiment: Callable[..., Experiment], analyst: User, settings: Any
) -> Callable[..., ApprovalRequest]:
    """Submit a model with these scores beside it: ``version_with(scores(0.7))``; None for one made before."""

    def make(
        held_out: HeldOutScores | None, *, table: str = "one", data: pd.DataFrame | None = None
    ) -> ApprovalRequest:
        experiment = finished_experiment(name=f"Run {Experiment.objects.count() + 1}")
        row = experiment.leaderboard.get(candidate="lightgbm")
        if held_out is not None:
            folder = Path(settings.MEDIA_ROOT) / row.model_path
            seal = attach(folder, {HELD_OUT: held_out.to_parquet()})["seal"]
            LeaderboardRow.objects.filter(pk=row.pk).update(model_seal=seal)
        path = f"table-{experiment.version_id}.parquet"
        if data is not None:
            data.to_parquet(Path(settings.MEDIA_ROOT) / path)
            DatasetVersion.objects.filter(pk=experiment.version_id).update(parquet_path=path)
        DatasetVersion.objects.filter(pk=experiment.version_id).update(parquet_sha256=table)
        return submit_gathered(experiment.leaderboard.get(candidate="lightgbm"), analyst)

    return make


@pytest.fixture
def champion_with(version_with: Any, admin: User) -> Callable[..., ModelVersion]:
    def make(held_out: HeldOutScores | None, **options: Any) -> ModelVersion:
        request = version_with(held_out, **options)
        decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Calls only")
        return ModelVersion.objects.get(pk=request.model_version_id)

    return make


def decision_page(request: ApprovalRequest, client: Client) -> str:
    return " ".join(client.get(reverse("approval_detail", args=[request.pk])).content.decode().split())


def test_a_clearly_worse_version_is_called_worse_though_its_interval_touches_the_champions(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs
) -> None:
    champion_with(scores(0))
    request = version_with(scores(0.7))
    client = client_of(admin)
    assert "being compared on the same rows" in decision_page(request, client)

    (job,) = run_jobs()

    page = decision_page(request, client)
    measure = Comparison.objects.get().facts["measures"]["ks"]
    assert (job.kind, job.state) == (JobKind.COMPARISON, JobState.SUCCEEDED)
    assert measure["verdict"] == "worse"
    assert measure["high"] < 0
    assert "v2 is worse than v1: the difference is significant and large enough to matter." in page
    assert f"−{abs(measure['difference']):.3f}" in page
    assert "1,500 rows" in page
    assert "on 1,500 shared rows: worse" in page
    assert "a tie" not in page
    assert "overlap" not in page


@pytest.mark.parametrize(("noise", "told"), [(0.0, "no significant difference between v2 and v1"), (-1.0, "better")])
def test_a_version_as_good_is_told_apart_by_chance_only_and_a_better_one_is_better(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs, noise: float, told: str
) -> None:
    champion_with(scores(0.7 if noise else 0.05, seed=4))
    request = version_with(scores(0.0 if noise else 0.05, seed=5))

    run_jobs()

    assert told in decision_page(request, client_of(admin))


def test_the_champions_number_stands_beside_only_where_it_is_of_the_same_rows(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs, settings: Any
) -> None:
    champion_with(scores(0, rows=np.arange(500, 1500)))
    request = version_with(scores(0.7, rows=np.arange(1000, 2000)))
    run_jobs()

    facts = Comparison.objects.get().facts

    assert facts["rows"] == 500
    assert not facts["covers_all"]
    page = decision_page(request, client_of(admin))
    assert "on 500 shared rows" in page
    assert "0.380 →" not in page


@pytest.mark.parametrize(
    ("former", "new", "told"),
    [
        (scores(0, rows=np.arange(500, 900)), scores(0, rows=np.arange(900, 1300)), "No row is new to both versions"),
        (scores(0), HeldOutScores(np.arange(ROWS) + 500, 1 - scores(0).outcomes, scores(0).p), "different outcomes"),
        (scores(0), None, "v2 was trained before the scores of held-out rows were stored"),
    ],
)
def test_what_cannot_be_compared_row_by_row_is_not_compared_and_the_page_says_why(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch, former: Any, new: Any, told: str,
) -> None:  # fmt: skip
    champion_with(former)
    stand_in(monkeypatch, scores(0), trained_on="all")
    request = version_with(new)

    (job,) = run_jobs()

    page = decision_page(request, client_of(admin))
    assert job.state == JobState.SUCCEEDED
    assert told in page
    assert "not on the same rows: no verdict" in page


def test_versions_that_answer_different_questions_are_not_compared(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs
) -> None:
    champion_with(scores(0))
    request = version_with(scores(0))
    check = request.model_version.leaderboard_row.experiment.data_check
    DataCheck.objects.filter(pk=check.pk).update(target="bad_60_days")

    run_jobs()

    assert "different questions (bad_60_days = yes, y = yes)" in decision_page(request, client_of(admin))


def table_of(rows: int, first_id: int = 0, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(first_id)
    ids = np.arange(first_id, first_id + rows)
    return pd.DataFrame({"customer": ids, "age": rng.normal(40, 9, rows), **columns})


def stand_in(
    monkeypatch: pytest.MonkeyPatch, p: HeldOutScores, trained_on: str = "training", **options: Any
) -> list[int]:
    """Let the former version's model score by the customer's number; returns whom it was asked to score."""
    scored: list[int] = []

    def score(frame: pd.DataFrame, reasons: int = 4) -> Any:
        if options.get("refuses"):
            raise BadInput("The file lacks %(columns)s.", columns="income")
        numbers = frame["customer"].astype(int).to_numpy()
        scored.extend(numbers.tolist())
        return SimpleNamespace(frame=pd.DataFrame({"probability": p.p[numbers - options.get("first_id", 0) - 500]}))

    artifact = SimpleNamespace(score=score, facts={"trained_on": trained_on})
    monkeypatch.setattr("approvals.runner.same_rows.verified", lambda *_: artifact)
    return scored


@pytest.mark.parametrize("as_text", [False, True])
def test_a_champion_of_another_table_scores_the_new_rows_less_those_it_may_have_learnt_from(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs, monkeypatch: Any,
    as_text: bool,
) -> None:  # fmt: skip
    # Of the former's 800 customers, those from 500 on are among the rows set aside now; 600 to 699 it had set aside.
    before = table_of(800)
    before["customer"] = before["customer"].astype(str) if as_text else before["customer"]
    former = champion_with(scores(0, rows=np.arange(600, 700)), table="old", data=before)
    set_id_column(former)
    request = version_with(scores(0.7), table="new", data=table_of(2000))
    scored = stand_in(monkeypatch, scores(0))

    run_jobs()

    expected = [*range(600, 700), *range(800, 2000)]
    assert scored == expected
    facts = Comparison.objects.get().facts
    assert (facts["rows"], facts["verdict"]) == (1300, "worse")
    page = decision_page(request, client_of(admin))
    assert "The held-out rows of v2, now also scored by v1." in page
    assert "200 rows that v1 may have been trained on were left out." in page
    assert "The held-out rows of v2 were read once more for this; its experiment counts it." in page
    assert Experiment.objects.get(pk=request.model_version.leaderboard_row.experiment_id).out_of_time_readings == 1


def test_both_versions_are_compared_group_by_group_and_what_is_worse_is_named(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs, monkeypatch: Any
) -> None:
    half = np.arange(2000) % 2 == 0
    data = table_of(2000, sex=np.where(half, "f", "m"))
    champion_with(scores(0), data=data)
    mixed = scores(0)
    worse = HeldOutScores(mixed.rows, mixed.outcomes, np.where(half[500:], scores(3).p, mixed.p))
    request = version_with(worse, data=data)
    monkeypatch.setattr("approvals.runner.comparison.attributes.protected_features", lambda _check: ["sex"])

    run_jobs()

    found = {each["label"]: each for each in Comparison.objects.get().facts["segments"] if each["column"] == "sex"}
    assert (found["f"]["auc"]["verdict"], found["m"]["auc"]["verdict"]) == ("worse", "alike")
    assert found["f"]["is_protected"]
    page = decision_page(request, client_of(admin))
    assert "Group by group · Ranked significantly worse: sex: f" in page
    # Both kept their scores: nothing was read again.
    assert "read once more" not in page
    assert Experiment.objects.get(pk=request.model_version.leaderboard_row.experiment_id).out_of_time_readings == 0


def test_who_would_change_sides_is_kept_with_mean_amounts_of_no_hidden_column(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs
) -> None:
    data = table_of(2000, limit_hidden=np.full(2000, 7.0), credit=np.arange(2000.0))
    champion_with(scores(0), data=data)
    request = version_with(scores(0.7), data=data)
    dataset = request.model_version.leaderboard_row.experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name="limit_hidden", is_sensitive=True, set_by=admin)
    decision_page(request, client_of(admin))

    run_jobs()

    found, new, old = Comparison.objects.get().found, scores(0.7), scores(0)
    share = found.swap.share
    cells = swap_set(
        new.outcomes, old.p, new.p, share=share, amount=np.arange(500.0, 2000.0),
        chosen="lowest" if request.model_version.leaderboard_row.experiment.is_risk else "highest",
    )  # fmt: skip
    assert found.amount == "credit"
    assert found.swap.equal_share.swap_in.customers == pytest.approx(cells.swap_in.customers)
    assert found.swap.equal_share.swap_in.mean_amount == pytest.approx(cells.swap_in.mean_amount)
    assert found.swap.rows == ()
    swapped = evidence._swapped(request.model_version)
    assert (swapped.swap.equal_share.both, swapped.rows, swapped.amount) == (
        found.swap.equal_share.both,
        1500,
        "credit",
    )


def set_id_column(version: ModelVersion) -> None:
    experiment = version.leaderboard_row.experiment
    with around_the_triggers():
        Experiment.objects.filter(pk=experiment.pk).update(spec={**experiment.spec, "id_column": "customer"})


def test_a_champion_fitted_on_all_its_rows_is_tried_on_none_of_them(
    champion_with: Any, version_with: Any, run_jobs: RunJobs, monkeypatch: Any
) -> None:
    former = champion_with(scores(0, rows=np.arange(600, 700)), table="old", data=table_of(800))
    set_id_column(former)
    version_with(scores(0.7), table="new", data=table_of(2000))
    scored = stand_in(monkeypatch, scores(0), trained_on="all")

    run_jobs()

    assert scored == list(range(800, 2000))


def test_without_customer_numbers_rows_are_known_again_by_what_both_tables_hold(
    champion_with: Any, version_with: Any, run_jobs: RunJobs, monkeypatch: Any
) -> None:
    new = table_of(2000, extra=1.0)
    before = new.iloc[:900].drop(columns="extra").assign(customer=lambda t: t["customer"].astype(float))
    champion_with(scores(0, rows=np.arange(600, 700)), table="old", data=before)
    version_with(scores(0.7), table="new", data=new)
    scored = stand_in(monkeypatch, scores(0), trained_on="all")

    run_jobs()

    assert scored == list(range(900, 2000))


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("all learnt", "No row is new to both versions"),
        ("lacks columns", "v1 cannot score the held-out rows of v2: The file lacks income."),
        ("table gone", "The data table of one of the two versions is gone"),
    ],
)
def test_a_champion_that_cannot_be_tried_on_the_new_rows_says_why(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs, monkeypatch: Any,
    settings: Any, case: str, told: str,
) -> None:  # fmt: skip
    data = table_of(2000) if case == "all learnt" else table_of(400, first_id=9000)
    former = champion_with(scores(0), table="old", data=data)
    request = version_with(scores(0.7), table="new", data=table_of(2000))
    stand_in(monkeypatch, scores(0), trained_on="all", refuses=case == "lacks columns")
    if case == "table gone":
        (Path(settings.MEDIA_ROOT) / f"table-{former.leaderboard_row.experiment.version_id}.parquet").unlink()

    run_jobs()

    assert told in decision_page(request, client_of(admin))


def test_no_page_compares_by_itself_and_the_fragment_brings_the_numbers_that_rest_on_it(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, stranger: User, run_jobs: RunJobs,
    monkeypatch: Any,
) -> None:  # fmt: skip
    champion_with(scores(0))
    request = version_with(scores(0.7))
    address = reverse("approval_comparison", args=[request.pk])
    with monkeypatch.context() as patch:
        patch.setattr("approvals.runner.comparison.facts_of", lambda *_: pytest.fail("compared in the web process"))
        waiting = client_of(admin).get(address).content.decode()
    assert "every 1s" in waiting
    assert Job.objects.filter(kind=JobKind.COMPARISON).count() == 1

    run_jobs()

    done = client_of(admin).get(address).content.decode()
    assert "every 1s" not in done
    assert 'id="five-numbers" hx-swap-oob="true"' in done
    assert "shared rows: worse" in " ".join(done.split())
    assert client_of(stranger).get(address).status_code == 404
    assert client_of(stranger).post(reverse("compare_again", args=[request.pk])).status_code == 404


def test_a_comparison_that_failed_is_asked_for_again_in_place(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs, monkeypatch: Any
) -> None:
    champion_with(scores(0))
    request = version_with(scores(0.7))
    with monkeypatch.context() as patch:
        patch.setattr("approvals.runner.comparison.facts_of", lambda *_: 1 / 0)
        run_jobs()
    client = client_of(admin)
    page = decision_page(request, client)
    assert "The two versions could not be compared." in page
    assert "not on the same rows: no verdict" in page

    client.post(reverse("compare_again", args=[request.pk]))
    run_jobs()

    assert "v2 is worse than v1" in decision_page(request, client)


def test_another_champion_in_between_is_compared_with_anew_and_a_decided_request_keeps_its_comparison(
    champion_with: Any, version_with: Any, client_of: ClientOf, admin: User, run_jobs: RunJobs
) -> None:
    champion_with(scores(0))
    request = version_with(scores(0.7))
    run_jobs()
    champion_with(scores(0.7))
    run_jobs()
    client = client_of(admin)
    assert "being compared on the same rows" in decision_page(request, client)
    run_jobs()
    assert "There is no significant difference between v2 and v3." in decision_page(request, client)
    decide(request, admin, "refused", "No gain", PASSWORD)
    asked = Job.objects.count()

    assert Comparison.objects.filter(version=request.model_version).count() == 2
    decision_page(ApprovalRequest.objects.get(pk=request.pk), client)
    assert Job.objects.count() == asked


def test_what_was_measured_is_not_rewritten(champion_with: Any, version_with: Any, run_jobs: RunJobs) -> None:
    champion_with(scores(0))
    version_with(scores(0.7))
    run_jobs()

    with pytest.raises(DatabaseError, match="cannot be rewritten"):
        Comparison.objects.update(facts={"verdict": "better"})


def test_a_first_version_is_compared_with_nothing(version_with: Any, client_of: ClientOf, admin: User) -> None:
    request = version_with(scores(0))

    assert "on the same rows" not in decision_page(request, client_of(admin))
    assert not Comparison.objects.exists()


def test_repeated_customers_are_one_each_in_the_comparison(
    champion_with: Any, version_with: Any, run_jobs: RunJobs
) -> None:
    def repeated(held_out: HeldOutScores) -> HeldOutScores:
        places = np.repeat(np.arange(300), 5)
        few = held_out.at(places)
        return HeldOutScores(np.arange(ROWS), few.outcomes, few.p, customers=places)

    champion_with(repeated(scores(0)))
    version_with(repeated(scores(0.7)))
    run_jobs()

    found = Comparison.objects.get().facts["measures"]["ks"]
    alone = compare_scores(scores(0).outcomes[:300], scores(0.7).p[:300], second=scores(0).p[:300])["measures"]["ks"]
    assert found["high"] - found["low"] == pytest.approx(alone["high"] - alone["low"], rel=0.25)


def test_no_sentence_in_either_language_speaks_of_intervals_that_overlap() -> None:
    catalogues = list(Path("platform").glob("*/locale/zh_Hans/LC_MESSAGES/django.po"))
    told = [line for catalogue in catalogues for line in catalogue.read_text(encoding="utf-8").splitlines()]

    assert len(catalogues) >= 8
    assert not [line for line in told if re.search("区间.{0,3}重叠|intervals? overlap|overlapping interval", line)]


def test_the_api_tells_the_same_as_the_page(
    champion_with: Any, version_with: Any, admin: User, run_jobs: RunJobs
) -> None:
    former = champion_with(scores(0))
    request = version_with(scores(0.7))
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=admin, name="test", digest=ApiToken.digest_of(secret))
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    address = f"/api/v1/approvals/{request.pk}"
    assert program.get(address).json()["comparison"]["state"] == "waiting"
    run_jobs()

    found = program.get(address).json()["comparison"]

    assert (found["state"], found["verdict"], found["champion_version_id"]) == ("compared", "worse", former.pk)
    assert (found["rows"], found["finding"]) == (
        ROWS,
        "v2 is worse than v1: the difference is significant and large enough to matter.",
    )
    assert found["measures"]["auc"]["high"] < 0
