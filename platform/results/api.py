"""What a run has found over HTTP: the leaderboard and the trials."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from accounts.requests import SignedInRequest
from common.numbers import MOST_KEY
from common.paging import PAGED, PageIn, page_of
from experiments.evaluation.intervals import Interval
from experiments.evaluation.measures import Measure
from results.queries.act import MOST_CUSTOMERS, MOST_MONEY
from results.queries.leaderboard import difference_to_recommended, leaderboard_for
from results.queries.ranking import Ranked, RankedLine, asked_of, ranked, rankings_offered
from training.api.access import experiments_for
from training.api.experiment_schemas import FAMILIES
from training.words import METRICS, sentences

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


class RankingIn(Schema):
    by: Literal[tuple(rankings_offered())] = "run"  # type: ignore[valid-type]
    sample: Literal["validation", "held_out", "out_of_time", "train"] = "validation"
    customers: int | None = Field(None, ge=1, le=MOST_CUSTOMERS, description="on the list")
    number: int | None = Field(None, ge=0, le=MOST_CUSTOMERS, description="that can be contacted or approved")
    gain: float | None = Field(None, ge=0, le=MOST_MONEY, description="of an event, or of a loan repaid")
    cost: float | None = Field(None, ge=0, le=MOST_MONEY, description="of a contact, or of a loan that is lost")


class BoundedOut(Schema):
    value: float | None
    low: float | None
    high: float | None


class RankedOut(Schema):
    rank: str = Field(description='place; "=1" where it cannot be told from the first')
    is_tie: bool
    candidate: str
    learner: str
    is_recommended: bool
    value: BoundedOut = Field(description="what was ranked by; empty in the order of the run")
    train: BoundedOut
    validation: BoundedOut
    tested: BoundedOut
    events: BoundedOut | None
    cost: float | None
    profit: BoundedOut | None
    columns: int | None
    milliseconds_per_row: float | None
    megabytes: float


class RankingOut(Schema):
    by: str
    finalists: list[RankedOut] = Field(description="all of them, best first")


@router.get(
    "/experiments/{experiment_id}/leaderboard/ranking",
    response=RankingOut,
    summary=_("Rank the finalists by any measure, a contact quota or profit"),
)
def ranking(
    request: SignedInRequest,
    experiment_id: int,
    asked: RankingIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> RankingOut:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    board_of = leaderboard_for(experiment)
    board = ranked(experiment, board_of, asked_of(experiment, asked.dict(), board_of.test_sample))
    return RankingOut(by=board.asked.by, finalists=[_ranked_out(each, board) for each in board.lines])


def _ranked_out(each: RankedLine, board: Ranked) -> RankedOut:
    line, quota = each.line, each.quota
    measured = board.asked.by if board.asked.by in METRICS else "auc"
    return RankedOut(
        rank=each.label, is_tie=each.is_tied, candidate=line.row.candidate, learner=line.row.learner,
        is_recommended=line.row.is_recommended, value=_bounded(each.value), train=_bounded(each.train.of(measured)),
        validation=_bounded(line.validation.of(measured)), tested=_bounded(line.tested.of(measured)),
        events=None if quota is None else _bounded(quota.events),
        cost=quota.cost if quota and board.has_money else None,
        profit=_bounded(quota.profit) if quota and board.has_money else None, columns=line.row.kept.features,
        milliseconds_per_row=line.milliseconds, megabytes=each.megabytes,
    )  # fmt: skip


def _bounded(found: Interval | Measure) -> BoundedOut:
    ends = (None if end is None or end != end else end for end in (found.value, found.low, found.high))
    return BoundedOut(**dict(zip(("value", "low", "high"), ends, strict=True)))


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
