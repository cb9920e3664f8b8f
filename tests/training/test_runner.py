"""The engine's events become rows, once each, whatever happens to the worker."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from experiments.errors import BadInput, Cancelled, FinishNow
from experiments.kinds import KINDS as ENGINE_KINDS
from experiments.progress import ResultStands, Said, Skipped, StageStarted, Tick, TrialFinished
from experiments.search import outlook
from experiments.search.ending import ENDED_EARLY, NOT_DONE
from jobs.models import Job, JobState
from jobs.runner import run_job
from results.queries.leaderboard import leaderboard_for
from tests.training.conftest import Engine, result, trial
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial
from training.queries.trials import turns_of
from training.runner.experiment import Listener, store_trial
from training.services.continuing import continue_experiment
from training.services.runs import cancel_experiment, finish_now


def test_a_run_stores_trials_as_they_finish_and_its_leaderboard(
    started: Experiment, engine: Callable[[Engine], None]
) -> None:
    seen_while_running: list[int] = []

    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        on_progress(StageStarted("search"))
        for number in (1, 2):
            on_progress(TrialFinished(trial(number)))
            seen_while_running.append(started.trials.count())
        on_progress(Tick(12.0, 0.5))
        on_progress(Said("%(learner)s leads.", {"learner": "lightgbm"}))
        on_progress(Skipped("catboost", "Too slow: %(ms)s ms a row.", {"ms": 40}))
        return result(started, [trial(1), trial(2)])

    engine(run_experiment)
    job = run_job(started.job_id)

    started.refresh_from_db()
    assert job is not None
    assert job.state == JobState.SUCCEEDED
    assert seen_while_running == [1, 2]
    assert started.state == ExperimentState.FINISHED
    assert started.finished_at is not None
    assert list(started.leaderboard.values_list("candidate", "rank", "is_recommended")) == [
        ("lightgbm", 1, True),
        ("scorecard", 2, False),
    ]
    row = started.leaderboard.get(candidate="lightgbm")
    assert row.model_path == f"experiments/{started.pk}/models/lightgbm"
    assert row.evidence == {"gap": None}
    assert started.result["split"] == {"folds": 5}
    assert started.result["skipped"] == [
        {"learner": "catboost", "message": "Too slow: %(ms)s ms a row.", "params": {"ms": 40}}
    ]
    assert [line.message for line in job.log.all()] == ["%(learner)s leads."]


def test_a_killed_run_goes_on_without_a_trial_told_twice(started: Experiment, engine: Callable[[Engine], None]) -> None:
    calls: list[Any] = []

    class Killed(SystemExit):
        """The process is gone: nothing after this line runs."""

    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        calls.append(work_dir)
        on_progress(TrialFinished(trial(1)))
        on_progress(TrialFinished(trial(2)))
        if len(calls) == 1:
            raise Killed
        on_progress(TrialFinished(trial(3)))
        return result(started, [trial(1), trial(2), trial(3)])

    engine(run_experiment)
    with pytest.raises(Killed):
        run_job(started.job_id)
    Job.objects.filter(pk=started.job_id).update(state=JobState.QUEUED, lease="")
    run_job(started.job_id)

    started.refresh_from_db()
    assert calls[0] == calls[1] == started.work_dir
    assert started.state == ExperimentState.FINISHED
    assert list(started.trials.values_list("number", flat=True)) == [1, 2, 3]
    assert Trial.objects.count() == 3
    assert LeaderboardRow.objects.count() == 2


def test_the_engine_is_given_the_stored_question_and_the_table(
    started: Experiment, engine: Callable[[Engine], None]
) -> None:
    asked: dict[str, Any] = {}

    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        asked.update(spec=spec, table=table)
        return result(started, [])

    engine(run_experiment)
    run_job(started.job_id)

    assert asked["spec"].to_dict() == started.spec
    assert asked["table"].name == "loans.parquet"
    assert asked["table"].exists()


def test_finish_now_reaches_the_engine_once_and_the_best_is_kept(
    started: Experiment, analyst: User, engine: Callable[[Engine], None]
) -> None:
    told: list[str] = []

    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        finish_now(started, analyst)
        for number in (1, 2, 3):
            try:
                on_progress(TrialFinished(trial(number)))
            except FinishNow:
                told.append("finish")
        return result(started, [trial(1), trial(2), trial(3)])

    engine(run_experiment)
    job = run_job(started.job_id)

    started.refresh_from_db()
    assert told == ["finish"]
    assert job is not None
    assert job.state == JobState.SUCCEEDED
    assert started.state == ExperimentState.FINISHED
    assert started.trials.count() == 3


def test_a_cancelled_run_keeps_no_models(started: Experiment, analyst: User, engine: Callable[[Engine], None]) -> None:
    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        (work_dir / "models").mkdir(parents=True)
        cancel_experiment(started, analyst)
        on_progress(StageStarted("search"))
        raise AssertionError("cancelled runs do not get here")

    engine(run_experiment)
    run_job(started.job_id)

    started.refresh_from_db()
    assert started.state == ExperimentState.CANCELLED
    assert not started.work_dir.exists()
    assert started.leaderboard.count() == 0


def test_bad_input_fails_the_experiment_with_its_sentence(
    started: Experiment, engine: Callable[[Engine], None]
) -> None:
    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        raise BadInput("The target column %(column)s has only one value.", column="bad")

    engine(run_experiment)
    job = run_job(started.job_id)

    started.refresh_from_db()
    assert job is not None
    assert (job.state, job.error_message, job.error_params) == (
        JobState.FAILED,
        "The target column %(column)s has only one value.",
        {"column": "bad"},
    )
    assert started.state == ExperimentState.FAILED


def test_an_unexpected_failure_never_leaves_the_experiment_running(
    started: Experiment, engine: Callable[[Engine], None]
) -> None:
    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        raise RuntimeError("a segment of the engine broke")

    engine(run_experiment)
    job = run_job(started.job_id)

    started.refresh_from_db()
    assert job is not None
    assert job.error_reference.startswith("E-")
    assert started.state == ExperimentState.FAILED


def test_cancelled_passes_through_the_listener(started: Experiment) -> None:
    def progress(**_values: Any) -> None:
        raise Cancelled

    listener = Listener(started, SimpleNamespace(progress=progress, say=lambda *_words: None))

    with pytest.raises(Cancelled):
        listener(Tick(1.0, 0.1))


def changed(one: Any, **changes: Any) -> Any:
    """Return what the stand-in engine tells, with some of it told differently."""
    return type(one)(**{**vars(one), **changes})


def test_a_result_that_stands_is_shown_while_the_rest_of_it_is_made(
    started: Experiment, analyst: User, engine: Callable[[Engine], None], client_of: Callable[[User], Client]
) -> None:
    pages: list[str] = []
    address = reverse("experiment_result", args=[started.pk])

    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        whole = result(started, [trial(1)])
        first = changed(whole, finalists=tuple(changed(row, model_dir=None) for row in whole.finalists))
        on_progress(ResultStands(first))
        live = client_of(analyst).get(reverse("experiment_run_live", args=[started.pk]))
        assert live.headers["HX-Redirect"] == address
        pages.append(client_of(analyst).get(address).content.decode())
        seen = reverse("experiment_standing", args=[started.pk]) + "?measured=2&saved="
        assert "HX-Refresh" not in client_of(analyst).get(seen + "0").headers
        assert client_of(analyst).get(seen + "1").headers["HX-Refresh"] == "true"
        shown = Experiment.objects.get(pk=started.pk)
        assert (shown.state, shown.has_result) == (ExperimentState.RUNNING, True)
        with pytest.raises(BadInput, match="The result is ready to use"):
            cancel_experiment(shown, analyst)
        return whole

    engine(run_experiment)
    run_job(started.job_id)

    started.refresh_from_db()
    assert started.state == ExperimentState.FINISHED
    assert started.has_result
    assert not started.is_being_finished
    assert "This result can be used" not in client_of(analyst).get(address).content.decode()
    continue_experiment(started, analyst)
    assert not Experiment.objects.get(pk=started.pk).has_result
    assert "This result is ready to use; the remaining parts are being prepared." in pages[0]
    assert "2 models: 2 measured on held-out rows, 0 with" in pages[0]
    assert "Validation report" not in pages[0]


def test_what_was_dropped_when_the_search_was_ended_is_told_by_name_and_number(
    started: Experiment, analyst: User, engine: Callable[[Engine], None], client_of: Callable[[User], Client]
) -> None:
    early = {
        "message": ENDED_EARLY, "params": {"begun": 3, "kept": 2, "dropped": 1}, "also": [],
        "dropped": [{"learner": "catboost", "message": NOT_DONE, "params": {}}],
    }  # fmt: skip

    def run_experiment(spec: Any, table: Any, *, work_dir: Any, on_progress: Any) -> Any:
        told = result(started, [trial(1)])
        return changed(told, to_dict=lambda: told.to_dict() | {"ended_early": early})

    engine(run_experiment)
    run_job(started.job_id)

    shown = client_of(analyst).get(reverse("experiment_result", args=[started.pk])).content.decode()
    assert "3 algorithms had been started: 2 in the result, validated on all folds" in shown
    assert "CatBoost</b> · Its folds were not finished when the search was ended." in shown


def test_trials_asked_for_are_counted_and_what_every_run_makes_stands_beside_them(
    started: Experiment, analyst: User, client_of: Callable[[User], Client]
) -> None:
    started.spec = {**started.spec, "budget": {"seconds": None, "trials": 4}}
    started.state = ExperimentState.RUNNING
    started.save()
    for number, backend in enumerate(("fixed", "fixed", "fixed", "flaml", "flaml"), start=1):
        store_trial(started, changed(trial(number), backend=backend))
    client = client_of(analyst)

    for name in ("experiment_run", "experiment_run_live", "experiment_trials"):
        shown = " ".join(client.get(reverse(name, args=[started.pk])).content.decode().split())
        assert "2 of 4 trials, and 3 models that are always run" in shown
    assert "2 of 4 trials" in " ".join(client.get("/").content.decode().split())
    assert turns_of(started, [4, 5]) == {4: 1, 5: 2}


def test_the_end_that_is_expected_is_what_the_engine_says_and_none_where_it_cannot_say(
    started: Experiment, stopped_clock: datetime
) -> None:
    told: list[Any] = []
    context = SimpleNamespace(progress=lambda **values: told.append(values), say=lambda *_words: None)
    listener = Listener(started, context)

    listener(Tick(10.0, 0.2, 30.0))
    listener(Tick(400.0, 1.0, None))

    assert told[0]["percent"] == 20.0
    assert told[0]["expected_end"] == stopped_clock + timedelta(seconds=30)
    assert told[1]["expected_end"] is None


def test_the_run_page_says_from_one_source_whether_more_time_helps(
    started: Experiment, analyst: User, client_of: Callable[[User], Client]
) -> None:
    started.state = ExperimentState.RUNNING
    started.result = {"outlook": {"message": outlook.ENOUGH, "params": {}, "necessary": 20, "sufficient": 30}}
    started.save()
    for number, auc in ((1, 0.6), (2, 0.7)):
        store_trial(started, changed(trial(number), auc=auc))

    shown = client_of(analyst).get(reverse("experiment_run", args=[started.pk])).content.decode()

    assert "More time is unlikely to help" in shown
    assert "would probably help" not in shown
    assert "The last clear gain came less than five minutes ago." in shown


@pytest.mark.parametrize("kind", ["response", "conversion", "default", "attrition"])
def test_the_leaderboard_marks_the_column_by_which_the_engine_orders_it(started: Experiment, kind: str) -> None:
    started.spec = started.spec | {"kind": kind}
    assert leaderboard_for(started).ranking_metric == ENGINE_KINDS[kind].ranking
    started.spec = started.spec | {"ranking": "log_loss"}
    assert leaderboard_for(started).ranking_metric == "log_loss"
