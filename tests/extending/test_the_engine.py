"""What docs/extending.md adds to the engine (kind, learner, check, export, chapter) works in a copy of it."""

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.extending import document
from tests.extending.document import PAGE, ROOT, apply, changes, files, write_below

HERE = Path(__file__).parent
TABLES = {
    "experiments/kinds/__init__.py",
    "experiments/families.py",
    "experiments/leakage/column_tests.py",
    "experiments/scoring/formats/__init__.py",
    "experiments/report/chapters/__init__.py",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do what the page says in a copy: write its files, change the lines it changes."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "experiments", folder / "experiments", ignore=shutil.ignore_patterns("__pycache__"))
    for path in write_below(folder, "experiments/"):
        assert not (ROOT / path.relative_to(folder)).exists()
    for name, change in changes():
        path = folder / name
        path.write_text(apply(change, path.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n")
    shutil.copy(HERE / "engine_at_work.py", folder)
    return folder


@pytest.mark.slow
def test_what_is_added_works(copy: Path) -> None:
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django", "engine_at_work.py"]
    environment = {"PYTHONPATH": str(copy), "PATH": str(Path(sys.executable).parent), "HOME": str(copy)}
    ended = subprocess.run(asked, cwd=copy, env=environment, capture_output=True, text=True, timeout=500, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"\b6 passed", ended.stdout)


def test_one_file_and_one_table_are_all_that_each_takes(copy: Path) -> None:
    added = {name for name in files() if name.startswith("experiments/")}

    assert len(added) == len(TABLES) == 5
    assert {name for name, _change in changes()} == TABLES
    # Of the table itself one line is new or grows; the others import.
    for name, change in changes():
        new = [line[1:] for line in change.splitlines() if line.startswith("+")]
        assert len([line for line in new if not line.startswith("from ")]) == 1, name


def test_changes_are_made_as_the_page_writes_them() -> None:
    found = doctest.testmod(document)

    assert (found.failed, found.attempted) == (0, 1)


def test_every_place_the_page_speaks_of_is_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    places = {found.rstrip("/") for found in re.findall(r"`((?:experiments|platform|tests|docs)/[\w/.]+)`", prose)}
    linked = set(re.findall(r"\]\(([\w/.-]+\.md)\)", prose))

    assert len(places) > 4
    assert [place for place in places if not (ROOT / place).exists()] == []
    assert [link for link in linked if not (PAGE.parent / link).exists()] == []
    modules = set(re.findall(r"`((?:common|accounts|jobs|audit|scoring|experiments)(?:\.\w+)+)(?<!\.py)`", prose))
    missing = [name for name in modules if not _is_there(name)]
    assert (len(modules) > 8, missing) == (True, [])


def _is_there(name: str) -> bool:
    """Tell whether a dotted name is a module, or something that its module speaks of."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = "/".join(parts[:length])
        found = [ROOT / wing / f"{place}{end}" for wing in ("platform", "") for end in (".py", "/__init__.py")]
        for module in filter(Path.exists, found):
            return all(part in module.read_text(encoding="utf-8") for part in parts[length:])
    return False
