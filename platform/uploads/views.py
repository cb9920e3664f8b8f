"""The doors through which the pages send files piece by piece."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.decorators import for_everybody, workspace_required
from accounts.requests import SignedInRequest
from catalog import queries
from catalog.errors import UploadRefused
from catalog.reading import Reading
from common.addresses import address_of
from common.templatetags.formatting import told
from experiments.errors import BadInput
from experiments.ingest.confined import preview_confined
from experiments.ingest.masked_preview import KnownColumns
from jobs.once import once
from privacy import protection
from uploads import pieces, services, tus
from uploads.forms import ReadingForm, UploadForm
from uploads.handler import StreamingUploadHandler
from uploads.models import Upload
from uploads.page import answer_upload, received, refuse_upload, upload_context, upload_refusal


@for_everybody
@require_http_methods(["POST", "OPTIONS"])
def upload_new(request: SignedInRequest) -> HttpResponse:
    """Open an upload in the current workspace, or say what this server can do."""
    if request.method == "OPTIONS":
        return tus.describe(request)
    if not request.user.is_authenticated or request.workspace is None:
        return _signed_out()
    return tus.create(request, request.user, request.workspace, lambda upload: reverse("upload", args=[upload.pk]))


@for_everybody
@require_http_methods(["HEAD", "PATCH", "DELETE", "OPTIONS", "POST"])
def upload(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask for, continue or end an upload of one's own."""
    method = tus.method_of(request)
    if method == "OPTIONS":
        return tus.describe(request)
    if not request.user.is_authenticated:
        return _signed_out()
    door = {"HEAD": tus.look, "PATCH": tus.go_on, "DELETE": tus.end}.get(method)
    if door is None:
        return HttpResponse(status=405)
    return door(request, tus.own_upload(request.user, pk))


def _signed_out() -> HttpResponse:
    """A script that sends pieces can do nothing with a redirect to the sign-in page."""
    words = _("You have been signed out. Sign in again in another tab, then continue: the upload is not lost.")
    return HttpResponse(words, status=401, content_type="text/plain; charset=utf-8")


@require_POST
@workspace_required
def upload_discard(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Throw away an upload that was not finished."""
    waiting = tus.own_upload(request.user, pk)
    pieces.discard(waiting)
    messages.success(request, _("%(file)s discarded") % {"file": waiting.file_name})
    return redirect("dataset_new")


@require_safe
@workspace_required
def upload_preview(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The first lines of an upload as they would be read with the choices in the address, while the rest arrives."""
    try:
        waiting = tus.own_upload(request.user, pk)
    except Http404:
        if Upload.objects.filter(pk=pk).exclude(owner=request.user).exists():
            raise
        return HttpResponse(status=204)  # Taken to its dataset a moment ago.
    path = pieces.path_of(waiting)
    if not path.exists() or not path.stat().st_size:
        return HttpResponse(status=204)
    is_whole = path.stat().st_size == waiting.size_bytes
    return _preview(request, path, waiting.file_name, ReadingForm(request.GET).reading(), is_whole)


@require_safe
@workspace_required
def dataset_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """The first lines of a version's file, as they would be read with the choices in the address."""
    version = get_object_or_404(queries.versions_of(request.workspace), pk=pk)
    reading = ReadingForm(request.GET).reading() if "encoding" in request.GET else Reading.of(version)
    path, name = reading.for_files_of(version).sources(version)[0]
    if not path.exists():
        return HttpResponse(status=204)
    return _preview(request, path, name, reading, is_whole=True, known=protection.known_columns(version))


def _preview(
    request: SignedInRequest,
    path: Path,
    name: str,
    reading: Reading,
    is_whole: bool,
    known: Sequence[KnownColumns] = (),
) -> HttpResponse:
    """Show a few lines, masked."""
    shown = refusal = None
    try:
        shown = preview_confined(path, name=name, options=reading.options(), is_whole=is_whole, known=known)
    except BadInput as bad:
        refusal = told(bad.message, bad.params)
    except FileNotFoundError:  # It was taken to its dataset while it was looked at.
        return HttpResponse(status=204)
    context = {"preview": shown, "refusal": refusal, "is_whole": is_whole}
    return render(request, "uploads/_preview.html", context)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@workspace_required
def dataset_new(request: HttpRequest) -> HttpResponseBase:
    """Take a file. The handler must be in place before anything reads the form, so the CSRF check comes after it."""
    request.upload_handlers = [StreamingUploadHandler(request)]
    return _dataset_new(request)


@csrf_protect
@once
def _dataset_new(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "uploads/dataset_new.html", {**upload_context(UploadForm()), **_waiting(request)})
    form = UploadForm(request.POST, request.FILES, refusal=upload_refusal(request), received=received(request))
    if form.is_valid():
        try:
            version = services.receive_files(
                request.user,
                request.workspace,
                form.cleaned_data["files"],
                form.cleaned_data["name"],
                reading=ReadingForm(request.POST).reading(),
            )
        except UploadRefused as refused:
            form.refuse(refused)
        else:
            return answer_upload(request, address_of("version", version.pk))
    return refuse_upload(request, form, "uploads/dataset_new.html", **_waiting(request))


def _waiting(request: SignedInRequest) -> dict[str, Any]:
    return {"unfinished": pieces.unfinished(request.user, request.workspace)}
