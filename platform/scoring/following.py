"""Scores what a join has just made, where the join was run for that."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from accounts.models import User
from accounts.permissions import can_view
from catalog.models import DatasetVersion
from experiments.errors import ExperimentError, gettext_noop
from joins import services as joins
from joins.models import JoinPlan
from registry.models import ModelVersion
from scoring.services import ScoringError, Wanted, require_usable, score_version

NOT_HERE = gettext_noop("That is not a champion of this workspace.")


def run_and_score(
    plan: JoinPlan, sources: Mapping[str, DatasetVersion], user: User, version: ModelVersion, wanted: Wanted
) -> None:
    """Run a join on other sources and then score its table with a champion, as one act.

    Raises JoinRefused where a source does not fit, ScoringError where the model may not score.
    """
    if not can_view(user, version) or version.registered_model.workspace_id != plan.workspace_id:
        raise ScoringError(NOT_HERE)
    require_usable(version)
    spoken = {**asdict(wanted), "language": wanted.spoken}
    joins.run_on(plan, sources, user, then={"model_version": version.pk, "user": user.pk, "wanted": spoken})


def on_joined(sender: Any, *, version: DatasetVersion, then: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Score the table; what stands against it is kept with the join."""
    model_version = ModelVersion.objects.filter(pk=then["model_version"]).first()
    user = User.objects.get(pk=then["user"])
    try:
        if model_version is None:
            raise ScoringError(NOT_HERE)
        scoring_job = score_version(user, model_version, version, wanted=Wanted(**then["wanted"]))
    except ExperimentError as refused:
        return {"message": refused.message, "params": refused.params}
    return {"scoring_job": scoring_job.pk}
