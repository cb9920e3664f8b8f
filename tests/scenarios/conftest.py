"""A finished run whose finalists kept the scores of ten held-out customers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as django_settings

from experiments.artifact.held_out_scores import HELD_OUT, HeldOutScores
from experiments.artifact.manifest import attach, write_manifest
from tests.training.conftest import ask, draft, explain, finish, version  # noqa: F401 - fixtures
from training.models import Experiment, LeaderboardRow

P = (0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6, 0.05)


@pytest.fixture
def experiment(
    draft: Experiment,  # noqa: F811
    finish: Callable[[Experiment], Experiment],  # noqa: F811
    explain: Callable[[Experiment], None],  # noqa: F811
) -> Experiment:
    finished = finish(draft)
    explain(finished)
    scores = HeldOutScores(np.arange(10) * 3, np.array([1.0, 0.0] * 5), np.array(P))
    for each in finished.leaderboard.all():
        folder = Path(django_settings.MEDIA_ROOT) / each.model_path
        write_manifest(folder, {"learner": each.learner})
        attach(folder, {HELD_OUT: scores.to_parquet()})
    return finished


@pytest.fixture
def row(experiment: Experiment) -> LeaderboardRow:
    return experiment.leaderboard.get(is_recommended=True)
