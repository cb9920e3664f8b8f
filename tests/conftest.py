"""People and workspaces most tests need, and a way to run the jobs they have put in the queue."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.nodeid import NodeId
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_save
from django.test import Client, TransactionTestCase
from django.utils import timezone, translation

from accounts import services
from accounts.models import Role, User, Workspace
from audit import words
from audit.models import AuditEntry
from common import triggers
from jobs.models import Job, JobState
from jobs.runner import run_job
from tests.kept_fork_server import Lender

PASSWORD = "correct horse battery"
# The second round of `make test` (tests/two_rounds.py).
ON_POSTGRESQL = bool(os.environ.get("XIAOYU_TEST_DATABASE_URL"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that all cores end together; browser tests run only where there is one.

    Those with a browser share one platform, and so one process of the tests; those of a slow file, what it has made.
    """
    skip = pytest.mark.skip(reason="no headless Chromium with its driver on this machine; `make test` tells why")
    for item in items:
        is_browser = item.get_closest_marker("browser") is not None
        if is_browser and not _has_browser():
            item.add_marker(skip)
        is_heavy = is_browser or item.get_closest_marker("slow")
        if is_heavy and hasattr(config, "workerinput") and "@" not in item.nodeid:
            # What pytest-xdist writes itself, this pytest no longer reads as a group.
            item._id = NodeId.parse(f"{item.nodeid}@{'browser' if is_browser else item.path.stem}")
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return 0
    return 1 if item.get_closest_marker("slow") else 2


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: nobody needs to look for rubbish in it again and again."""
    gc.collect()
    gc.freeze()


@cache
def _has_browser() -> bool:
    browsers, drivers = ("chromium", "chromium-browser", "google-chrome"), ("chromedriver",)
    old_places = ("/usr/lib/chromium-browser/chromedriver", "/usr/lib/chromium/chromedriver")
    has_driver = any(map(shutil.which, drivers)) or any(Path(place).exists() for place in old_places)
    return any(map(shutil.which, browsers)) and has_driver


def pytest_unconfigure(config: pytest.Config) -> None:
    if settings.configured:
        shutil.rmtree(settings.VAR, ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def audit_log_lets_tests_empty_the_database() -> Iterator[None]:
    """A transactional test ends by emptying every table, which the triggers rightly refuse."""
    empty = TransactionTestCase._fixture_teardown

    def empty_without_triggers(self: TransactionTestCase) -> None:
        triggers.remove(connection)
        empty(self)
        triggers.install(connection)

    TransactionTestCase._fixture_teardown = empty_without_triggers  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def fits_are_forked_from_one_process() -> Iterator[None]:
    """Loading the libraries of all learners takes two seconds of the processor, and there are some hundred runs."""
    lender = Lender()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.search.workers.ForkServer", lender)
        yield
    lender.close()


@contextmanager
def around_the_triggers() -> Iterator[None]:
    """Do what only somebody can do who owns the database."""
    triggers.remove(connection)
    try:
        yield
    finally:
        triggers.install(connection)


@pytest.fixture(autouse=True)
def files_of_their_own(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.FILE_UPLOAD_TEMP_DIR = None
    settings.AUDIT_ANCHOR = tmp_path / "audit-anchor.json"


@pytest.fixture(autouse=True)
def language_of_the_test_before_is_forgotten() -> None:
    """A request of a test client leaves its language active, and the next test would read its sentences in it."""
    translation.activate("en")


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment at which the clock stands, so that seconds and days told do not hang on how busy the machine is."""
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@pytest.fixture
def workspace(db: None) -> Workspace:
    return services.create_workspace(name="Retail", slug="retail")


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    return services.create_workspace(name="Corporate", slug="corporate")


@pytest.fixture
def add_person(workspace: Workspace) -> Callable[..., User]:
    """Make a person: ``add_person("li", Role.ANALYST)``; in the main workspace unless another is given."""

    def add(username: str, role: str = Role.ANALYST, where: Workspace | None = None) -> User:
        return services.add_person(
            workspace=where or workspace, username=username, role=role, password=PASSWORD, display_name=""
        )

    return add


@pytest.fixture
def analyst(add_person: Callable[..., User]) -> User:
    return add_person("analyst", Role.ANALYST)


@pytest.fixture
def modeler(add_person: Callable[..., User]) -> User:
    return add_person("modeler", Role.MODELER)


@pytest.fixture
def admin(add_person: Callable[..., User]) -> User:
    return add_person("approver", Role.ADMIN)


@pytest.fixture
def stranger(add_person: Callable[..., User], other_workspace: Workspace) -> User:
    return add_person("stranger", Role.ADMIN, other_workspace)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A signed-in browser for a person: ``client_of(analyst).get("/")``."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def run_jobs(db: None) -> Callable[[], list[Job]]:
    """Do all waiting work at once, in this process, oldest first; returns the jobs as they ended."""

    def run() -> list[Job]:
        ended = []
        while (job := Job.objects.filter(state=JobState.QUEUED).order_by("created_at").first()) is not None:
            run_job(job.pk)
            job.refresh_from_db()
            ended.append(job)
        return ended

    return run


@pytest.fixture(autouse=True)
def every_fact_on_record_has_words(request: pytest.FixtureRequest) -> Iterator[None]:
    """What any act of any test puts on record can be read on the page of the audit log."""
    raw: set[str] = set()

    def look(sender: Any, instance: AuditEntry, **said: Any) -> None:
        raw.update(words.names_of(instance.details) - words.FACTS.keys())

    post_save.connect(look, sender=AuditEntry)
    yield
    post_save.disconnect(look, sender=AuditEntry)
    # Tests of the log itself put made-up facts on record.
    assert not raw or "tests/audit" in str(request.path), f"no app has registered words for {sorted(raw)}"
