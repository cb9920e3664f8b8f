"""Production refuses sample people: everyone who has read the README knows their password."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from accounts.models import User
from common.checks import SAFE_START


@register(SAFE_START, Tags.database)
def production_has_no_sample_people(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Sample people exist only where the server listens on loopback."""
    if settings.SAMPLE_PEOPLE_MAY_SIGN_IN or not databases:
        return []
    try:
        samples = list(User.objects.filter(is_sample=True, is_active=True).values_list("username", flat=True))
    except DatabaseError:
        return []  # before the first migration there is nobody at all
    if not samples:
        return []
    return [
        Error(
            f"Sample people ({', '.join(samples)}) must not exist on a server that others can reach.",
            hint="Run: python manage.py remove_sample_people",
            id="xiaoyu.E010",
        )
    ]
