"""How experiments are found."""

from collections.abc import Iterable

from django.http import HttpRequest

from common.addresses import address_of
from common.finding import Found
from training.models import ExperimentState
from training.queries.experiments import experiments_of, find


def experiments(request: HttpRequest, text: str) -> Iterable[Found]:
    """Look at what the list of experiments is searched by."""
    for experiment in find(experiments_of(request.workspace), text=text).iterator(chunk_size=50):  # type: ignore[attr-defined]
        page = "result" if experiment.state == ExperimentState.FINISHED else "run"
        told = f"{experiment.get_kind_display()} · {experiment.version.dataset.name} · {experiment.get_state_display()}"
        yield Found(address_of(page, experiment.pk), experiment.name, told)
