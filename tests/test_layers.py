"""Each app has one subject and one inner shape, and the import contracts reach nearly all of its lines."""

import graphlib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = ROOT / "platform"
NOT_APPS = {"experiments", "config", "common"}  # the engine has its own contract; the others are no apps of one subject
MOST_LINES = 4_000  # beyond, somebody divides before adding
LEAST_SHARE = 0.9


@cache
def importlinter() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return found


def apps() -> list[str]:
    return [name for name in importlinter()["root_packages"] if name not in NOT_APPS]


def layers_of(app: str) -> set[str]:
    """Return the names of an app's files and folders that any contract on layers places."""
    placed = [each["layers"] for each in importlinter()["contracts"] if app in each.get("containers", ())]
    return {name for layers in placed for layer in layers for name in re.findall(r"\w+", layer)}


def test_each_app_stands_once_in_the_table_of_apps_and_in_the_picture_of_layers() -> None:
    whole = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = whole.split("```")[1]
    table = whole.split("## The platform's apps")[1].split("\n\n")[1]
    layers = next(each["layers"] for each in importlinter()["contracts"] if "config" in each.get("layers", ()))
    layered = {name for layer in layers for name in re.findall(r"\w+", layer)} - {"experiments"}

    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(layered)
    assert layered == {path.parent.name for path in PLATFORM.glob("*/__init__.py")}
    assert sorted(layered - set(re.findall(r"\w+", picture))) == []


def lines_by_name(app: str) -> dict[str, int]:
    """Return how many lines each file and folder of an app has, but for migrations and what is empty."""
    counted: dict[str, int] = {}
    for path in (PLATFORM / app).rglob("*.py"):
        name = path.relative_to(PLATFORM / app).parts[0].removesuffix(".py")
        if name != "migrations":
            counted[name] = counted.get(name, 0) + len(path.read_text(encoding="utf-8").splitlines())
    return counted


def test_every_app_of_the_platform_is_known_to_the_contracts() -> None:
    folders = {path.parent.name for path in PLATFORM.glob("*/apps.py")} - NOT_APPS
    assert folders == set(apps())


@pytest.mark.parametrize("app", apps())
def test_nine_of_ten_lines_of_an_app_stand_in_a_layer(app: str) -> None:
    counted, placed = lines_by_name(app), layers_of(app)
    outside = {name: lines for name, lines in counted.items() if name not in placed and lines}
    share = 1 - sum(outside.values()) / sum(counted.values())
    assert share >= LEAST_SHARE, f"{app}: {share:.0%}; give these a layer in pyproject.toml: {outside}"


@pytest.mark.parametrize("app", apps())
def test_no_files_of_an_app_import_each_other_in_a_circle(app: str) -> None:
    graph = grimp.build_graph(app, exclude_type_checking_imports=True)
    graphlib.TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    ).prepare()


@pytest.mark.parametrize("app", apps())
def test_no_app_outgrows_one_subject(app: str) -> None:
    assert sum(lines_by_name(app).values()) <= MOST_LINES
