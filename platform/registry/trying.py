"""What the checks before submitting need of the table, worked out by the worker of the run."""

import logging
from pathlib import Path

from django.conf import settings

from experiments.errors import ExperimentError
from registry.artifacts import verified
from registry.evidence import try_reasons
from training.models import Experiment

log = logging.getLogger(__name__)


def try_recommended(experiment: Experiment) -> None:
    """Try the reasons of the recommended model and keep what came of it; a model that cannot be opened is left."""
    row = experiment.leaderboard.filter(is_recommended=True).exclude(model_path="").first()
    if row is None:
        return
    try:
        artifact = verified(Path(settings.MEDIA_ROOT) / row.model_path, row.model_hash)
    except (ExperimentError, OSError):
        log.warning("the reasons of %s could not be tried", row.candidate, exc_info=True)
        return
    row.evidence = {**row.evidence, "reasons_tried": try_reasons(artifact, experiment)}
    row.save(update_fields=["evidence"])
