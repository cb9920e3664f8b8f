"""The app of docs/extending.md is added by its own files and one line of the settings, and everything shows it."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from common.translations import compiled
from tests.extending.document import ROOT, files, path_with, python, write_below
from tests.platform_process import START_SECONDS, PlatformProcess, wait_until

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.extending.settings_with_reminders"}

WRITE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import Role
from accounts.services import add_person, create_workspace
from jobs.models import Job
from reminders.services import write
workspace = create_workspace(name="Retail", slug="retail")
person = add_person(workspace=workspace, username="li", role=Role.MODELER, password="correct horse", display_name="")
reminder = write(user=person, workspace=workspace, text="Ask the branch about loan 7")
print("JOB", Job.objects.get().pk.hex, reminder.pk)
"""


class PlatformWithReminders(PlatformProcess):
    """The product as it is installed, the app beside it, and of its processes one worker."""

    settings = "tests.extending.real_settings_with_reminders"

    def __init__(self, var: Path, beside: Path) -> None:
        super().__init__(var)
        self.beside = beside

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PYTHONPATH": path_with(self.beside)}

    def start_worker(self) -> None:
        with self.log.open("ab") as out:
            command = [sys.executable, "manage.py", "worker"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=out, stderr=out)

    def has_ended(self, job: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        return self.job(job)[0] not in ("queued", "running")


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
def test_a_worker_in_a_process_of_its_own_does_its_job(beside: Path, tmp_path: Path) -> None:
    platform = PlatformWithReminders(tmp_path, beside)
    written = platform.manage("shell", "--no-imports", "-c", WRITE)
    assert "JOB" in written.stdout, written.stderr
    _, job, reminder = written.stdout.split()[-3:]
    assert platform.job(job) == ("queued", 0)

    platform.start_worker()
    try:
        wait_until(lambda: platform.has_ended(job), START_SECONDS, "the job has ended", platform.log.read_text)
    finally:
        platform.stop_for_good()

    assert platform.row(job, "kind, state, attempts, percent") == ("remind", "succeeded", 1, 100)
    with sqlite3.connect(tmp_path / "xiaoyu.sqlite3") as database:
        ((passed_on,),) = database.execute("SELECT passed_on_at FROM reminders_reminder WHERE id = ?", [reminder])
    assert passed_on


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
