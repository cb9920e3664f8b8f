"""One real run with the real engine, from the start button to the report."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.storage import local_path
from experiments.artifact.evidence import ModelEvidence
from experiments.artifact.explanation import Explanation
from experiments.data.splitting.split import SplitFacts
from experiments.errors import ArtifactError
from experiments.search.finalist import FinalistEvidence
from experiments.spec import ExperimentSpec
from experiments.stored import VERSION, Stored
from jobs.models import Job, JobState
from planning.plans.plan import Plan
from planning.services.drafting import save_plan
from planning.services.starting import start_experiment
from registry.facts import DossierFacts
from registry.models import Dossier
from tests.explanations.test_why import REASONS
from tests.results.test_evidence import CURVES
from training.models import Budget, Experiment, ExperimentState

KEPT = {"evidence.json": ModelEvidence, "explanation.json": Explanation}
PAGES = ["experiment_result", "experiment_why", "experiment_trials", "experiment_settings", "candidate_reports"]


def kept_by(experiment: Experiment) -> Iterator[tuple[type[Stored], dict[str, Any]]]:
    """Yield what a run has stored that stands by itself, with the type that reads it."""
    yield SplitFacts, experiment.result["split"]
    yield ExperimentSpec, experiment.spec
    yield DossierFacts, Dossier.objects.get().facts
    for row in experiment.leaderboard.all():
        yield FinalistEvidence, row.evidence
        for name, kind in KEPT.items():
            yield kind, json.loads((local_path(row.model_path) / name).read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_real_run_fills_every_page_and_a_second_run_of_its_job_adds_nothing(
    draft: Experiment, analyst: User, stranger: User, client_of: Callable[[User], Client],
    run_jobs: Callable[[], list[Job]],
) -> None:  # fmt: skip
    Job.objects.all().delete()
    save_plan(draft, Plan(budget=Budget.TRIALS, trials=8, learners=("lightgbm", "linear")))
    start_experiment(draft, analyst)

    # The evidence of the model is gathered behind its result.
    job, gathering = run_jobs()
    draft.refresh_from_db()

    assert (job.state, job.error_message, job.error_reference) == (JobState.SUCCEEDED, "", "")
    assert gathering.state == JobState.SUCCEEDED
    assert draft.state == ExperimentState.FINISHED
    learners = set(draft.leaderboard.values_list("learner", flat=True))
    assert {"scorecard", "baseline"} <= learners
    assert draft.leaderboard.filter(is_recommended=True).count() == 1
    assert set(draft.trials.values_list("learner", flat=True)) >= {"lightgbm", "linear", "scorecard", "baseline"}
    numbers = list(draft.trials.values_list("number", flat=True))

    browser, other = client_of(analyst), client_of(stranger)
    for name in PAGES:
        assert browser.get(reverse(name, args=[draft.pk])).status_code == 200, name
        assert other.get(reverse(name, args=[draft.pk])).status_code == 404, name
    for name in {*CURVES, *REASONS} - {"by_period"}:  # no month has 30 events
        address = reverse("experiment_chart" if name in CURVES else "reasons_chart", args=[draft.pk, name])
        assert browser.get(f"{address}?candidate=lightgbm&column=age").json()["data"], name

    for kind, stored in kept_by(draft):
        assert json.loads(json.dumps(kind.from_dict(stored).to_dict())) == stored, kind
        assert stored[VERSION] == kind.version
        with pytest.raises(ArtifactError, match="newer version of Xiaoyu"):
            kind.from_dict({**stored, VERSION: kind.version + 1})

    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, lease="")
    again, gathered_again = run_jobs()

    assert (again.state, gathered_again.state) == (JobState.SUCCEEDED, JobState.SUCCEEDED)
    assert gathered_again.kind == gathering.kind
    assert list(draft.trials.values_list("number", flat=True))[: len(numbers)] == numbers
    assert draft.leaderboard.filter(is_recommended=True).count() == 1
