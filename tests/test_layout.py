"""The shape of the repository that everything else relies on."""

import ast
import platform
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()


def test_platform_is_a_place_and_no_package_so_that_pythons_own_module_stays_visible() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert platform.system()


def test_no_folder_of_the_tests_is_called_platform() -> None:
    assert not (ROOT / "tests" / "platform").exists()


def test_the_engine_imports_nothing_of_the_web() -> None:
    web = {
        "django",
        "celery",
        "ninja",
        "accounts",
        "audit",
        "jobs",
        "catalog",
        "training",
        "results",
        "serving",
        "explanations",
        "registry",
        "approvals",
        "reruns",
        "scoring",
        "common",
    }
    found = {
        (path.name, name) for path in (ROOT / "experiments").rglob("*.py") for name in imported(path) if name in web
    }
    assert found == set()


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_module_opens_with_a_sentence() -> None:
    modules = [path for place in ("platform", "experiments") for path in (ROOT / place).rglob("*.py")]
    silent = [
        str(path.relative_to(ROOT))
        for path in modules
        if "migrations" not in path.parts and path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("marker", ["style=", "onclick=", "onchange=", "onload=", "javascript:"])
def test_no_template_carries_inline_style_or_script(marker: str) -> None:
    templates = (ROOT / "templates").rglob("*.html")
    assert [str(path.relative_to(ROOT)) for path in templates if f" {marker}" in path.read_text()] == []


def test_no_template_asks_another_server_for_anything() -> None:
    asking = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if any(f'{attribute}="http' in path.read_text() for attribute in ("src", "action"))
        or ("<link" in path.read_text() and 'rel="stylesheet" href="http' in path.read_text())
    ]
    assert asking == []


def test_every_style_script_and_part_that_a_page_names_is_there() -> None:
    named = {
        ROOT / folder / name
        for path in (ROOT / "templates").rglob("*.html")
        for folder, pattern in (
            ("static", r"{% static '([^']+)' %}"),
            ("templates", r'{% (?:include|extends) "([^"]+)"'),
        )
        for name in re.findall(pattern, path.read_text(encoding="utf-8"))
    }
    for path in (ROOT / "static").rglob("*.css"):
        named |= {
            path.parent / name for name in re.findall(r'@import url\("([^":]+)"\)', path.read_text(encoding="utf-8"))
        }
    assert [str(path) for path in sorted(named) if not path.resolve().is_file()] == []


def test_requirements_pin_every_package_and_name_no_host() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        packages = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert packages
        assert all("==" in line for line in packages)
        assert not any("://" in line for line in lines)


def test_nothing_a_run_leaves_behind_is_tracked() -> None:
    assert [
        path for path in TRACKED if path.startswith(("var/", ".venv/")) or path.endswith((".pyc", ".sqlite3"))
    ] == []


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names
