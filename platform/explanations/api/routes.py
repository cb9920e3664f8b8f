"""Where the operations that explain are put, and which model they are about."""

from django.shortcuts import get_object_or_404
from ninja import Router

from training.models import Experiment, LeaderboardRow

router = Router(tags=["explanations"])


def finalist_of(experiment: Experiment, candidate: str) -> LeaderboardRow:
    """Return the finalist that is named, or else the recommended one."""
    wanted = {"candidate": candidate} if candidate else {"is_recommended": True}
    return get_object_or_404(experiment.leaderboard.select_related("experiment"), **wanted)
