"""Starting, ending and taking up experiments."""

from collections.abc import Callable

import pytest

from accounts.models import User, Workspace
from audit.models import AuditEntry
from catalog.models import DatasetVersion
from checks.models import DataCheck, Finding
from experiments.errors import BadInput
from experiments.spec import ExperimentSpec
from jobs.models import Job, JobState
from planning.plans.plan import Plan
from planning.services.drafting import draft_experiment, save_plan
from planning.services.starting import start_experiment
from training.job_kinds import JobKind
from training.models import Budget, Experiment, ExperimentState, Trial
from training.services.runs import cancel_experiment, finish_now, reopen_experiment, resume_experiment


def jobs_of(experiment: Experiment) -> list[Job]:
    return list(Job.objects.filter(kind=JobKind.EXPERIMENT, subject_id=experiment.pk))


def test_a_draft_opens_its_data_check_and_is_on_record(
    analyst: User, workspace: Workspace, version: DatasetVersion
) -> None:
    experiment = draft_experiment(
        user=analyst, workspace=workspace, kind="response", version=version, name="Spring campaign"
    )

    assert experiment.state == ExperimentState.DRAFT
    assert (experiment.data_check.version, experiment.data_check.kind) == (version, "response")
    assert AuditEntry.objects.filter(action="experiment.drafted", object_id=str(experiment.pk)).count() == 1


def test_starting_stores_the_whole_spec_so_that_the_run_can_be_repeated(draft: Experiment, analyst: User) -> None:
    save_plan(
        draft,
        Plan(budget=Budget.CUSTOM, seconds=45, seed=7, folds=3, contact_share=0.2, learners=("lightgbm", "linear")),
    )

    started = start_experiment(draft, analyst)

    spec = ExperimentSpec.from_dict(started.spec)
    assert started.state == ExperimentState.QUEUED
    assert (spec.target, spec.event, spec.kind, spec.time_column) == ("bad", "yes", "default", "month")
    assert (spec.budget.seconds, spec.seed, spec.validation.folds) == (45.0, 7, 3)
    assert (spec.contact_share, spec.learners) == (0.2, ("lightgbm", "linear"))


def test_two_starts_of_one_draft_make_one_job_and_one_audit_entry(draft: Experiment, analyst: User) -> None:
    first_click, second_click = Experiment.objects.get(pk=draft.pk), Experiment.objects.get(pk=draft.pk)

    one = start_experiment(first_click, analyst)
    other = start_experiment(second_click, analyst)

    assert one.job == other.job
    assert len(jobs_of(draft)) == 1
    assert AuditEntry.objects.filter(action="experiment.started").count() == 1


def test_a_plan_cannot_be_changed_after_the_start(draft: Experiment, analyst: User) -> None:
    started = start_experiment(draft, analyst)

    save_plan(draft, Plan(seconds=9999, seed=99))

    started.refresh_from_db()
    assert (started.budget_seconds, started.seed) == (1200, 1)
    assert started.spec["target"] == "bad"


@pytest.mark.parametrize(
    ("state", "target", "sentence"),
    [
        ("draft", "", "First choose the column to predict"),
        ("running", "bad", "The data is still being checked"),
        ("failed", "bad", "The data check failed"),
    ],
)
def test_an_unready_check_stops_the_start_with_a_sentence(
    draft: Experiment, analyst: User, state: str, target: str, sentence: str
) -> None:
    DataCheck.objects.filter(pk=draft.data_check_id).update(state=state, target=target)

    with pytest.raises(BadInput, match=sentence):
        start_experiment(Experiment.objects.get(pk=draft.pk), analyst)

    assert jobs_of(draft) == []


def test_a_block_nothing_was_done_about_stops_the_start(draft: Experiment, analyst: User) -> None:
    Finding.objects.create(
        check_of=draft.data_check, code="one_class", severity="block", message="Only %(n)s events.", params={"n": 3}
    )

    with pytest.raises(BadInput, match="Only 3 events"):
        start_experiment(draft, analyst)


def test_cancelling_a_run_that_waits_ends_it_at_once(draft: Experiment, analyst: User) -> None:
    started = start_experiment(draft, analyst)

    cancel_experiment(started, analyst)

    started.refresh_from_db()
    assert started.state == ExperimentState.CANCELLED
    assert jobs_of(draft)[0].state == JobState.CANCELLED
    assert AuditEntry.objects.filter(action="experiment.cancel_requested").count() == 1


def test_finish_now_asks_the_job_and_not_the_engine(draft: Experiment, analyst: User) -> None:
    started = start_experiment(draft, analyst)

    finish_now(started, analyst)

    assert jobs_of(draft)[0].finish_requested
    assert AuditEntry.objects.filter(action="experiment.finish_requested").count() == 1


def test_a_failed_run_goes_on_with_its_trials_in_a_new_job(draft: Experiment, analyst: User) -> None:
    started = start_experiment(draft, analyst)
    Job.objects.filter(pk=started.job_id).update(state=JobState.FAILED)
    Experiment.objects.filter(pk=draft.pk).update(state=ExperimentState.FAILED)
    Trial.objects.create(experiment=draft, number=1, learner="linear", backend="flaml", state="finished")

    resume_experiment(started, analyst)
    resume_experiment(started, analyst)

    assert started.state == ExperimentState.QUEUED
    assert len(jobs_of(draft)) == 2
    assert draft.trials.count() == 1


def test_a_reopened_run_is_a_draft_without_trials_and_keeps_its_plan(draft: Experiment, analyst: User) -> None:
    save_plan(draft, Plan(budget=Budget.QUICK, seconds=300, seed=5, folds=4))
    started = start_experiment(draft, analyst)
    cancel_experiment(started, analyst)
    Trial.objects.create(experiment=draft, number=1, learner="linear", backend="flaml", state="finished")

    reopened = reopen_experiment(started, analyst)

    assert reopened.state == ExperimentState.DRAFT
    assert reopened.trials.count() == 0
    assert (Plan.of(reopened).seed, Plan.of(reopened).folds, Plan.of(reopened).budget) == (5, 4, "quick")


def test_a_finished_run_is_never_reopened(
    draft: Experiment, analyst: User, finish: Callable[[Experiment], Experiment]
) -> None:
    finished = finish(draft)

    reopen_experiment(finished, analyst)

    assert finished.state == ExperimentState.FINISHED
    assert finished.leaderboard.count() == 2
