"""Registered models and their versions: lists, champions, and what to fall back on."""

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Workspace
from registry.models import Alias, ModelVersion, RegisteredModel, VersionState
from training.models import LeaderboardRow


def champion_of(model: RegisteredModel) -> ModelVersion | None:
    return model.versions.filter(alias=Alias.CHAMPION).first()


def fallback_of(model: RegisteredModel) -> ModelVersion | None:
    """Return the approved version before the champion: the one to roll back to, so one that is still in date."""
    champion = champion_of(model)
    in_date = Q(expires_on=None) | Q(expires_on__gte=timezone.localdate())
    earlier = model.versions.filter(in_date, state=VersionState.APPROVED).exclude(alias=Alias.CHAMPION)
    if champion:
        earlier = earlier.filter(number__lt=champion.number)
    return earlier.order_by("-number").first()


def models_in(workspace: Workspace) -> QuerySet[RegisteredModel]:
    """Return the workspace's models with their versions and their scoring, in a fixed number of queries."""
    versions = ModelVersion.objects.select_related("author").order_by("-number")
    return (
        RegisteredModel.objects.filter(workspace=workspace)
        .prefetch_related(Prefetch("versions", queryset=versions, to_attr="all_versions"))
        .annotate(
            last_scored_at=Max("versions__scoring_jobs__finished_at"),
            scored_count=Count("versions__scoring_jobs", filter=Q(versions__scoring_jobs__state="finished")),
        )
        .order_by("name")
    )


def versions_in(workspace: Workspace) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(registered_model__workspace=workspace).select_related(
        "registered_model__workspace",
        "author",
        "leaderboard_row__experiment__version__dataset",
        "leaderboard_row__experiment__data_check",
    )


def champions_in(workspace: Workspace) -> QuerySet[ModelVersion]:
    return versions_in(workspace).filter(alias=Alias.CHAMPION).order_by("registered_model__name")


def returned_version(row: LeaderboardRow) -> ModelVersion | None:
    """Return the version of a finalist that was sent back for a change, if there is one."""
    return ModelVersion.objects.filter(leaderboard_row=row, state=VersionState.CHANGES).first()


def scored_this_month(workspace: Workspace) -> dict[str, int]:
    first_day = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    versions = ModelVersion.objects.filter(registered_model__workspace=workspace)
    totals = versions.filter(scoring_jobs__state="finished", scoring_jobs__finished_at__gte=first_day).aggregate(
        files=Count("scoring_jobs"), rows=Sum("scoring_jobs__row_count")
    )
    return {"files": totals["files"], "rows": totals["rows"] or 0}
