"""What surrounds every page: the sidebar with its counts, the inbox, and what can be found."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts.requests import SignedInRequest
from common import finding, menu
from common.inbox import InboxItem, inbox_for
from common.language import listed


class Shell:
    """What templates may show around a page; each part is gathered when it is asked for, and once."""

    def __init__(self, request: SignedInRequest) -> None:
        self._request = request

    @cached_property
    def inbox(self) -> list[InboxItem]:
        return inbox_for(self._request.user, self._request.workspace)

    @cached_property
    def work(self) -> list[menu.Line]:
        return menu.lines(self._request, menu.Part.WORK)

    @cached_property
    def governance(self) -> list[menu.Line]:
        return menu.lines(self._request, menu.Part.GOVERNANCE)

    @cached_property
    def findable(self) -> str:
        """What can be found, as a line: the kinds of things, of which only the first begins a sentence."""
        first, *others = finding.kinds()
        return listed([first, *(each.lower() for each in others)])


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give pages of signed-in people their sidebar and inbox."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"shell": Shell(cast(SignedInRequest, request))}
