"""Pages of the registered models."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.decorators import workspace_required
from accounts.requests import SignedInRequest
from registry.forms import CommentForm
from registry.models import Alias, ModelVersion, RegisteredModel, VersionState
from registry.queries.models import fallback_of, models_in, scored_this_month, versions_in
from training.words import learner_name

DAYS_BEFORE_EXPIRY = 60


@require_GET
@workspace_required
def model_list(request: SignedInRequest) -> HttpResponse:
    models = list(models_in(request.workspace))
    rows = [row for model in models if (row := model_row(model))]
    shown = request.GET.get("show", "all")
    return render(
        request,
        "registry/model_list.html",
        {
            "rows": [row for row in rows if shown in ("all", *row["groups"])],
            "shown": shown,
            "counts": {group: sum(group in row["groups"] for row in rows) for group in ("live", "waiting", "expiring")},
            "total": len(rows),
            "next_expiry": min((row for row in rows if row["expires_on"]), key=lambda r: r["expires_on"], default=None),
            "scored": scored_this_month(request.workspace),
        },
    )


def model_row(model: RegisteredModel) -> dict[str, Any]:
    """Return what the list says of a model, from its prefetched versions."""
    versions = model.all_versions  # type: ignore[attr-defined]
    champion = next((v for v in versions if v.is_champion), None)
    pending = next((v for v in versions if v.state == VersionState.SUBMITTED), None)
    shown = champion or (versions[0] if versions else None)
    expires_on = champion.expires_on if champion else None
    days_left = (expires_on - timezone.localdate()).days if expires_on else None
    groups = [
        *(["live"] if champion else []),
        *(["waiting"] if pending else []),
        *(["expiring"] if days_left is not None and days_left <= DAYS_BEFORE_EXPIRY else []),
    ]
    return {
        "model": model,
        "champion": champion,
        "pending": pending,
        "beside": [v for v in versions if v.alias in (Alias.CHALLENGER, Alias.SHADOW)],
        "returned": next((v for v in versions if v.state == VersionState.CHANGES), None),
        "newest": versions[0] if versions else None,
        "ks": shown.frozen.numbers.ks if shown else None,
        "expires_on": expires_on,
        "days_left": days_left,
        "life_spent": life_spent(champion) if champion else 0,
        "groups": groups,
    }


def life_spent(version: ModelVersion) -> int:
    """Return how much of its allowed time a version has used, in per cent."""
    if version.expires_on is None:
        return 0
    whole = (version.expires_on - version.created_at.date()).days or 1
    return max(2, min(100, round(100 * (timezone.localdate() - version.created_at.date()).days / whole)))


@require_GET
@workspace_required
def model_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    model = get_object_or_404(RegisteredModel, pk=pk, workspace=request.workspace)
    versions = list(versions_in(request.workspace).filter(registered_model=model).order_by("-number"))
    return render(
        request,
        "registry/model_detail.html",
        {
            "model": model,
            "versions": [{"version": v, "learner": learner_name(v.frozen.learner)} for v in versions],
            "champion": next((v for v in versions if v.is_champion), None),
            "fallback": fallback_of(model),
            "form": CommentForm(),
        },
    )
