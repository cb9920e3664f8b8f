"""Who calls the API, and who they are told they are."""

import time
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema
from ninja.security import HttpBearer

from accounts.attempts import address_of, count_unknown_key, refuse_after_unknown_keys
from accounts.models import ApiToken, User, Workspace
from accounts.queries import user_for_token, workspaces_of
from accounts.services import note_unknown_key
from common.missing import NotThere

router = Router(tags=["people"])
MOST_REMEMBERED = 1_000


class BearerToken(HttpBearer):
    """A key made on the person's own page, sent as ``Authorization: Bearer xy_…``; guessing ends after a few keys."""

    # Seconds for which a process takes a key for live that was live before: where one is asked many times a second.
    remembers_for = 0.0
    _remembered: ClassVar[dict[str, tuple[float, User]]] = {}

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = self._known(token) or self._looked_up(request, token)
        if user is not None:
            request.user = user
        return user

    def _known(self, token: str) -> User | None:
        if not self.remembers_for:
            return None
        until, user = self._remembered.get(ApiToken.digest_of(token), (0.0, None))
        return user if time.monotonic() < until else None

    def _remember(self, token: str, user: User) -> None:
        memberships = user.memberships.values_list("workspace_id", "role")
        user.roles_by_workspace = dict(memberships)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[ApiToken.digest_of(token)] = time.monotonic() + self.remembers_for, user

    def _looked_up(self, request: HttpRequest, token: str) -> User | None:
        address = address_of(request)
        refuse_after_unknown_keys(address)
        user = user_for_token(token)
        if user is None or (user.is_sample and not settings.SAMPLE_PEOPLE_MAY_SIGN_IN):
            if count_unknown_key(token, address):
                note_unknown_key(address)
            return None
        if self.remembers_for:
            self._remember(token, user)
        return user


def workspace_named(user: User, slug: str | None) -> Workspace:
    """Return the named workspace, or the first of the person's own; a stranger's does not exist."""
    own = workspaces_of(user)
    found = own.filter(slug=slug).first() if slug else own.first()
    if found is None:
        raise NotThere("workspace", slug or "", list(own.values_list("slug", flat=True)))
    return found


class WorkspaceOut(Schema):
    slug: str
    name: str
    role: str


class PersonOut(Schema):
    username: str
    name: str
    workspaces: list[WorkspaceOut]


@router.get("/me", response=PersonOut, summary=_("The person of this key and their workspaces"))
def me(request: HttpRequest) -> dict[str, Any]:
    user: User = request.user  # type: ignore[assignment]
    places = user.memberships.select_related("workspace").order_by("workspace__name")
    return {
        "username": user.username,
        "name": str(user),
        "workspaces": [{"slug": m.workspace.slug, "name": m.workspace.name, "role": m.role} for m in places],
    }
