"""What all pages that take files share."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from accounts.requests import SignedInRequest
from catalog.errors import UploadRefused
from uploads import pieces
from uploads.forms import FILE_TYPES, ReadingForm, UploadForm


def received(request: SignedInRequest) -> list[pieces.ReceivedFile]:
    """Return the files that came piece by piece before this form."""
    return pieces.received(request.user, request.workspace, request.POST.get("uploads", ""))


def upload_refusal(request: HttpRequest) -> UploadRefused | None:
    """Return why the upload handler stopped; the form must have been read before."""
    return getattr(request, "upload_refusal", None)


def upload_context(form: UploadForm) -> dict[str, Any]:
    return {
        "form": form,
        "file_types": FILE_TYPES,
        "limit": settings.UPLOAD_MAX_BYTES,
        "unpacked_limit": settings.UPLOAD_MAX_UNPACKED_BYTES,
        "reading_form": ReadingForm(),
    }


def answer_upload(request: HttpRequest, address: str) -> HttpResponse:
    """Go on: by a redirect, or by an address for the script that showed the progress."""
    return JsonResponse({"url": address}) if wants_json(request) else redirect(address)


def refuse_upload(request: HttpRequest, form: UploadForm, template: str, **more: Any) -> HttpResponse:
    """Say what is wrong beside the field; what was typed stays."""
    if wants_json(request):
        return JsonResponse(
            {"errors": {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}}, status=form.status
        )
    return render(request, template, {**upload_context(form), **more}, status=form.status)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"
