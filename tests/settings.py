"""The platform's settings with everything a test may touch in a temporary place."""

import os
import tempfile

os.environ["XIAOYU_VAR"] = tempfile.mkdtemp(prefix="xiaoyu-tests-")

from config.settings import *  # noqa: F403

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
if os.environ.get("XIAOYU_TEST_DATABASE_URL"):
    from config.environment import database_from, read_environment

    os.environ["XIAOYU_DATABASE_URL"] = os.environ["XIAOYU_TEST_DATABASE_URL"]
    DATABASES = {"default": database_from(read_environment())}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str] = {}
# A second thread would need a second connection to the database in memory.
JOBS_HEARTBEAT_SECONDS = 0.0
