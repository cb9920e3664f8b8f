"""How people are found: by admins, who alone have a page of them."""

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Role
from accounts.queries import people_of
from common.finding import Found


def people(request: HttpRequest, text: str) -> Iterable[Found]:
    """Look at names of the workspace's people."""
    if request.role != Role.ADMIN:  # type: ignore[attr-defined]
        return
    named = Q(user__username__icontains=text) | Q(user__display_name__icontains=text)
    for member in people_of(request.workspace).filter(named).iterator():  # type: ignore[attr-defined]
        yield Found(f"{reverse('people')}#person-{member.pk}", str(member.user), str(member.get_role_display()))
