"""What a data check belongs to, as its pages need it: the app that opens checks says who may see and change one."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.decorators import workspace_required

View = Callable[..., HttpResponseBase]
# An experiment, to whoever opens checks; here it is known by its name, version and data check.
Subject = Any


class Host(Protocol):
    """The app that opens checks.

    Attributes
    ----------
    steps_template : shows the way that a check is a step of, for ``experiment`` and the step ``data``.
    """

    steps_template: str

    def find(self, request: HttpRequest, pk: int) -> Subject:
        """Return what a check belongs to, for members of its workspace; others get 404."""

    def may_change(self, request: HttpRequest, subject: Subject) -> bool:
        """Tell whether a person may decide on the check."""

    def refuse_unless_editor(self, request: HttpRequest, subject: Subject) -> None:
        """Tell a colleague without the right whom to ask."""

    def words_of(self, subject: Subject) -> Any:
        """Return the words of the question's kind."""


_hosts: list[Host] = []


def register(host: Host) -> None:
    """Have the pages of checks ask this app; it does so once it is ready."""
    _hosts[:] = [host]


def host() -> Host:
    return _hosts[0]


def for_viewers(view: View) -> View:
    """The view gets what the check belongs to, for members of its workspace only."""

    @workspace_required
    @wraps(view)
    def looking(request: HttpRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, host().find(request, pk), *args, **kwargs)

    return looking


def for_editors(view: View) -> View:
    """The view gets what the check belongs to, for those who may change it only."""

    @for_viewers
    @wraps(view)
    def changing(request: HttpRequest, subject: Subject, *args: Any, **kwargs: Any) -> HttpResponseBase:
        host().refuse_unless_editor(request, subject)
        return view(request, subject, *args, **kwargs)

    return changing
