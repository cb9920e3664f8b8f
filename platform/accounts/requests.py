"""What a view may count on: the person behind a request, where they are, and as what."""

from django.http import HttpRequest

from accounts.models import Membership, User, Workspace


class SignedInRequest(HttpRequest):
    """A request after ``PersonMiddleware`` and ``workspace_required``; a name for types, never made."""

    user: User
    workspace: Workspace
    role: str
    memberships: list[Membership]
