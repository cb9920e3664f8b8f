"""The engine as a package of its own: what is built, what it says of itself, and that it works away from here."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import experiments
from experiments.artifact.release import RELEASE
from tests.test_layout import ROOT, TRACKED, imported

# What pyproject.toml reads when the engine is built.
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "requirements-engine.in")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("source")
    for name in TRACKED:
        if name in BUILT_FROM or name.startswith("experiments/"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", place / "dist", place], check=True)
    (built,) = (place / "dist").glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_engine_whole_and_nothing_of_the_platform(wheel):
    with zipfile.ZipFile(wheel) as files:
        held = {name for name in files.namelist() if ".dist-info/" not in name}
    # Words are used as they were compiled.
    assert held == {name for name in TRACKED if name.startswith("experiments/") and not name.endswith(".po")}
    assert "experiments/py.typed" in held


@pytest.mark.slow
def test_the_wheel_names_its_release_its_licence_and_its_command(wheel):
    with zipfile.ZipFile(wheel) as files:
        told = {
            name.partition(".dist-info/")[2]: files.read(name).decode() for name in files.namelist() if "info/" in name
        }
    assert wheel.name == f"xiaoyu-{RELEASE}-py3-none-any.whl"
    assert f"\nVersion: {RELEASE}\n" in told["METADATA"]
    assert "\nLicense-Expression: Apache-2.0\n" in told["METADATA"]
    assert "xiaoyu = experiments.__main__:main" in told["entry_points.txt"]


@pytest.mark.slow
def test_what_was_built_works_where_there_is_no_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as files:
        files.extractall(tmp_path / "site")
    program = "import experiments; print(experiments.__file__, experiments.__version__, experiments.XiaoyuClassifier())"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.split() == [str(tmp_path / "site/experiments/__init__.py"), RELEASE, "XiaoyuClassifier()"]


def test_the_package_and_the_models_tell_one_release():
    assert experiments.__version__ == RELEASE
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"]["attr"] == "experiments.artifact.release.RELEASE"


def test_the_engine_names_every_package_that_it_imports_and_the_platform_has_the_same():
    named = {_plain(line) for line in (ROOT / "requirements-engine.in").read_text().splitlines() if line[0] != "#"}
    assert _imported_packages() <= named
    assert "-r requirements-engine.in" in (ROOT / "requirements.in").read_text().splitlines()
    again = {_plain(line) for line in (ROOT / "requirements.in").read_text().splitlines() if line[0] not in "#-"}
    assert not named & again


def _imported_packages() -> set[str]:
    modules = {name for path in (ROOT / "experiments").rglob("*.py") for name in imported(path)}
    # The programs of a bundle travel without the engine and import each other by their files' names.
    modules -= {path.stem for path in (ROOT / "experiments/exports/runtime").glob("*.py")}
    others = modules - set(sys.stdlib_module_names) - {"experiments"}
    homes = packages_distributions()
    return {_plain(homes[name][0]) for name in others}


def _plain(requirement: str) -> str:
    return re.split(r"[\[<>=~ ]", requirement)[0].lower().replace("_", "-")
