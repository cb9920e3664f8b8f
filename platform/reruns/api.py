"""Re-runs over HTTP: ask for one, see what came of it."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Refusal, refusals
from common.paging import PAGED, PageIn, page_of
from registry.models import ModelVersion
from registry.queries import signed
from reruns import queries, services
from reruns.models import Rerun
from training.models import Experiment
from training.queries.repeats import NO_STORY

router = Router(tags=["experiments"])
UNTOLD = Refusal(409, "no_story", NO_STORY)
CHANGED = Refusal(409, "changed", signed.DIFFERENT["artifact"], {"version": "Offer v1"})


class RerunOut(Schema):
    id: int
    experiment_id: int
    version_id: int | None
    again_id: int = Field(description="the experiment that repeats it; its run can be followed and cancelled there")
    asked_by: str
    created_at: datetime
    compared_at: datetime | None
    machine: str
    state: Literal["waiting", "running", "paused", "same", "different", "failed", "cancelled"]
    finding: str
    differences: list[str]
    is_independent: bool = Field(description="asked for by somebody who had no part in the experiment")
    facts: dict[str, Any]

    @staticmethod
    def of(shown: queries.ShownRerun) -> dict[str, Any]:
        rerun = shown.rerun
        return {
            "id": rerun.pk,
            "experiment_id": rerun.experiment_id,
            "version_id": rerun.version_id,
            "again_id": rerun.again_id,
            "asked_by": rerun.asked_by.username,
            "created_at": rerun.created_at,
            "compared_at": rerun.compared_at,
            "machine": rerun.machine,
            "state": rerun.state,
            "finding": shown.sentence,
            "differences": shown.differences,
            "is_independent": shown.is_independent,
            "facts": rerun.facts,
        }


@router.post(
    "/experiments/{experiment_id}/reruns",
    response={201: RerunOut},
    summary=_("Run a finished experiment again exactly and compare"),
    openapi_extra=refusals(UNTOLD),
)
def run_again(request: SignedInRequest, experiment_id: int) -> Status:
    experiment = _experiment(request, experiment_id)
    require_edit(request.user, experiment)
    return Status(201, _answered(services.run_again(experiment, request.user)))


@router.post(
    "/model-versions/{version_id}/reruns",
    response={201: RerunOut},
    summary=_("Run the experiment of a version again exactly and compare"),
    openapi_extra=refusals(UNTOLD, CHANGED),
)
def run_version_again(request: SignedInRequest, version_id: int) -> Status:
    seen = ModelVersion.objects.filter(registered_model__workspace__in=workspaces_of(request.user))
    version = get_object_or_404(seen.select_related("leaderboard_row__experiment"), pk=version_id)
    experiment = version.leaderboard_row.experiment
    require_edit(request.user, experiment)
    return Status(201, _answered(services.run_again(experiment, request.user, version=version)))


@router.get(
    "/experiments/{experiment_id}/reruns",
    response=list[RerunOut],
    summary=_("The re-runs of an experiment, newest first"),
    openapi_extra=PAGED,
)
def list_reruns(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    seen = queries.reruns_of(_experiment(request, experiment_id))
    page = page_of(seen, asked, request=request, response=response, order=("-pk",))
    return [RerunOut.of(shown) for shown in queries.all_shown(page)]


@router.get("/reruns/{rerun_id}", response=RerunOut, summary=_("One re-run: how far it is, and whether it matches"))
def get_rerun(request: SignedInRequest, rerun_id: int) -> dict[str, Any]:
    seen = Rerun.objects.filter(experiment__workspace__in=workspaces_of(request.user))
    return RerunOut.of(queries.shown(get_object_or_404(queries.with_all(seen), pk=rerun_id)))


def _experiment(request: SignedInRequest, experiment_id: int) -> Experiment:
    return get_object_or_404(Experiment, pk=experiment_id, workspace__in=workspaces_of(request.user))


def _answered(rerun: Rerun) -> dict[str, Any]:
    return RerunOut.of(queries.shown(queries.with_all(Rerun.objects.filter(pk=rerun.pk)).get()))
