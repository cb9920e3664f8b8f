"""All trials of a run, on a page and as files."""

import itertools
import json
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from catalog.reading import Reading
from checks import tables as check_tables
from results.queries.evidence import versions_of
from results.queries.trials import trials_of, whole_trials
from results.views.chosen import attachment, csv_response
from training.models import Experiment, ExperimentState
from training.queries.repeats import told_for_repeating
from training.queries.trials import turns_of
from training.views.access import for_viewers, may_change
from training.words import TRIAL_COLUMNS

TRIALS_A_PAGE = 100


@require_safe
@for_viewers
def experiment_trials(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if experiment.state == ExperimentState.DRAFT:
        return redirect("experiment_plan", experiment.pk)
    order = request.GET.get("sort", "number")
    page = Paginator(trials_of(experiment, order), TRIALS_A_PAGE).get_page(request.GET.get("page"))
    shown = whole_trials(page.object_list)  # type: ignore[arg-type]
    turns = turns_of(experiment, [trial.number for trial in shown])
    for trial in shown:
        trial.turn = turns[trial.number] if trial.is_counted else None  # type: ignore[attr-defined]
    page.object_list = shown
    context = {
        "experiment": experiment,
        "page": page,
        "columns": [_column(name, label, order) for name, label in TRIAL_COLUMNS.items()],
        "query": f"sort={order}&" if order.removeprefix("-") in TRIAL_COLUMNS else "",
        "can_change": may_change(request, experiment),
    }
    return render(request, "results/trials.html", context)


@require_safe
@for_viewers
def experiment_trials_csv(request: HttpRequest, experiment: Experiment) -> StreamingHttpResponse:
    columns = [*TRIAL_COLUMNS, "stage", "objective", "params", "message"]
    trials = trials_of(experiment).values_list(*columns)
    rows = ([json.dumps(cell) if isinstance(cell, dict) else cell for cell in trial] for trial in trials.iterator())
    return csv_response(itertools.chain([columns], rows), f"{experiment.name}-trials")


@require_safe
@for_viewers
def experiment_trials_json(request: HttpRequest, experiment: Experiment) -> StreamingHttpResponse:
    """The trial list with all that is needed to replay it: question, seed, data hash, and every setting tried."""
    columns = [*TRIAL_COLUMNS, "stage", "objective", "params", "message"]
    head = {
        "experiment": experiment.name,
        "seed": experiment.spec.get("seed", experiment.seed),
        "data_sha256": experiment.version.sha256,
        "versions": versions_of(experiment),
        "file": experiment.version.file_name,
        "reading": Reading.of(experiment.version).told(),
        "types": check_tables.types_of(experiment.data_check),
        "sample": experiment.data_check.sample,
        "waterfall": experiment.data_check.waterfall,
        "spec": experiment.spec,
    }
    told = told_for_repeating(experiment)
    # The story has more of each trial, and which of them stood aside at the end.
    trials = told.pop("trials", None) or trials_of(experiment).values(*columns).iterator()
    response = StreamingHttpResponse(_as_json({**head, **told}, "trials", trials), content_type="application/json")
    response["Content-Disposition"] = attachment(f"{experiment.name}-trials", "json")
    return response


def _column(name: str, label: Any, order: str) -> dict[str, Any]:
    """Describe a column head: a click sorts by it, numbers from the greatest first; a second click turns it round."""
    is_text = name in ("number", "learner", "backend", "state")
    first, second = (name, f"-{name}") if is_text else (f"-{name}", name)
    return {
        "label": label,
        "is_number": not is_text or name == "number",
        "is_sorted": order.removeprefix("-") == name,
        "is_descending": order.startswith("-"),
        "next_order": second if order == first else first,
    }


def _as_json(head: dict[str, Any], name: str, items: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Write an object piece by piece whose last member is a list that may be long."""
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + f',\n "{name}": ['
    between = "\n"
    for item in items:
        yield between + json.dumps(item, ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"
