"""What production refuses to start with, and what every answer carries."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from common.placeholder_keys import is_placeholder_key

ROOT = Path(__file__).resolve().parents[2]
GOOD_KEY = "q7Zr2vX9mK4tB8wL1nP6sD3fG5hJ0yU-cV_eA7iO2xQ9zR4kM8bT"
PRODUCTION = {
    "XIAOYU_ENVIRONMENT": "production",
    "XIAOYU_SECRET_KEY": GOOD_KEY,
    "XIAOYU_PERSONAL_DATA_KEY": GOOD_KEY[::-1],
    "XIAOYU_ALLOWED_HOSTS": "xiaoyu.bank.example",
    "XIAOYU_BIND": "0.0.0.0",
}


def safe_start(var: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Ask the checks that `up` asks, in a process with these variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOYU_", "DJANGO_"))}
    command = [sys.executable, "manage.py", "check", "--tag", "safe_start", "--database", "default"]
    environment = {**clean, "XIAOYU_VAR": str(var), **variables}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"XIAOYU_SECRET_KEY": ""}, "Production needs a secret key of its own."),
        ({"XIAOYU_SECRET_KEY": "development-only-key" * 3}, "Production needs a secret key of its own."),
        ({"XIAOYU_PERSONAL_DATA_KEY": ""}, "Production needs a key of its own for hashing personal data."),
        ({"XIAOYU_AUDIT_KEYS": f"{GOOD_KEY},short"}, "A key for signing the audit log is no secret."),
        ({"XIAOYU_DEBUG": "1"}, "Production must not run with DEBUG."),
        ({"XIAOYU_ALLOWED_HOSTS": ""}, "Production must know the host names it answers to."),
    ],
)
def test_production_refuses_unsafe_settings_in_a_sentence(
    variables: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    answer = safe_start(tmp_path, **{**PRODUCTION, **variables})
    assert answer.returncode == 1
    assert sentence in answer.stderr


@pytest.mark.slow
def test_production_with_safe_settings_starts(tmp_path: Path) -> None:
    assert safe_start(tmp_path, **PRODUCTION).returncode == 0


@pytest.mark.slow
def test_the_embedded_default_needs_no_variable_and_makes_a_key_of_its_own(tmp_path: Path) -> None:
    assert safe_start(tmp_path).returncode == 0
    key = tmp_path / "secret-key"
    assert not is_placeholder_key(key.read_text())
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_wrong_variable_is_told_in_a_sentence(tmp_path: Path) -> None:
    answer = safe_start(tmp_path, XIAOYU_PORT="eighty")
    assert answer.returncode == 1
    assert answer.stderr.strip() == "XIAOYU_PORT is 'eighty'; it must be a whole number."


@pytest.mark.django_db
def test_production_refuses_sample_people(settings: Any) -> None:
    from accounts.checks import production_has_no_sample_people
    from accounts.samples import create_sample_people, remove_sample_people

    create_sample_people()
    settings.SAMPLE_PEOPLE_MAY_SIGN_IN = False
    (error,) = production_has_no_sample_people(None, databases=["default"])
    assert error.msg.startswith("Sample people (analyst, modeler, approver) must not exist")
    remove_sample_people()
    assert production_has_no_sample_people(None, databases=["default"]) == []


@pytest.mark.django_db
def test_every_page_forbids_inline_code_and_frames() -> None:
    answer = Client().get("/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
