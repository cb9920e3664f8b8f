"""Experiments that registered models rest on, by what they found or by repeating it: their evidence must stay."""

from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from registry.models import ModelVersion
from training.models import Experiment, ExperimentState

IS_REGISTERED = gettext_noop(
    "“%(model)s” v%(number)s is a model of this experiment, and its evidence must stay. Archive the experiment instead."
)
IS_EVIDENCE = gettext_noop(
    "This run is a re-run of the experiment of “%(model)s” v%(number)s, and its result is evidence for that "
    "version. Archive this run instead."
)


def keeps(experiment: Experiment) -> Sentence | None:
    """Tell why an experiment cannot be deleted: a model of it is registered, or one of the run that it repeats."""
    return _told(IS_REGISTERED, experiment.pk) or (
        _told(IS_EVIDENCE, repeated) if (repeated := _compared_with(experiment)) is not None else None
    )


def _compared_with(experiment: Experiment) -> int | None:
    """Return the run that a finished one repeats; whoever deleted it would take back what it says of that run."""
    repeats = experiment.found.repeats
    return repeats.experiment if repeats and experiment.state == ExperimentState.FINISHED else None


def _told(message: str, run: int) -> Sentence | None:
    """Return the sentence about the newest version registered from a run, if there is one."""
    versions = ModelVersion.objects.filter(leaderboard_row__experiment=run)
    version = versions.select_related("registered_model").order_by("-pk").first()
    if version is None:
        return None
    return Sentence(message, {"model": version.registered_model.name, "number": str(version.number)})
