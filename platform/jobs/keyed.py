"""One request of a program sent twice under one key is one piece of work, and is answered the same both times.

What ``jobs.once`` is for forms, after draft-ietf-httpapi-idempotency-key-header.
"""

import time
from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from experiments.errors import BadInput, gettext_noop
from jobs.models import KeyedRequest
from jobs.once import KEPT, LONGEST_ANSWER, LONGEST_WAIT, PAUSE, filled_in, sealed

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEY_PATTERN = r"^[!-~]{8,255}$"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
OF_AN_UPLOAD = ("Upload-Length", "Upload-Metadata")
# What belongs to one answer on its way, and not to what is answered.
OF_THE_WAY = ("date", "content-length", "set-cookie", "vary", "connection")
OTHER_BODY = gettext_noop(
    "This Idempotency-Key was already used for a different request. Send the same request as then, or use a new key."
)
STILL_AT_IT = gettext_noop(
    "The first request with this Idempotency-Key is still being processed. Send it again in a minute."
)


def claim(request: HttpRequest, user: User, key: str) -> KeyedRequest | HttpResponse:
    """Return the row to keep the answer in, or the answer that an earlier request with this key got.

    Raises
    ------
    BadInput : the key came with something else before, or the earlier request takes too long.
    """
    name = sealed([user.pk, request.method, request.get_full_path(), key])
    row, is_first = _taken(name, user, _sent_with(request))
    if is_first:
        return row
    until = time.monotonic() + LONGEST_WAIT
    while row.status is None:
        if time.monotonic() > until:
            raise BadInput(STILL_AT_IT).about(HEADER)
        time.sleep(PAUSE)
        # Refused, the first leaves no row, and this one may do it.
        row, is_first = _taken(name, user, row.sent)
        if is_first:
            return row
    return _replayed(row)


def keep(row: KeyedRequest, response: HttpResponse | None) -> None:
    """Keep an answer for those who send the same once more; what was refused may be sent again as it is."""
    if response is None or not 200 <= response.status_code < 300 or response.streaming:
        row.delete()
        return
    headers = {name: value for name, value in response.items() if name.lower() not in OF_THE_WAY}
    KeyedRequest.objects.filter(pk=row.pk).update(
        status=response.status_code, headers=headers, answer=bytes(response.content)
    )


def _taken(name: str, user: User, sent: str) -> tuple[KeyedRequest, bool]:
    """Return the row of a key and whether this request is its first; the database decides between two."""
    now = timezone.now()
    _forget_old(now)
    try:
        with transaction.atomic():
            return KeyedRequest.objects.create(key=name, person=user, sent=sent, sent_at=now), True
    except IntegrityError:
        row = KeyedRequest.objects.filter(pk=name).first()
    if row is None:  # it was let go of between the two looks
        return _taken(name, user, sent)
    if row.sent != sent:
        raise BadInput(OTHER_BODY).about(HEADER)
    return row, False


def _forget_old(now: datetime) -> None:
    KeyedRequest.objects.filter(sent_at__lt=now - KEPT).delete()
    KeyedRequest.objects.filter(status=None, sent_at__lt=now - LONGEST_ANSWER).delete()


def _sent_with(request: HttpRequest) -> str:
    said = [request.content_type, *(request.headers.get(name, "") for name in OF_AN_UPLOAD)]
    content = filled_in(request) if request.content_type in FORMS else request.body.decode("latin-1")
    return sealed([*said, content])


def _replayed(row: KeyedRequest) -> HttpResponse:
    response = HttpResponse(bytes(row.answer), status=row.status, headers=row.headers)
    response[REPLAYED] = "true"
    return response
