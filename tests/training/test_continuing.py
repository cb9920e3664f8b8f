"""A run is paused and resumed, goes on after its end, and is run again; no result that is there is lost by it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import create_token
from audit.models import AuditEntry
from checks.models import Finding
from experiments.artifact.manifest import attach, write_manifest
from experiments.errors import BadInput
from experiments.progress import BudgetOutlook, StageStarted, TrialFinished
from experiments.search.replay import Replay
from experiments.spec import ExperimentSpec
from jobs.models import Job, JobState
from jobs.runner import run_job
from jobs.services import recover_stale_jobs
from planning.plans.plan import Plan
from planning.services.drafting import save_plan
from registry.models import ModelVersion, RegisteredModel
from tests.training.conftest import result, trial
from training.models import Experiment, ExperimentState, Trial
from training.services.continuing import continue_experiment
from training.services.repeating import repeat_experiment

pytestmark = pytest.mark.database

ClientOf = Callable[[User], Client]
Finish = Callable[[Experiment], Experiment]


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.services.send", lambda job: None)


@pytest.fixture
def browser(client_of: ClientOf, analyst: User) -> Client:
    return client_of(analyst)


@pytest.fixture
def kept(draft: Experiment, finish: Finish) -> Experiment:
    """A finished experiment whose trials and models lie on disk."""
    experiment = finish(draft)
    for row in experiment.leaderboard.all():
        folder = Path(django_settings.MEDIA_ROOT) / row.model_path
        folder.mkdir(parents=True)
        (folder / "model.txt").write_text(row.candidate)
    trials = experiment.work_dir / "trials"
    trials.mkdir(parents=True)
    (trials / "trials.jsonl").write_text("three lines")
    return experiment


def press(browser: Client, name: str, experiment: Experiment) -> Any:
    return browser.post(reverse(f"experiment_{name}", args=[experiment.pk]))


def actions_on(experiment: Experiment) -> list[str]:
    entries = AuditEntry.objects.filter(object_id=str(experiment.pk)).order_by("pk")
    return [entry.action for entry in entries if entry.action.startswith("experiment.")]


def test_a_paused_run_keeps_its_trials_and_goes_on_in_the_same_folder(
    browser: Client,
    started: Experiment,
    engine: Callable[[Any], None],
) -> None:
    folders: list[Path] = []

    def run_experiment(spec: Any, table: Any, *, work_dir: Path, on_progress: Any) -> Any:
        folders.append(work_dir)
        on_progress(TrialFinished(trial(len(folders))))
        if len(folders) == 1:
            press(browser, "pause", started)
            on_progress(StageStarted("search"))
            raise AssertionError("a pause is heard with the next stage")
        return result(started, [trial(1), trial(2)])

    engine(run_experiment)
    run_job(started.job_id)
    started.refresh_from_db()
    resting = (started.state, started.trials.count(), recover_stale_jobs())
    press(browser, "resume", started)
    run_job(started.job_id)

    started.refresh_from_db()
    assert resting == (ExperimentState.PAUSED, 1, 0)
    assert started.state == ExperimentState.FINISHED
    assert folders == [started.work_dir] * 2
    assert Job.objects.filter(kind="experiment").count() == 1
    assert actions_on(started)[-2:] == ["experiment.pause_requested", "experiment.resumed"]


def test_a_run_that_waits_is_paused_at_once_and_no_worker_takes_it(
    browser: Client,
    started: Experiment,
) -> None:
    press(browser, "pause", started)

    started.refresh_from_db()
    assert (started.state, run_job(started.job_id)) == (ExperimentState.PAUSED, None)


@pytest.mark.parametrize(
    ("button", "job_state", "state"),
    [("cancel", JobState.CANCELLED, ExperimentState.CANCELLED), ("finish", JobState.QUEUED, ExperimentState.QUEUED)],
)
def test_a_paused_run_is_cancelled_or_finished(
    browser: Client,
    started: Experiment,
    button: str,
    job_state: str,
    state: str,
) -> None:
    press(browser, "pause", started)

    press(browser, button, started)

    started.refresh_from_db()
    job = Job.objects.get(pk=started.job_id)
    assert (job.state, job.finish_requested, started.state) == (job_state, button == "finish", state)


@pytest.mark.parametrize(("button", "told"), [("finish", "Ending …"), ("cancel", "Cancelling …")])
def test_a_run_that_is_asked_to_end_counts_down_no_more(
    browser: Client, started: Experiment, stopped_clock: datetime, button: str, told: str
) -> None:
    Experiment.objects.filter(pk=started.pk).update(state=ExperimentState.RUNNING)
    Job.objects.filter(pk=started.job_id).update(
        state=JobState.RUNNING, expected_end_at=stopped_clock + timedelta(minutes=3)
    )
    live = reverse("experiment_run_live", args=[started.pk])
    before = browser.get(live).content.decode()
    press(browser, button, started)
    after = browser.get(live).content.decode()

    assert "Time left" in before
    assert "data-until" in before
    assert "Time left" not in after
    assert "data-until" not in after
    assert f'<div class="big">{told}</div>' in after
    assert " left\n" not in after

    Job.objects.filter(pk=started.job_id).update(expected_end_at=stopped_clock + timedelta(seconds=6.5))
    assert ("About 7 seconds left" in browser.get(live).content.decode()) == (button == "finish")


def test_the_page_of_a_paused_run_offers_to_resume_to_finish_and_to_cancel(
    browser: Client,
    started: Experiment,
) -> None:
    Trial.objects.create(experiment=started, number=1, learner="linear", backend="flaml", state="finished", elapsed=200)
    press(browser, "pause", started)

    shown = browser.get(reverse("experiment_run", args=[started.pk])).content.decode()

    assert "Paused with 1 trial kept" in shown
    assert "Resume, 16 min 40 s left" in shown
    assert "Continue +20 min" in shown
    assert "Finish now, keep the best" in shown
    assert 'hx-trigger="every 2s"' not in shown
    assert shown.count("btn-primary") == 1


def test_a_paused_run_that_continues_has_twenty_more_minutes(
    browser: Client,
    started: Experiment,
) -> None:
    press(browser, "pause", started)

    press(browser, "continue", started)

    started.refresh_from_db()
    assert (started.state, started.budget_seconds) == (ExperimentState.QUEUED, 2400)
    assert ExperimentSpec.from_dict(started.spec).budget.seconds == 2400
    assert started.work_path == f"experiments/{started.pk}"


def test_a_finished_run_goes_on_from_its_trials_beside_its_result(
    browser: Client,
    kept: Experiment,
    engine: Callable[[Any], None],
) -> None:
    old_folder, known = kept.work_dir, []

    def run_experiment(spec: ExperimentSpec, table: Any, *, work_dir: Path, on_progress: Any) -> Any:
        known.append((work_dir / "trials" / "trials.jsonl").read_text())
        known.append((work_dir / "models").exists())
        known.append((old_folder / "models" / "scorecard" / "model.txt").read_text())
        known.append(spec.budget.seconds)
        return result(Experiment.objects.get(pk=kept.pk), [trial(number) for number in (1, 2, 3, 4)])

    engine(run_experiment)
    press(browser, "continue", kept)
    kept.refresh_from_db()
    run_job(kept.job_id)

    kept.refresh_from_db()
    assert known == ["three lines", False, "scorecard", 15 + 1200]
    assert (kept.state, kept.trials.count(), kept.earlier) == (ExperimentState.FINISHED, 4, None)
    assert kept.leaderboard.get(candidate="scorecard").model_path == f"experiments/{kept.pk}-2/models/scorecard"
    assert actions_on(kept)[-1] == "experiment.continued"


def test_cancelling_a_continued_run_brings_its_earlier_result_back(browser: Client, kept: Experiment) -> None:
    spec, rows = kept.spec, list(kept.leaderboard.values_list("candidate", "model_path"))
    press(browser, "continue", kept)
    Trial.objects.create(experiment=kept, number=4, learner="linear", backend="optuna", state="finished")

    press(browser, "cancel", kept)

    kept.refresh_from_db()
    assert (kept.state, kept.spec, kept.earlier) == (ExperimentState.FINISHED, spec, None)
    assert list(kept.leaderboard.values_list("candidate", "model_path")) == rows
    assert list(kept.trials.values_list("number", flat=True)) == [1, 2, 3]
    assert (kept.work_dir / "models" / "scorecard" / "model.txt").exists()


def test_a_continued_run_that_fails_offers_its_earlier_result(
    browser: Client,
    kept: Experiment,
    engine: Callable[[Any], None],
) -> None:
    def run_experiment(*_: Any, **__: Any) -> Any:
        raise BadInput("No memory.")

    engine(run_experiment)
    press(browser, "continue", kept)
    kept.refresh_from_db()
    run_job(kept.job_id)
    shown = browser.get(reverse("experiment_run", args=[kept.pk])).content.decode()
    press(browser, "reopen", kept)
    failed = Experiment.objects.get(pk=kept.pk).state
    answer = press(browser, "keep", kept)

    kept.refresh_from_db()
    assert "Keep the earlier result" in shown
    assert "Change plan" not in shown
    assert failed == ExperimentState.FAILED
    assert (kept.state, answer["Location"]) == (ExperimentState.FINISHED, reverse("experiment_result", args=[kept.pk]))


def test_a_run_whose_model_was_submitted_keeps_its_evidence(browser: Client, kept: Experiment, analyst: User) -> None:
    model = RegisteredModel.objects.create(workspace=kept.workspace, name="Bad loans", kind="default")
    row = kept.leaderboard.get(candidate="scorecard")
    ModelVersion.objects.create(registered_model=model, number=1, leaderboard_row=row, author=analyst)

    answer = browser.post(reverse("experiment_continue", args=[kept.pk]), follow=True)

    kept.refresh_from_db()
    assert kept.state == ExperimentState.FINISHED
    assert "A model of this run has been submitted" in answer.content.decode()


def test_a_counted_run_goes_on_by_trials(draft: Experiment, analyst: User, finish: Finish) -> None:
    save_plan(draft, Plan(budget="trials", trials=30))
    finished = finish(draft)

    continued = continue_experiment(finished, analyst)

    assert (continued.budget_trials, continued.spec["budget"]) == (50, {"seconds": None, "trials": 50})


def test_two_clicks_continue_a_run_once(kept: Experiment, analyst: User) -> None:
    first, second = Experiment.objects.get(pk=kept.pk), Experiment.objects.get(pk=kept.pk)

    continue_experiment(first, analyst)
    continue_experiment(second, analyst)

    kept.refresh_from_db()
    assert kept.budget_seconds == 15 + 1200
    assert Job.objects.filter(kind="experiment").count() == 1


def test_more_time_is_told_to_be_worth_it_or_not(
    browser: Client,
    started: Experiment,
    engine: Callable[[Any], None],
) -> None:
    pages: list[str] = []

    def run_experiment(spec: Any, table: Any, *, work_dir: Path, on_progress: Any) -> Any:
        on_progress(BudgetOutlook(300, 900, "About %(sufficient)s s would be enough.", {"sufficient": 900}))
        pages.append(browser.get(reverse("experiment_run_live", args=[started.pk])).content.decode())
        return result(started, [trial(1)])

    engine(run_experiment)
    run_job(started.job_id)

    assert "About 900 s would be enough." in pages[0]
    assert 'data-left="25.0" title="All algorithms tried by about: 5 min"' in pages[0]
    assert 'data-left="75.0" title="No gain expected after: 15 min"' in pages[0]
    assert "About 900 s" in browser.get(reverse("experiment_run", args=[started.pk])).content.decode()


def tell_story(experiment: Experiment) -> None:
    """Leave beside the recommended model what the engine leaves there to repeat a run."""
    row = experiment.leaderboard.get(is_recommended=True)
    story = {"spec": experiment.spec, "trials": [], "decisions": {"seeds": 3}}
    folder = Path(django_settings.MEDIA_ROOT) / row.model_path
    row.model_hash = write_manifest(folder, {"facts": {"candidate": row.candidate}})["hash"]
    row.save()
    attach(folder, {"run.json": json.dumps(story)})


def test_a_run_is_repeated_with_its_question_its_check_and_its_decisions(
    kept: Experiment,
    engine: Callable[[Any], None],
    analyst: User,
) -> None:
    Finding.objects.create(check_of=kept.data_check, code="ids", severity="warning", message="An id")
    tell_story(kept)
    told: list[Any] = []

    def run_experiment(spec: Any, table: Any, *, work_dir: Path, on_progress: Any, replay: Replay) -> Any:
        told.append((spec.to_dict(), replay.decisions))
        return result(Experiment.objects.get(pk=again.pk), [trial(1)])

    engine(run_experiment)
    again = repeat_experiment(kept, analyst)
    run_job(again.job_id)

    again.refresh_from_db()
    assert told == [(kept.spec, {"seeds": 3})]
    assert (again.name, again.state, again.spec) == ("Bad loans, repeated", ExperimentState.FINISHED, kept.spec)
    assert again.data_check_id != kept.data_check_id
    assert again.data_check.columns.count() == kept.data_check.columns.count() == 3
    assert again.data_check.findings.get().code == "ids"
    assert AuditEntry.objects.filter(action="experiment.repeated", object_id=str(again.pk)).count() == 1


@pytest.mark.parametrize(("hashes", "verdict"), [("ab" * 32, "Matches"), ("cd" * 32, "Differs")])
def test_a_repeated_run_tells_whether_its_models_match(
    browser: Client,
    kept: Experiment,
    analyst: User,
    engine: Callable[[Any], None],
    hashes: str,
    verdict: str,
) -> None:
    tell_story(kept)
    kept.leaderboard.update(model_hash=hashes)
    engine(lambda *_, **__: result(Experiment.objects.get(pk=again.pk), [trial(1)]))
    again = repeat_experiment(kept, analyst)
    run_job(again.job_id)

    shown = browser.get(reverse("experiment_settings", args=[again.pk])).content.decode()

    assert verdict in shown
    assert reverse("experiment_settings", args=[kept.pk]) + "#repeat" in shown


@pytest.mark.parametrize("button", ["pause", "resume", "continue", "keep"])
def test_only_those_who_may_change_a_run_may_do_any_of_this(
    client_of: ClientOf, kept: Experiment, add_person: Callable[..., User], stranger: User, button: str
) -> None:
    assert press(client_of(add_person("colleague")), button, kept).status_code == 403
    assert press(client_of(stranger), button, kept).status_code == 404


def test_a_program_pauses_resumes_and_continues(kept: Experiment, analyst: User) -> None:
    client = Client(headers={"Authorization": f"Bearer {create_token(analyst, 'tests')[1]}"})
    address = f"/api/v1/experiments/{kept.pk}"

    states = [client.post(f"{address}/{verb}").json()["state"] for verb in ("continue", "pause", "resume", "cancel")]

    assert states == ["queued", "paused", "queued", "finished"]


def test_a_listener_that_is_told_the_same_outlook_twice_writes_once(started: Experiment) -> None:
    from training.runner.experiment import Listener

    listener = Listener(started, SimpleNamespace(progress=lambda **_: None))
    outlook = BudgetOutlook(1, 2, "Enough.")
    listener(outlook)
    Experiment.objects.filter(pk=started.pk).update(result={})
    listener(outlook)

    started.refresh_from_db()
    assert started.result == {}
