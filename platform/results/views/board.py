"""The leaderboard in the order that somebody asks for, on the page and as a file."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from results.forms import LeaderboardForm
from results.queries.leaderboard import Leaderboard, leaderboard_for
from results.queries.ranking import TRAIN, Ranked, RankedLine, asked_of, ranked
from results.views.chosen import csv_response, for_viewers_of_results
from training.models import Experiment
from training.words import METRICS, words_for


def board_asked(
    request: HttpRequest, experiment: Experiment, leaderboard: Leaderboard
) -> tuple[Ranked, LeaderboardForm]:
    """Return the leaderboard as asked for, and the form filled in; what was refused is told at its field."""
    of: dict[str, Any] = {"words": words_for(experiment), "leaderboard": leaderboard, "is_risk": experiment.is_risk}
    given = LeaderboardForm(request.GET, **of)
    given.full_clean()
    asked = asked_of(experiment, given.cleaned_data, leaderboard.test_sample)
    board = ranked(experiment, leaderboard, asked)
    if given.errors:
        return board, given
    values = given.cleaned_data | {
        "by": asked.by, "sample": asked.sample, "customers": asked.customers, "number": asked.number,
    }  # fmt: skip
    return board, LeaderboardForm(initial=values, **of)


def fields_shown(form: LeaderboardForm, board: Ranked) -> dict[str, Any]:
    """Return the fields of the row above the table, and those behind its filters; only what the order asks for."""
    names = ["by", "sample", *(("number", "customers", "gain", "cost") if board.asked.is_of_quota else ())]
    filters = ("within_limits", "family", "most_columns", "most_milliseconds", "most_megabytes")
    return {"board_fields": [form[name] for name in names], "board_filters": [form[name] for name in filters]}


def asked_query(request: HttpRequest) -> str:
    """Return what the address says of the order, for the address of the file."""
    return urlencode([(name, value) for name in LeaderboardForm.base_fields if (value := request.GET.get(name))])


@require_safe
@for_viewers_of_results
def experiment_leaderboard_csv(request: HttpRequest, experiment: Experiment) -> StreamingHttpResponse:
    leaderboard = leaderboard_for(experiment)
    board, _form = board_asked(request, experiment, leaderboard)
    samples = ("validation", leaderboard.test_sample, TRAIN)
    header = ["rank", "model", "candidate", "recommended", "columns", "milliseconds_per_row", "megabytes"]
    header += [f"{sample}_{name}{end}" for sample in samples for name in METRICS for end in ("", "_low", "_high")]
    header += [f"{sample}_too_few_to_judge" for sample in samples[:2]]
    # The interval is at the level at which Holm's step judged the tie: it holds 0 exactly where there is one.
    header += ["tied", *(f"auc_difference_to_recommended{end}" for end in ("", "_low_holm", "_high_holm"))]
    if board.asked.is_of_quota:
        header += ["customers", "events", "events_low", "events_high"]
        header += ["cost", "profit", "profit_low", "profit_high"] if board.has_money else []
    rows = [_row(each, samples, board) for each in board.lines]
    return csv_response([header, *rows], f"{experiment.name}-leaderboard")


def _row(each: RankedLine, samples: tuple[str, ...], board: Ranked) -> list[Any]:
    line, kept = each.line, each.line.row.kept
    row = [each.label.replace("=", ""), line.name, line.row.candidate, int(line.row.is_recommended)]
    row += [kept.features, kept.ms_per_row, each.megabytes]
    found = [line.row.measures.of(sample) for sample in samples]
    row += [
        end
        for measures in found
        for name in METRICS
        for end in (measures.of(name).value, measures.of(name).low, measures.of(name).high)
    ]
    is_tied = line.row.is_tie if board.is_of_run else each.is_tied
    row += [int(not line.is_validated_enough), int(not line.is_tested_enough), int(is_tied)]
    row += [line.against.value, line.against.low, line.against.high] if line.against else [None] * 3
    quota = each.quota
    if not board.asked.is_of_quota:
        return row
    columns = 8 if board.has_money else 4
    if quota is None:
        return row + [None] * columns
    told = [round(quota.customers), quota.events.value, quota.events.low, quota.events.high]
    told += [quota.cost, quota.profit.value, quota.profit.low, quota.profit.high]
    return row + told[:columns]
