"""Two models of real runs on two tables are set against each other, also where the older kept no scores."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from approvals.runner.same_rows import SCORED_AGAIN, _scores_of, _table_of
from approvals.services.decision import decide
from catalog.models import DatasetVersion
from checks.models import DataCheck
from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.artifact.held_out_scores import read_held_out
from experiments.ingest.reading import ingest_file
from experiments.scored_again import rows_at
from jobs.models import Job
from registry.models import ApprovalRequest, Comparison, ModelVersion
from registry.queries.signed import sealed_folder_of
from tests.conftest import PASSWORD
from tests.registry.conftest import make_experiment, submit_gathered
from training.models import Experiment
from training.runner.experiment import store_result

RunJobs = Callable[[], list[Job]]
COLUMNS = ["id", "month", "income", "debt", "region", "bad"]


def customers(count: int, first: int, *, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    income, debt = random.normal(size=count), random.normal(size=count)
    chance = 1 / (1 + np.exp(1.2 + 1.0 * income - 0.8 * debt))
    month = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(random.integers(0, 360, count)), unit="D")
    return pd.DataFrame(
        {
            "id": [f"C{first + number:06d}" for number in range(count)],
            "month": month.strftime("%Y-%m-%d"),
            "income": income.round(3),
            "debt": debt.round(3),
            "region": random.choice(["north", "south"], count),
            "bad": np.where(random.random(count) < chance, "yes", "no"),
        }
    )


@pytest.fixture
def real_run(workspace: Workspace, analyst: User, settings: Any, tmp_path: Path) -> Callable[..., Experiment]:
    """Run the real engine on a table: ``real_run("first", table)``."""

    def make(name: str, table: pd.DataFrame, without: tuple[str, ...] = ()) -> Experiment:
        experiment = make_experiment(workspace, analyst, name=name, kind="default", events=400)
        media = Path(settings.MEDIA_ROOT)
        media.mkdir(parents=True, exist_ok=True)
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        ingest_file(tmp_path / f"{name}.csv", media / f"{name}.parquet")
        DatasetVersion.objects.filter(pk=experiment.version_id).update(
            parquet_path=f"{name}.parquet", parquet_sha256=name
        )
        DataCheck.objects.filter(pk=experiment.data_check_id).update(target="bad", event="yes")
        spec = ExperimentSpec(
            "bad", "yes", id_column="id", time_column="month", excluded=without, learners=("linear",),
            budget=SearchBudget(None, 1), feature_effort="off", ensemble=False,
        )  # fmt: skip
        Experiment.objects.filter(pk=experiment.pk).update(spec=spec.to_dict())
        experiment = Experiment.objects.get(pk=experiment.pk)
        store_result(experiment, run_experiment(spec, media / f"{name}.parquet", work_dir=experiment.work_dir))
        return Experiment.objects.get(pk=experiment.pk)

    return make


def champion_of(experiment: Experiment, analyst: User, admin: User) -> ModelVersion:
    request = submit_gathered(experiment.leaderboard.get(candidate="linear"), analyst)
    decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Calls only")
    return ModelVersion.objects.get(pk=request.model_version_id)


@pytest.mark.slow
def test_a_champion_of_another_table_is_tried_on_the_new_rows_that_it_has_not_learnt_from(
    real_run: Callable[..., Experiment], analyst: User, admin: User, client_of: Callable[[User], Client],
    run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    before = customers(1_500, 0, seed=1)
    # Some customers of the first table stand in the newest months of the second, where it is tested.
    again = before.iloc[:100].assign(month="2024-12-28")
    new = pd.concat([customers(3_000, 50_000, seed=2), again], ignore_index=True)
    former = champion_of(real_run("first", before), analyst, admin)
    experiment = real_run("second", new.assign(extra=1.5), without=("debt",))
    request = submit_gathered(experiment.leaderboard.get(candidate="linear"), analyst)
    readings = experiment.out_of_time_readings

    run_jobs()

    facts = Comparison.objects.get(former=former).facts
    version = request.model_version
    kept = read_held_out(sealed_folder_of(version))
    assert kept is not None
    assert 0 < facts["rows"] <= len(kept.rows)
    # Without debts the new one ranks worse on the very same rows, and no interval hides it.
    assert facts["verdict"] == "worse"
    assert facts["measures"]["auc"]["high"] < 0
    own = rows_at(_table_of(version), np.sort(kept.rows))
    learnt = own["id"].isin(before["id"]) & own["month"].isin(pd.to_datetime(before["month"]))
    assert facts["rows"] == len(own) - int(learnt.sum())
    assert Experiment.objects.get(pk=experiment.pk).out_of_time_readings == readings + 1
    page = client_of(admin).get(reverse("approval_detail", args=[request.pk])).content.decode()
    assert "v2 is worse than v1" in page
    assert "read once more" in page

    # A version of before the scores were kept gives the rows the same scores when it is asked now.
    with monkeypatch.context() as patch:
        patch.setattr("approvals.runner.same_rows.read_held_out", lambda _folder: None)
        scored, told = _scores_of(version, lambda **_: None)
    order = np.argsort(kept.rows)
    assert scored.rows.tolist() == kept.rows[order].tolist()
    assert np.allclose(scored.p, kept.p[order])
    assert scored.outcomes.tolist() == kept.outcomes[order].tolist()
    assert told[0]["params"] == {"number": version.number}


@pytest.mark.slow
def test_two_versions_of_one_table_from_before_scores_were_kept_are_compared_all_the_same(
    real_run: Callable[..., Experiment], analyst: User, admin: User, run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    table = customers(3_000, 0, seed=3)
    former = champion_of(real_run("one", table), analyst, admin)
    experiment = real_run("two", table, without=("debt",))
    DatasetVersion.objects.filter(pk=experiment.version_id).update(parquet_sha256="one")
    request: ApprovalRequest = submit_gathered(experiment.leaderboard.get(candidate="linear"), analyst)
    monkeypatch.setattr("approvals.runner.same_rows.read_held_out", lambda _folder: None)

    run_jobs()

    facts = Comparison.objects.get(former=former).facts
    assert facts["verdict"] == "worse", facts
    told = [facts["how"], *facts["how"]["also"]]
    assert [each["params"]["number"] for each in told if each["message"] == SCORED_AGAIN] == [2, 1]
    assert Experiment.objects.get(pk=experiment.pk).out_of_time_readings == experiment.out_of_time_readings + 1
    assert request.is_pending
