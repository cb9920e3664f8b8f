"""The tests' settings and the app of docs/extending.md: one line more in INSTALLED_APPS."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "reminders"]
