"""How experiments are found."""

from collections.abc import Iterable

from django.http import HttpRequest

from common.addresses import address_of
from common.finding import Found
from training.models import ExperimentState
from training.queries.experiments import experiments_of, holds


def experiments(request: HttpRequest, text: str) -> Iterable[Found]:
    """Look at names of experiments, datasets and people; what is archived is left out, as lists leave it out."""
    listed = experiments_of(request.workspace).filter(holds(text), archived_at=None)  # type: ignore[attr-defined]
    for experiment in listed.iterator(chunk_size=50):
        page = "result" if experiment.state == ExperimentState.FINISHED else "run"
        told = f"{experiment.get_kind_display()} · {experiment.version.dataset.name} · {experiment.get_state_display()}"
        yield Found(address_of(page, experiment.pk), experiment.name, told)
