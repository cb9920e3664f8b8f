"""A sample experiment fills the rooms of the sample workspace as it ends, or when samples are loaded after it did."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Workspace
from common.declared import Declared
from jobs.runner import run_job
from tests.training.conftest import Engine, result, trial
from training import samples
from training.models import Experiment, ExperimentState

told: list[tuple[int, str]] = []


def keep(experiment: Experiment) -> None:
    told.append((experiment.pk, experiment.state))


def fail(experiment: Experiment) -> None:
    raise RuntimeError("one room stays empty")


@pytest.fixture(autouse=True)
def rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rooms: the first cannot be filled."""
    told.clear()
    monkeypatch.setattr(samples, "_fillers", Declared())
    samples.once_finished("tests.training.test_samples.keep", weight=20)
    samples.once_finished("tests.training.test_samples.fail", weight=10)


@pytest.mark.parametrize("is_sample", [True, False])
def test_rooms_are_filled_when_the_end_of_a_run_in_a_sample_workspace_is_written(
    started: Experiment,
    engine: Callable[[Engine], None],
    is_sample: bool,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    Workspace.objects.filter(pk=started.workspace_id).update(is_sample=is_sample)
    engine(lambda *_args, **_kwargs: result(started, [trial(1)]))
    with django_capture_on_commit_callbacks(execute=True):
        run_job(started.job_id)
        assert told == []
    assert told == ([(started.pk, ExperimentState.FINISHED)] if is_sample else [])


def test_a_run_that_fails_fills_no_room(
    started: Experiment, engine: Callable[[Engine], None], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    Workspace.objects.filter(pk=started.workspace_id).update(is_sample=True)

    def run_experiment(*_args: Any, **_kwargs: Any) -> Any:
        raise ValueError("no result")

    engine(run_experiment)
    with django_capture_on_commit_callbacks(execute=True):
        run_job(started.job_id)
    assert Experiment.objects.get().state == ExperimentState.FAILED
    assert told == []


def test_rooms_of_a_sample_that_finished_before_are_filled_when_samples_are_loaded(
    draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    Workspace.objects.filter(pk=draft.workspace_id).update(is_sample=True)
    Experiment.objects.filter(pk=draft.pk).update(is_sample=True)
    samples.fill_finished()
    assert told == []
    finish(draft)
    samples.fill_finished()
    assert told == [(draft.pk, ExperimentState.FINISHED)]
