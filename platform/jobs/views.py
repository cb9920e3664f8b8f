"""A job's progress, its log, and the request to stop it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.decorators import workspace_required
from accounts.permissions import require_edit
from accounts.requests import SignedInRequest, page_asked_for
from jobs import services
from jobs.models import Job

STOP_POLLING = 286  # htmx: take this answer and ask no more


@workspace_required
def progress(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The live part of a job, asked for again and again until it ends; then the page around it is loaded anew."""
    job = _visible_job(request, pk)
    answer = render(request, "jobs/_progress.html", {"job": job}, status=STOP_POLLING if job.is_terminated else 200)
    if job.is_terminated:
        answer["HX-Refresh"] = "true"
    return answer


@workspace_required
def log(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the job said, technical lines included."""
    job = _visible_job(request, pk)
    return render(request, "jobs/log.html", {"job": job, "lines": job.log.all()[:2000]})


@require_POST
@workspace_required
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    job = _visible_job(request, pk)
    require_edit(request.user, job, _("Only its owner, a modeler or an admin may stop this."))
    services.request_cancel(job)
    return redirect(page_asked_for(request))


def _visible_job(request: SignedInRequest, pk: UUID) -> Job:
    return get_object_or_404(Job.objects.filter(workspace=request.workspace), pk=pk)
