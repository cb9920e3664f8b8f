"""Comparisons over HTTP: ask for one, watch it, read its evidence."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Router, Schema, Status

from accounts.api import workspace_named
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.models import DatasetVersion, VersionState
from common.answers import Body, Key, Refusal, refusals
from common.missing import NotThere, named_row
from common.templatetags.formatting import sentence
from comparisons import services
from comparisons.models import ModelComparison
from comparisons.queries.hidden import shown_facts
from comparisons.queries.subjects import CODE, UnknownModel, subjects_named, with_models
from experiments.comparison.limits import MOST_MODELS, ONE_ALONE
from experiments.errors import BadInput

router = Router(tags=["comparisons"])
FEWEST = 2
WITHOUT_MODEL = Refusal(409, "no_model", ONE_ALONE)


class ModelComparisonIn(Body):
    models: list[str] = Field(
        min_length=FEWEST,
        max_length=MOST_MODELS,
        description="f-ID a finalist, v-ID a registered version, t-ID a trial; the first is the one the others are "
        "set against",
        examples=[["f-1", "v-1"]],
    )
    dataset_version_id: Key | None = Field(
        None, description="score the models on this version; without it, the rows that all of them held out count"
    )
    amount: str = Field("", description="column of amounts for the money of who changes sides; found by name if empty")
    workspace: str | None = None


class ModelComparisonOut(Schema):
    id: int
    models: list[str]
    dataset_version_id: int | None
    state: Literal["queued", "compared", "refused", "failed"]
    percent: float
    refusal: str = Field(description="why the models cannot be compared; empty where they can")
    result: dict[str, Any] | None = Field(description="measures, differences, swap sets, curves, months")
    created_at: datetime
    compared_at: datetime | None

    @staticmethod
    def of(comparison: ModelComparison) -> dict[str, Any]:
        facts = shown_facts(comparison)
        return {
            "id": comparison.pk,
            "models": comparison.subjects,
            "dataset_version_id": comparison.version_id,
            "state": _state(comparison),
            "percent": 100.0 if comparison.is_done else (comparison.job.percent if comparison.job else 0.0),
            "refusal": sentence(facts.refusal) if facts.refusal else "",
            "result": facts.compared.to_dict() if facts.compared is not None else None,
            "created_at": comparison.created_at,
            "compared_at": comparison.compared_at,
        }


def _state(comparison: ModelComparison) -> str:
    if comparison.is_done:
        return "refused" if comparison.found.compared is None else "compared"
    return "failed" if comparison.has_ended_without else "queued"


def comparisons_for(request: SignedInRequest) -> QuerySet[ModelComparison]:
    return ModelComparison.objects.filter(workspace__in=workspaces_of(request.user)).select_related(
        "job", "workspace", "version__dataset"
    )


@router.post(
    "/model-comparisons",
    response={202: ModelComparisonOut},
    summary=_("Compare up to four models on the same rows"),
    openapi_extra=refusals(WITHOUT_MODEL),
)
def start(request: SignedInRequest, asked: ModelComparisonIn) -> Status:
    place = workspace_named(request.user, asked.workspace)
    for number, code in enumerate(asked.models):
        if CODE.fullmatch(code) is None:
            raise NotThere(f"models[{number}]", code)
    try:
        subjects = subjects_named(asked.models, place)
    except UnknownModel as unknown:
        raise NotThere("models", str(unknown.params.get("code", ""))) from unknown
    if len(with_models(subjects)) < FEWEST:
        raise BadInput(ONE_ALONE).about("models")
    version = None
    if asked.dataset_version_id is not None:
        ready = DatasetVersion.objects.filter(dataset__workspace=place, state=VersionState.READY)
        version = named_row(ready, field="dataset_version_id", pk=asked.dataset_version_id)
    comparison = services.ask(
        subjects, workspace=place, user=request.user, version=version, amount=asked.amount
    )  # fmt: skip
    return Status(202, ModelComparisonOut.of(comparisons_for(request).get(pk=comparison.pk)))


@router.get(
    "/model-comparisons/{comparison_id}", response=ModelComparisonOut, summary=_("Watch a comparison, read its result")
)
def get_comparison(request: SignedInRequest, comparison_id: int) -> dict[str, Any]:
    return ModelComparisonOut.of(get_object_or_404(comparisons_for(request), pk=comparison_id))
