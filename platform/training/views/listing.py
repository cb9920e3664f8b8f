"""All experiments of a workspace, to be searched and filtered."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.decorators import workspace_required
from training.models import ExperimentState
from training.queries.experiments import ListLine, counts_by_state, experiments_of, find

PAGE_SIZE = 50


@require_safe
@workspace_required
def experiment_list(request: HttpRequest) -> HttpResponse:
    text, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    workspace = request.workspace  # type: ignore[attr-defined]
    experiments = find(experiments_of(workspace), text=text, state=state)
    counts = counts_by_state(workspace)
    chips = [("", counts[""])] + [(value, counts[value]) for value in ExperimentState.values if counts[value]]
    page = Paginator(experiments, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "training/list.html",
        {
            "page": page,
            "experiments": [ListLine.of(experiment) for experiment in page],
            "text": text,
            "state": state,
            "chips": [(value, ExperimentState(value).label if value else "", n) for value, n in chips],
            "is_empty": counts[""] == 0,
        },
    )
