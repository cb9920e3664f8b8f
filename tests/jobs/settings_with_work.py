"""The real settings and the tests' work, for platforms that tests start as processes."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.work"]
# What a test of limits may wait for.
FILE_JOB_BYTES = 1 << 30
SMALL_FILE_JOB_SECONDS = 2.0
