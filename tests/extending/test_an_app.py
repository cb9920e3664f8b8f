"""The app of docs/extending.md is added by its own files and one line of the settings, and everything shows it."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from common.translations import compiled
from tests.extending.document import ROOT, files, python, write_below

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.extending.settings_with_reminders"}


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do what the page says: write the files, have the migration written, compile the words."""
    folder = tmp_path_factory.mktemp("beside")
    write_below(folder, "reminders/")
    for po in folder.rglob("django.po"):
        with po.open("rb") as source:
            po.with_suffix(".mo").write_bytes(compiled(read_po(source, locale="zh_Hans")))
    made = python("-m", "django", "makemigrations", "reminders", beside=folder, **SETTINGS)
    assert made.returncode == 0, made.stderr
    assert (folder / "reminders" / "migrations" / "0001_initial.py").exists()
    return folder


@pytest.mark.slow
def test_the_app_is_at_work_once_it_is_installed(beside: Path) -> None:
    asked = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--ds", SETTINGS["DJANGO_SETTINGS_MODULE"])
    ended = python(*asked, "tests/extending/reminders_at_work.py", beside=beside, **SETTINGS)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\b\d+ passed", ended.stdout)
    assert "skipped" not in ended.stdout


@pytest.mark.slow
def test_the_platform_starts_with_it_and_not_with_a_page_of_it_that_lets_everybody_in(
    beside: Path, tmp_path: Path
) -> None:
    assert python("-m", "django", "check", beside=beside, **SETTINGS).returncode == 0

    write_below(tmp_path, "reminders/")
    views = tmp_path / "reminders" / "views.py"
    views.write_text(views.read_text().replace("@role_required(Role.MODELER, Role.ADMIN)\n", ""))
    refused = python("-m", "django", "check", beside=tmp_path, **SETTINGS)

    assert refused.returncode != 0
    assert "The address reminders/ does not say who may reach it." in refused.stderr


def test_no_file_of_the_product_names_it() -> None:
    tree = [path for wing in ("platform", "experiments", "templates", "static") for path in (ROOT / wing).rglob("*")]
    texts = [path for path in tree if path.suffix in (".py", ".html", ".js", ".po", ".css")]

    assert len(texts) > 500
    assert [path for path in texts if "reminder" in path.read_text(encoding="utf-8").lower()] == []
    assert {name.partition("/")[0] for name in files() if name.startswith("reminders")} == {"reminders"}
