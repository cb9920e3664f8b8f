"""Experiments that registered models rest on: their evidence must stay."""

from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from registry.models import ModelVersion
from training.models import Experiment

IS_REGISTERED = gettext_noop(
    "“%(model)s” v%(number)s is a model of this experiment, and its evidence must stay. Archive the experiment instead."
)


def keeps(experiment: Experiment) -> Sentence | None:
    """Tell why an experiment cannot be deleted, where one of its models is registered."""
    versions = ModelVersion.objects.filter(leaderboard_row__experiment=experiment)
    version = versions.select_related("registered_model").order_by("-pk").first()
    if version is None:
        return None
    return Sentence(IS_REGISTERED, {"model": version.registered_model.name, "number": str(version.number)})
