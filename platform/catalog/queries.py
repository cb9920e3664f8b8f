"""Reads of datasets and checks worth a name."""

from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from accounts.models import Workspace
from catalog.models import Dataset, DatasetVersion

# What a person says of a proposed special value that is an ordinary one.
QUANTITY = "quantity"


def datasets_of(workspace: Workspace) -> QuerySet[Dataset]:
    """Return a workspace's datasets with their versions, newest first, in a fixed number of queries."""
    versions = DatasetVersion.objects.select_related("owner", "job").defer("comparison", "lineage", "notes")
    versions = versions.order_by("-number")
    return (
        Dataset.objects.filter(workspace=workspace)
        .select_related("owner")
        .prefetch_related(Prefetch("versions", queryset=versions, to_attr="all_versions"))
    )


def versions_of(workspace: Workspace) -> QuerySet[DatasetVersion]:
    """Return every version a member of the workspace may look at."""
    versions = DatasetVersion.objects.filter(dataset__workspace=workspace).select_related("dataset", "owner", "job")
    # At 2,000 columns a comparison is large, and few pages show it.
    return versions.defer("comparison")


def ready_versions_of(workspace: Workspace) -> QuerySet[DatasetVersion]:
    """Return the versions a question can be put to: samples last, newest first."""
    return (
        versions_of(workspace)
        .filter(state="ready")
        .annotate(question_count=Count("experiments"))
        .order_by("dataset__is_sample", "-created_at")
    )


def confirmed_special_values(dataset: Dataset) -> dict[str, list[Any]]:
    """Return the values of a dataset that people confirmed to stand for no quantity, by column."""
    settings = dataset.column_settings.exclude(special_values=[])
    return {
        setting.name: [each["value"] for each in setting.special_values if each.get("meaning") != QUANTITY]
        for setting in settings
    }
