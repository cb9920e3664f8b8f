"""Reads of scoring worth a name."""

from django.db.models import QuerySet

from accounts.models import Workspace
from catalog.models import DatasetVersion, JoinPlan
from catalog.queries import versions_of
from registry.models import ModelVersion
from scoring.models import ScoringJob


def scoring_in(workspace: Workspace) -> QuerySet[ScoringJob]:
    return ScoringJob.objects.filter(workspace=workspace).select_related(
        "workspace", "owner", "job", "model_version__registered_model", "model_version__leaderboard_row__experiment"
    )


def tables_in(workspace: Workspace) -> QuerySet[DatasetVersion]:
    """Return the tables that may be scored, newest first."""
    return versions_of(workspace).filter(state="ready").defer("lineage", "notes", "comparison").order_by("-created_at")


def joins_behind(version: ModelVersion) -> QuerySet[JoinPlan]:
    """Return the joins whose table a model learnt from."""
    learnt_from = version.leaderboard_row.experiment.version
    return JoinPlan.objects.filter(workspace=learnt_from.dataset.workspace_id, result__dataset=learnt_from.dataset_id)
