"""How files come off the wire: the app that takes files says in ``AppConfig.ready`` what does it, and its limit."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Intake:
    """Attributes
    ----------
    handler : where the upload handler is; where it stops, it leaves the reason as ``request.upload_refusal``.
    too_large : what is told of a file above ``UPLOAD_MAX_BYTES``, with a place for ``limit``.
    """

    handler: str
    too_large: str


_intakes: list[Intake] = []


def register(*, handler: str, too_large: str) -> None:
    """Have files taken by one handler, whatever page or operation they are sent to."""
    _intakes[:] = [Intake(handler, too_large)]


def too_large() -> str:
    """Return the sentence for a file above the limit."""
    return _intakes[0].too_large


def upload_handler(request: HttpRequest) -> Any:
    """Make the handler for a request; the settings name this function."""
    return import_string(_intakes[0].handler)(request)
