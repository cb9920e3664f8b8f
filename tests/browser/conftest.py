"""One platform for all browser tests, and a browser for each."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser.experiments import finished_experiment
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


@pytest.fixture(scope="session")
def experiment(running_platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Run one trial on loans that income at both its ends and debt decide: scorecard, baseline and linear model.

    For all tests, each of which leaves its finalists as they are and does not count on finding nothing beside them.
    """
    random = np.random.default_rng(7)
    rows = 1_500
    income, debt = random.normal(size=rows), random.normal(size=rows)
    chance = 1 / (1 + np.exp(2.5 - 2.0 * np.abs(income) - debt))
    table = pd.DataFrame(
        {
            "customer": [f"K{number:06d}" for number in range(rows)],
            "income": income.round(3),
            "debt": debt.round(3),
            "loan_amount": random.integers(1_000, 9_000, rows),
            "bad": np.where(random.random(rows) < chance, "yes", "no"),
        }
    )
    return finished_experiment(
        running_platform, table, name="Loans to compare", folder=tmp_path_factory.mktemp("compare")
    )


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
