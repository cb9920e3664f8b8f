"""The real settings and the app of docs/extending.md, for a worker that a test starts as a process."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "reminders"]
