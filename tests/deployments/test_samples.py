"""The sample's model is approved and put into use once its evidence is gathered, and no other model ever is so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User, Workspace
from approvals.services import dossiers
from approvals.services.samples import approve_sample
from audit.models import AuditEntry
from deployments.models import Deployment
from deployments.samples import deploy_sample
from registry.models import ModelVersion
from training.models import LeaderboardRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def of_sample(finalist: LeaderboardRow, modeler: User, admin: User) -> LeaderboardRow:
    """The finalist as one of the sample's experiment, whose people are the sample's."""
    experiment = finalist.experiment
    experiment.workspace.is_sample = experiment.is_sample = admin.is_sample = True
    experiment.owner = modeler
    for each in (experiment.workspace, experiment, admin):
        each.save()
    return LeaderboardRow.objects.get(pk=finalist.pk)


def test_gathered_evidence_puts_the_samples_model_into_use_once(
    of_sample: LeaderboardRow, run_jobs: Callable[[], Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    deploy_sample(of_sample.experiment)
    assert not Deployment.objects.exists()  # its evidence is not there yet

    dossiers.asked_for(of_sample, of_sample.experiment.owner)
    with django_capture_on_commit_callbacks(execute=True):
        run_jobs()
    deploy_sample(of_sample.experiment)

    deployment = Deployment.objects.get()
    assert deployment.current is not None
    version = deployment.current.champion
    assert version.leaderboard_row == of_sample
    assert "trying out only" in version.limits_of_use
    entry = AuditEntry.objects.get(action="model_version.approved")
    assert "automatically" in entry.details["comment"]


def test_what_people_have_submitted_in_the_sample_is_left_to_them(champion: ModelVersion, workspace: Workspace) -> None:
    workspace.is_sample = True
    workspace.save()
    experiment = champion.leaderboard_row.experiment
    experiment.is_sample = True
    experiment.save()
    deploy_sample(experiment)
    assert ModelVersion.objects.get() == champion
    assert not Deployment.objects.exists()


def test_no_model_outside_of_the_sample_is_approved_without_people(finalist: LeaderboardRow, admin: User) -> None:
    finalist.experiment.is_sample = True  # in a workspace of people
    with pytest.raises(PermissionDenied):
        approve_sample(finalist)
