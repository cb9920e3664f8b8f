"""A new draft that begins where another experiment is."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from catalog.models import DatasetVersion
from checks.models import DataCheck
from common.numbers import whole_number
from experiments.errors import ExperimentError
from jobs.once import once
from planning.services.cloning import clone_experiment
from training.models import Experiment
from training.views.access import for_viewers
from training.words import sentence


@require_POST
@for_viewers
@once
def experiment_clone(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """Open the plan of the clone; where its data are checked anew, the data check, with what did not come along."""
    version = _version(request, experiment)
    try:
        clone = clone_experiment(experiment, request.user, name=request.POST.get("name", "").strip(), version=version)  # type: ignore[arg-type]
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
        return redirect("experiment_manage", experiment.pk)
    for told in clone.told:
        messages.warning(request, sentence(told.message, told.params))
    is_checked = clone.experiment.data_check.state == DataCheck.State.READY
    return redirect("experiment_plan" if is_checked else "experiment_data", clone.experiment.pk)


def _version(request: HttpRequest, experiment: Experiment) -> DatasetVersion | None:
    asked = request.POST.get("version", "")
    if not asked:
        return None
    versions = DatasetVersion.objects.filter(dataset=experiment.version.dataset_id)
    return get_object_or_404(versions, pk=whole_number(asked) or 0)
