"""What a run has found over HTTP: the leaderboard and the trials."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from accounts.requests import SignedInRequest
from common.answers import MOST_KEY
from common.paging import PAGED, PageIn, page_of
from results.queries.leaderboard import difference_to_recommended
from training.api.access import experiments_for
from training.api.experiment_schemas import FAMILIES
from training.words import sentences

router = Router(tags=["experiments"])


MOST_TRIALS = 1_000
TrialState = Literal["finished", "pruned", "failed"]


class LeaderboardRowOut(Schema):
    rank: int
    is_tie: bool
    is_recommended: bool
    candidate: str
    learner: str
    reason: str
    metrics: dict[str, Any]
    evidence: dict[str, Any] = Field(
        description="what a finalist was judged by; `difference` has, for each other finalist, the AUC of this one "
        "less its own on the same rows: `low` and `high` bound the interval at the `level` at which Holm's step judged "
        "the pair (95 % for all compared together), so the one to the recommended finalist holds 0 exactly in a tie"
    )
    model_hash: str
    too_few_to_judge: list[str] = Field(
        description="samples with fewer than 30 events, 30 other rows or 100 rows, from which nothing may be concluded"
    )

    @staticmethod
    def resolve_evidence(row: Any) -> dict[str, Any]:
        """Say of each limit what every page says of it: kept, broken, unproven or unjudged."""
        kept = row.kept
        told = {**row.evidence}
        if kept.limits:
            told["limits"] = [{**limit.to_dict(), "state": limit.state} for limit in kept.limits]
        if kept.difference:
            told["difference"] = LeaderboardRowOut.differences_of(row)
        return told

    @staticmethod
    def differences_of(row: Any) -> dict[str, Any]:
        """Return the differences as pages show them, also of a run that kept plain intervals beside Holm's p-values."""
        chosen = next((each for each in row.experiment.leaderboard.all() if each.is_recommended), None)
        found = difference_to_recommended(row, chosen)
        kept = {name: one.to_dict() for name, one in row.kept.difference.items()}
        return kept if chosen is None or found is None else {**kept, chosen.candidate: found}

    @staticmethod
    def resolve_too_few_to_judge(row: Any) -> list[str]:
        return [name for name, measures in row.measures if not measures.is_enough]

    @staticmethod
    def resolve_reason(row: Any) -> str:
        return sentences(row.why)


class TrialOut(Schema):
    number: int
    learner: str
    backend: str
    stage: Literal["", "response", "conversion"] = Field(
        description="of a two-stage question, the model it was tried for; its AUC is of that model's own question"
    )
    state: TrialState
    params: dict[str, Any]
    auc: float | None
    ks: float | None
    log_loss: float | None
    seconds: float
    elapsed: float
    message: str


class FinalistsIn(PageIn):
    learner: Literal[FAMILIES] | None = None  # type: ignore[valid-type]
    is_recommended: bool | None = None


@router.get(
    "/experiments/{experiment_id}/leaderboard",
    response=list[LeaderboardRowOut],
    summary=_("The finalists, best first"),
    openapi_extra=PAGED,
)
def leaderboard(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    asked: FinalistsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> Any:
    rows = get_object_or_404(experiments_for(request), pk=experiment_id).leaderboard.filter(**asked.filters())
    rows = rows.prefetch_related("experiment__leaderboard")
    return page_of(rows, asked, request=request, response=response, order=("rank", "pk"))


class TrialsIn(PageIn):
    limit: Annotated[int, Field(ge=1, le=MOST_TRIALS, description="rows per page")] = MOST_TRIALS
    after: int = Field(0, ge=0, le=MOST_KEY, description="only trials with a greater number")
    learner: Literal[FAMILIES] | None = None  # type: ignore[valid-type]
    state: TrialState | None = None


@router.get(
    "/experiments/{experiment_id}/trials",
    response=list[TrialOut],
    summary=_("Trials as they finish"),
    openapi_extra=PAGED,
)
def trials(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    asked: TrialsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> Any:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    rows = experiment.trials.filter(**asked.filters(after="number__gt"))
    return page_of(rows, asked, request=request, response=response, order=("number", "pk"))
