"""Every POST of the API may carry an Idempotency-Key: sent again, it does nothing and is answered as before."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja.errors import ValidationError as InvalidRequest

from jobs import keyed
from jobs.models import KeyedRequest

ROW = "keyed_request"
WRONG_KEY = _("Send 8 to 255 characters without spaces, for example a UUID.")
PARAMETER = {
    "in": "header",
    "name": keyed.HEADER,
    "required": False,
    "schema": {"type": "string", "pattern": keyed.KEY_PATTERN},
    "description": (
        "Your own name for this request, for example a UUID. Sent again with the same key within two days, it does "
        "nothing and gets the first answer, with Idempotency-Replayed: true. With the same key and another body: 409."
    ),
}


def once_a_key(view: Callable[..., Any]) -> Callable[..., Any]:
    """Have an operation do its work once for each key; ``keeping_the_answer`` stores what became of it."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(keyed.HEADER)
        if request.method != "POST" or key is None:
            return view(request, *args, **kwargs)
        if not re.fullmatch(keyed.KEY_PATTERN, key):
            raise InvalidRequest([{"type": "key", "loc": ("header", keyed.HEADER), "msg": gettext(WRONG_KEY)}])
        found = keyed.claim(request, request.user, key)  # type: ignore[arg-type]  # the API knows its caller by now
        if isinstance(found, HttpResponse):
            return found
        setattr(request, ROW, found)
        return view(request, *args, **kwargs)

    return asked


def keeping_the_answer(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Keep the finished answer of a request that was the first with its key."""

    @wraps(run)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = None
        try:
            response = run(request, *args, **kwargs)
            return response
        finally:
            row: KeyedRequest | None = getattr(request, ROW, None)
            if row is not None:
                keyed.keep(row, response if isinstance(response, HttpResponse) else None)

    return answered
