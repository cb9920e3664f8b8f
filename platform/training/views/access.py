"""Who may see and who may change an experiment: a stranger gets 404, a colleague without the right 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.decorators import workspace_required
from accounts.models import Role
from training.models import Experiment
from training.queries.experiments import experiments_of, with_one_table

View = Callable[..., HttpResponseBase]


def may_change(request: HttpRequest, experiment: Experiment) -> bool:
    """The owner may, and so may modelers and admins of the workspace; no query is needed to tell."""
    role = request.role  # type: ignore[attr-defined]
    return role in (Role.MODELER, Role.ADMIN) or experiment.owner_id == request.user.pk


def refuse_unless_editor(request: HttpRequest, experiment: Experiment) -> None:
    """Tell a colleague without the right whom to ask."""
    if not may_change(request, experiment):
        raise PermissionDenied(
            _("Only %(owner)s, a modeler or an admin of this workspace can change this experiment.")
            % {"owner": experiment.owner}
        )


def for_viewers(view: View) -> View:
    """The view gets the experiment itself, for members of its workspace only."""

    @workspace_required
    @wraps(view)
    def looking(request: HttpRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, find(request, pk), *args, **kwargs)

    return looking


def find(request: HttpRequest, pk: int) -> Experiment:
    """Return an experiment of the person's workspace; any other is not found."""
    workspace = request.workspace  # type: ignore[attr-defined]
    experiment = get_object_or_404(experiments_of(workspace), pk=pk)
    return with_one_table(experiment, workspace)


def for_editors(view: View) -> View:
    """The view gets the experiment itself, for those who may change it only."""

    @for_viewers
    @wraps(view)
    def changing(request: HttpRequest, experiment: Experiment, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refuse_unless_editor(request, experiment)
        return view(request, experiment, *args, **kwargs)

    return changing
