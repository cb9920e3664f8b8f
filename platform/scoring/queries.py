"""Reads of scoring worth a name."""

from django.db.models import QuerySet

from accounts.models import Workspace
from scoring.models import ScoringJob


def scoring_in(workspace: Workspace) -> QuerySet[ScoringJob]:
    return ScoringJob.objects.filter(workspace=workspace).select_related(
        "workspace", "owner", "job", "model_version__registered_model", "model_version__leaderboard_row__experiment"
    )
