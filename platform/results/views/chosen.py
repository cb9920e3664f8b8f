"""What every page of a result shows: the model that is looked at, its name, what the result stands on."""

from collections.abc import Iterable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify

from experiments.writing.formula_guard import csv_lines
from results.queries.leaderboard import Leaderboard, LeaderboardLine
from training.models import Experiment, ExperimentState
from training.queries.outcome import doubts, ended_early
from training.run_facts import Standing
from training.views.access import for_viewers, may_change
from training.words import SAMPLES, words_for


def for_viewers_of_results(view: Any) -> Any:
    """The view gets an experiment whose result stands; any other leads to where it is now."""

    @for_viewers
    @wraps(view)
    def looking(request: HttpRequest, experiment: Experiment, *args: Any, **kwargs: Any) -> HttpResponse:
        if experiment.state == ExperimentState.DRAFT:
            return redirect("experiment_plan", experiment.pk)
        if not experiment.has_result:
            return redirect("experiment_run", experiment.pk)
        return view(request, experiment, *args, **kwargs)

    return looking


def chosen_line(request: HttpRequest, leaderboard: Leaderboard) -> LeaderboardLine:
    line = leaderboard.line_of(request.GET.get("candidate", ""))
    if line is None:
        raise Http404
    return line


def frame_of(
    request: HttpRequest, experiment: Experiment, leaderboard: Leaderboard, line: LeaderboardLine, *, tab: str
) -> dict[str, Any]:
    return {
        "experiment": experiment,
        "tab": tab,
        "leaderboard": leaderboard,
        "line": line,
        "candidate": line.row.candidate,
        "chosen": "" if line.row.is_recommended else line.row.candidate,
        "words": words_for(experiment),
        "test_label": SAMPLES[leaderboard.test_sample],
        "is_out_of_time": leaderboard.test_sample == "out_of_time",
        "can_change": may_change(request, experiment),
        "standing": standing_of(experiment),
        "ended_early": ended_early(experiment),
        "doubts": doubts(experiment),
    }


def standing_of(experiment: Experiment) -> dict[str, Any] | None:
    """Tell how much of a result is there that stands already; nothing of one that is whole."""
    if not experiment.is_being_finished:
        return None
    found = experiment.found
    standing = found.standing or Standing()
    models = max(found.ended_early.kept if found.ended_early else 0, standing.measured)
    return {**standing.to_dict(), "models": models, "has_stopped": not experiment.is_under_way}


def csv_response(rows: Iterable[Iterable[Any]], name: str) -> StreamingHttpResponse:
    """Stream rows as CSV that spreadsheet programs open with the right letters and without running any cell."""
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = attachment(name, "csv")
    return response


def attachment(name: str, suffix: str) -> str:
    plain = slugify(name) or "xiaoyu"
    return f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(name)}.{suffix}"
