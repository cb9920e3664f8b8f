"""The web server imports beforehand what the first pages would wait for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.management.commands.web import WANTED_SOON

ROOT = Path(__file__).resolve().parents[2]
WARM_UP = """
import sys
sys.path.insert(0, "platform")
import django
django.setup()
from jobs.management.commands.web import WANTED_SOON, warm_up
warm_up()
print(sorted(set(WANTED_SOON) - set(sys.modules)))
"""


@pytest.mark.slow
def test_everything_wanted_soon_is_there_after_warming_up() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", WARM_UP], cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip

    assert len(WANTED_SOON) >= 2
    assert answer.stdout.strip() == "[]", answer.stderr
    assert "could not be imported" not in answer.stderr
