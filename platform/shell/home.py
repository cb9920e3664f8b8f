"""The first page: what waits, and the cards of the apps."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import SignedInRequest
from common.home import gathered


def home_context(request: SignedInRequest) -> dict[str, Any]:
    """Return everything the first page shows for the person and their current workspace."""
    return {"greeting": _greeting(request.user), "cards": gathered(request)}


def _greeting(user: User) -> str:
    hour = timezone.localtime().hour
    if hour < 12:
        return _("Good morning, %(name)s") % {"name": user}
    return (_("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")) % {"name": user}
