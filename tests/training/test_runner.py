"""The engine's events become rows, once each, whatever happens to the worker."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from experiments.errors import BadInput, Cancelled, FinishNow
from experiments.progress import Said, Skipped, StageStarted, Tick, TrialFinished
from jobs.models import Job, JobState
from jobs.runner import run_job
from tests.training.conftest import Engine, result, trial
from training import runner, services
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial


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
        services.finish_now(started, analyst)
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
        services.cancel(started, analyst)
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

    listener = runner.Listener(started, SimpleNamespace(progress=progress, say=lambda *_words: None))

    with pytest.raises(Cancelled):
        listener(Tick(1.0, 0.1))
