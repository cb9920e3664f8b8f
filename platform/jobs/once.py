"""One form sent twice is one piece of work: by two clicks, a page loaded anew, or a browser that tries again."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.requests import SignedInRequest, page_before
from jobs.models import SentForm

FIELD = "once"
# A form that brings no mark of its own is the same when all of it comes again this soon.
ONE_CLICK = timedelta(seconds=15)
KEPT = timedelta(days=2)
# What takes longer than this has died on the way, and may be sent again.
LONGEST_ANSWER = timedelta(minutes=2)
LONGEST_WAIT, PAUSE = 20.0, 0.1

View = Callable[..., HttpResponse]


def new_mark() -> str:
    """Return the mark of a form that is being shown."""
    return uuid.uuid4().hex


def once(view: View) -> View:
    """Do what a form asks for once, and lead every further sending of it to where the first one led.

    A form is the same when its mark (``{% once %}``) and all that was filled in are. Only an answer that leads on is
    kept: what was refused may be sent again as it is.
    """

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        key = _key_of(request)
        if not _take(request, key):
            address = _wait_for_address(key)
            if address:
                return _lead_to(request, address)
            if not _take(request, key):
                messages.info(
                    request, _("This has already been submitted and is still being processed. Check again in a minute.")
                )
                return _lead_to(request, page_before(request))
        return _done_once(key, lambda: view(request, *args, **kwargs))

    guarded.does_once = True  # type: ignore[attr-defined]
    return guarded


def _done_once(key: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    address = ""
    try:
        answer = act()
        address = _address_in(answer)
        return answer
    finally:
        if address:
            SentForm.objects.filter(key=key).update(address=address)
        else:
            SentForm.objects.filter(key=key).delete()


def _key_of(request: SignedInRequest) -> str:
    return sealed([request.user.pk, request.workspace.pk, request.path, *filled_in(request)])


def sealed(said: Any) -> str:
    """Return a hash with the installation's key: what was typed must not be guessed from what is kept."""
    return salted_hmac("jobs.once", json.dumps(said), algorithm="sha256").hexdigest()


def filled_in(request: HttpRequest) -> tuple[Any, Any]:
    """Return the fields of a form and its files by their content, however it was packed on its way."""
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    files = [
        (name, file.name, file.size, getattr(file, "sha256", "") or _digest(file))
        for name, many in sorted(request.FILES.lists())
        for file in many
    ]
    return fields, files


def _digest(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _take(request: SignedInRequest, key: str) -> bool:
    """Tell whether this is the first to come with the form; the row decides between two at the same moment."""
    now = timezone.now()
    SentForm.objects.filter(sent_at__lt=now - KEPT).delete()
    SentForm.objects.filter(key=key, address="", sent_at__lt=now - LONGEST_ANSWER).delete()
    if not request.POST.get(FIELD):
        _forget_what_was_no_second_click(request, key)
    try:
        with transaction.atomic():
            SentForm.objects.create(key=key, person=request.user, sent_at=now)
    except IntegrityError:
        return False
    return True


def _forget_what_was_no_second_click(request: SignedInRequest, key: str) -> None:
    """A form without a mark that was sent long ago, or before another one, is meant anew."""
    earlier = SentForm.objects.filter(key=key).first()
    if earlier is None:
        return
    other = SentForm.objects.filter(person=request.user, sent_at__gt=earlier.sent_at)
    if earlier.sent_at < timezone.now() - ONE_CLICK or other.exists():
        earlier.delete()


def _wait_for_address(key: str) -> str:
    """Return where the first sending led as soon as that is known; nothing where it was refused or takes too long."""
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        address = SentForm.objects.filter(key=key).values_list("address", flat=True).first()
        if address is None or address:
            return address or ""
        time.sleep(PAUSE)
    return ""


def _address_in(answer: HttpResponse) -> str:
    if answer.status_code in (301, 302, 303):
        return str(answer["Location"])
    if isinstance(answer, JsonResponse) and answer.status_code == 200:
        return str(json.loads(answer.content).get("url", ""))
    return ""


def _lead_to(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"url": address})
    return redirect(address)
