"""The result: the recommended model, the leaderboard, the curves and the decile table."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments.artifact.evidence import ModelEvidence
from results.figures.result_charts import first_charts, result_charts
from results.queries.deciles import GROUPS, deciles_of, groups_kept, has_deciles, table_of_scores
from results.queries.evidence import evidence_of
from results.queries.leaderboard import Leaderboard, leaderboard_for
from results.queries.ranking import Ranked
from results.queries.summary import summary_of
from results.views.board import asked_query, board_asked, fields_shown
from results.views.chosen import chosen_line, for_viewers_of_results, frame_of, standing_of
from results.views.parts import RESULT_PARTS, parts_of
from training.models import Experiment, LeaderboardRow
from training.views.access import for_viewers
from training.words import METRICS, SAMPLES

LEADERBOARD_METRICS = ("auc", "ks", "gini", "lift", "log_loss", "brier")
CHARTS_OF = {"summary": first_charts, "curves": result_charts}


@require_safe
@for_viewers_of_results
def experiment_result(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    leaderboard = leaderboard_for(experiment)
    line = chosen_line(request, leaderboard)
    found = evidence_of(line.row)
    summary = summary_of(experiment, line, found, leaderboard)
    frame = frame_of(request, experiment, leaderboard, line, tab="result")
    has = {"deciles": has_deciles(found), "derived": summary.derived_columns}
    shown = parts_of(request, RESULT_PARTS, has, candidate=frame["chosen"])
    context = frame | shown | {"summary": summary}
    if shown["part"] == "summary":
        context |= _board(request, experiment, leaderboard)
    if charts_of := CHARTS_OF.get(shown["part"]):
        context["charts"] = charts_of(experiment, found, leaderboard.test_sample)
    if shown["part"] == "deciles":
        context |= _score_table(request, experiment, line.row, found, leaderboard.test_sample)
    return render(request, "results/result.html", context)


@require_safe
@for_viewers
def experiment_standing(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """What is still being made of a result; the page is shown anew whenever there is more to see."""
    seen = {name: request.GET.get(name, "") for name in ("measured", "saved")}
    standing = experiment.found.standing
    now = {"measured": str(standing.measured), "saved": str(standing.saved)} if standing else {}
    if not experiment.is_being_finished or seen != now:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "results/_standing.html", {"experiment": experiment, "standing": standing_of(experiment)})


def _board(request: HttpRequest, experiment: Experiment, leaderboard: Leaderboard) -> dict[str, Any]:
    board, form = board_asked(request, experiment, leaderboard)
    return {
        "board": board,
        "sorted_by": _sorted_by(board, leaderboard),
        **fields_shown(form, board),
        "board_query": asked_query(request),
        "metrics": [(name, METRICS[name]) for name in LEADERBOARD_METRICS],
    }


def _score_table(
    request: HttpRequest, experiment: Experiment, row: LeaderboardRow, found: ModelEvidence, test_sample: str
) -> dict[str, Any]:
    """Return the score table asked for, and which others there are: what the run kept for it is large to read."""
    kept = groups_kept(row)
    samples = [name for name in ("train", "validation", test_sample) if has_deciles(found, name) or name in kept]
    sample, groups = _sample(request, samples), _groups(request, kept)
    return {
        "samples": [(name, SAMPLES[name]) for name in samples],
        "score_groups": groups,
        "groups_offered": kept.get(sample, ()),
        "sample": sample,
        "deciles": deciles_of(experiment, table_of_scores(row, found, sample, groups)),
    }


def _sorted_by(board: Ranked, leaderboard: Leaderboard) -> str:
    """Return the measure whose column bears the arrow; none where another column does."""
    if not board.is_of_run:
        return board.asked.by
    return "" if leaderboard.is_penalised else leaderboard.ranking_metric


def _sample(request: HttpRequest, samples: list[str]) -> str:
    asked = request.GET.get("sample", "validation")
    return asked if asked in samples else "validation"


def _groups(request: HttpRequest, kept: dict[str, tuple[int, ...]]) -> int:
    asked = request.GET.get("groups", "")
    known = {str(count) for counts in kept.values() for count in counts}
    return int(asked) if asked in known else GROUPS[0]
