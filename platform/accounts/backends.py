"""Who may sign in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend


class PeopleBackend(ModelBackend):
    """Sample people exist only where the server listens on loopback: elsewhere their password opens nothing."""

    def user_can_authenticate(self, user: Any) -> bool:
        may = super().user_can_authenticate(user)
        return may and (settings.SAMPLE_PEOPLE_MAY_SIGN_IN or not user.is_sample)
