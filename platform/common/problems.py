"""What apps refuse in their own exceptions, told as problem details: each app says so in ``AppConfig.ready``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Problem:
    """What goes wrong in a request: the status, a sentence for who can mend it, and the places that are wrong."""

    status: int
    detail: str
    errors: Sequence[dict[str, Any]] = ()


Told = Callable[[HttpRequest, Any], Problem]
_told: dict[type[Exception], Told] = {}


def register(kind: type[Exception], told: Told) -> None:
    """Have a kind of exception, wherever an operation of the API raises it, told in this way."""
    _told[kind] = told


def kinds() -> list[type[Exception]]:
    """Return the exceptions that apps tell themselves."""
    return list(_told)


def problem_of(request: HttpRequest, error: Exception) -> Problem:
    """Return what an app tells of its exception."""
    kind = next(kind for kind in type(error).__mro__ if kind in _told)
    return _told[kind](request, error)


def pointer(steps: Sequence[Any]) -> str:
    """Return a JSON pointer (RFC 6901).

    Examples
    --------
    >>> pointer(["monotone", "a/b", 0])
    '/monotone/a~1b/0'
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
