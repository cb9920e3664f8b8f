"""What the sample workspace shows of deployments: its recommended model in use, as soon as its evidence is gathered."""

from typing import Any

from django.db import transaction

from approvals.services import dossiers
from approvals.services.samples import approve_sample
from deployments import services
from deployments.models import Deployment
from training.models import Experiment, LeaderboardRow

NAME = "german-credit"


def deploy_sample(experiment: Experiment) -> None:
    """Deploy the sample's recommended model; where its evidence is still being gathered, ``on_gathered`` hears."""
    row = experiment.leaderboard.filter(is_recommended=True).exclude(model_path="").exclude(model_seal="").first()
    if row is None or not experiment.is_sample:
        return
    dossier = dossiers.dossier_of(row)
    if dossier is not None and dossier.is_gathered:
        deploy(row)


def on_gathered(row: LeaderboardRow, **_said: Any) -> None:
    """Deploy the sample's model, if the evidence is its."""
    experiment = row.experiment
    if experiment.is_sample and experiment.workspace.is_sample and row.is_recommended:
        deploy(row)


@transaction.atomic
def deploy(row: LeaderboardRow) -> None:
    """Have the model approved and put into use, once; what people have done in the sample since stays as it is."""
    experiment = row.experiment
    if Deployment.objects.filter(workspace=experiment.workspace).exists():
        return
    version = approve_sample(row)
    if version is not None and services.may_switch(experiment.owner, experiment.workspace):
        services.create(experiment.owner, experiment.workspace, name=NAME, champion=version)
