"""One platform for all browser tests, and a browser for each."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.person import Person, open_browser
from tests.common.test_private import open_to_others
from tests.running_platform import RunningPlatform

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver") or "/usr/lib/chromium/chromedriver"


@pytest.fixture(scope="session")
def running_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    platform = RunningPlatform(tmp_path_factory.mktemp("platform") / "var")
    platform.start()
    yield platform
    platform.interrupt()
    platform.stop_for_good()
    # Uploads, tables, models, scores, queue, database and keys: all that the tests had made is its owner's alone.
    assert open_to_others(platform.var) == []


@pytest.fixture
def open_person(running_platform: RunningPlatform, tmp_path: Path) -> Iterator[Any]:
    """Return a function that opens a browser in a language and signs a person in; no page may have an error."""
    people: list[Person] = []

    def open_one(username: str, *, language: str = "en", width: int = 1280, kind: type[Person] = Person) -> Person:
        browser = open_browser(
            chromium=str(CHROMIUM), driver=str(DRIVER), language=language, downloads=tmp_path, width=width
        )
        person = kind(browser, running_platform.url)
        people.append(person)
        person.sign_in(username)
        return person

    yield open_one
    heard = [line for person in people for line in person.complaints()]
    for person in people:
        person.browser.quit()
    assert heard == [], "the console of a page held something against it"
