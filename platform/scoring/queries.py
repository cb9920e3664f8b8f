"""Reads of scoring worth a name."""

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.models import Workspace
from catalog.models import DatasetVersion
from catalog.queries import versions_of
from joins import queries as join_queries
from joins.models import JoinPlan
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


def read_by_join(plan: JoinPlan, asked: Collection[str]) -> list[tuple[str, list[str]]]:
    """Return each table that a join reads, the base first, with the columns it must have for a model to be scored.

    ``asked`` are the columns that the model asks for: those that the base carries itself are needed of it, too.
    """
    spec = join_queries.spec_of(plan)
    if spec is None:
        return []
    found = []
    for table, version in join_queries.versions_by_table(plan).items():
        needed = join_queries.needed_columns(spec, table)
        if table == spec.base:
            carried = {column.name for column in version.all_columns}  # type: ignore[attr-defined]
            needed += [name for name in asked if name in carried and name not in needed]
        if needed:
            found.append((table, needed))
    return found
