"""What every page knows about the person who looks at it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import Role


def person(request: HttpRequest) -> dict[str, Any]:
    """Give the current workspace, the others, the role, and the theme chosen (empty follows the machine)."""
    user = getattr(request, "user", None)
    role = getattr(request, "role", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "workspace": getattr(request, "workspace", None),
        "workspaces": [membership.workspace for membership in getattr(request, "memberships", [])],
        "role": role,
        "role_label": Role(role).label if role else "",
        "is_admin": role == Role.ADMIN,
        "theme": (user.theme if signed_in else "") or request.COOKIES.get("theme", ""),  # type: ignore[union-attr]
        "languages": settings.LANGUAGES,
    }
