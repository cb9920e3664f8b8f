"""What people keep of one experiment: tags, a note, a star; the archive, and its end."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import page_before
from experiments.errors import ExperimentError
from planning.services.deleting import delete_experiment
from tracking.forms import KeepingForm
from tracking.models import Favourite, Tagged
from tracking.services import keeping
from training.models import Experiment
from training.views.access import for_editors, for_viewers, may_change, refuse_unless_editor
from training.words import sentence


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewers
def experiment_manage(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if request.method != "POST":
        return _show(request, experiment, KeepingForm.of(experiment))
    refuse_unless_editor(request, experiment)
    form = KeepingForm(request.POST)
    if not form.is_valid():
        return _show(request, experiment, form, status=422)
    user = request.user
    try:
        keeping.set_tags(experiment, form.typed_tags, user)  # type: ignore[arg-type]
        keeping.set_note(experiment, form.cleaned_data["note"], user)  # type: ignore[arg-type]
    except ExperimentError as error:
        form.add_error("tags", sentence(error.message, error.params))
        return _show(request, experiment, form, status=422)
    messages.success(request, _("Saved."))
    return redirect("experiment_manage", experiment.pk)


def _show(request: HttpRequest, experiment: Experiment, form: KeepingForm, status: int = 200) -> HttpResponse:
    known = Tagged.objects.filter(experiment__workspace=experiment.workspace)
    versions = experiment.version.dataset.versions.filter(state="ready").order_by("-number")
    context = {
        "experiment": experiment,
        "form": form,
        "known_tags": list(known.order_by("tag").values_list("tag", flat=True).distinct()),
        "versions": versions,
        "is_favourite": Favourite.objects.filter(experiment=experiment, user=request.user).exists(),  # type: ignore[misc]
        "can_change": may_change(request, experiment),
    }
    return render(request, "tracking/manage.html", context, status=status)


@require_POST
@for_viewers
def experiment_favourite(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """A favourite is a person's own, so whoever may look may keep it."""
    wanted = request.POST.get("favourite") == "1"
    keeping.set_favourite(experiment, request.user, is_favourite=wanted)  # type: ignore[arg-type]
    return redirect(page_before(request))  # type: ignore[arg-type]


@require_POST
@for_editors
def experiment_archive(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    try:
        keeping.archive(experiment, request.user)  # type: ignore[arg-type]
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
        return redirect("experiment_manage", experiment.pk)
    messages.success(request, _("“%(name)s” is archived. Lists leave it out; nothing is lost.") % {"name": experiment})
    return redirect("experiment_list")


@require_POST
@for_editors
def experiment_restore(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    keeping.restore(experiment, request.user)  # type: ignore[arg-type]
    messages.success(request, _("“%(name)s” is in the lists again.") % {"name": experiment})
    return redirect("experiment_manage", experiment.pk)


@require_POST
@for_editors
def experiment_delete(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    name = experiment.name
    try:
        delete_experiment(experiment, request.user)  # type: ignore[arg-type]
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
        return redirect("experiment_manage", experiment.pk)
    messages.success(request, _("“%(name)s” is deleted. The dataset stays.") % {"name": name})
    return redirect("experiment_list")
