"""Measures the figures of docs/architecture.md on the tree as it is: ``.venv/bin/python -m tests.figures``."""

import ast
import graphlib
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = ROOT / "platform"
LONG_FILE = 500


@dataclass(frozen=True)
class Function:
    """One function: its file, its name, and its lines with and without the docstring."""

    path: str
    name: str
    lines: int
    lines_of_code: int


@cache
def tracked() -> list[Path]:
    """Return the Python files of both wings, but for migrations."""
    names = subprocess.run(
        ["git", "ls-files", "experiments/*.py", "platform/*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return [ROOT / name for name in names if "/migrations/" not in name and (ROOT / name).is_file()]


def functions() -> Iterator[Function]:
    """Yield every function of both wings, methods and inner ones included."""
    for path in tracked():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                said = ast.get_docstring(node, clean=False)
                told = len(said.splitlines()) if said else 0
                yield Function(path.relative_to(ROOT).as_posix(), node.name, lines, lines - told)


def percentile(lengths: Iterable[int], share: float) -> int:
    """Return the length that a share of the functions does not exceed."""
    ordered = sorted(lengths)
    return ordered[int(share * (len(ordered) - 1))]


def long_files() -> dict[str, int]:
    """Return the files of more than 500 lines with their lengths."""
    counted = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in tracked()}
    return {name: lines for name, lines in sorted(counted.items()) if lines > LONG_FILE}


@cache
def engine() -> grimp.ImportGraph:
    """Return who imports whom in the engine, imports inside functions and for types alone included."""
    return grimp.build_graph("experiments", cache_dir=None)


def engine_layers() -> dict[str, int]:
    """Return the height of each of the engine's folders, the lowest 0, as the contract in pyproject.toml has it."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = [each["layers"] for each in linter["contracts"] if each.get("containers") == ["experiments"]]
    return {name: height for height, layer in enumerate(reversed(layers)) for name in re.findall(r"\w+", layer)}


def _folder(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def arrows_up() -> list[tuple[str, str]]:
    """Return the imports of the engine that lead from a folder to one above it."""
    heights, graph = engine_layers(), engine()
    return [
        (module, other)
        for module in sorted(graph.modules)
        for other in sorted(graph.find_modules_directly_imported_by(module))
        if _folder(module) and _folder(other) and heights[_folder(module)] < heights[_folder(other)]
    ]


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """Return one circle of the arrows, its first name again at the end; nothing without any."""
    try:
        graphlib.TopologicalSorter(arrows).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def circle_of_folders() -> list[str]:
    """Return a circle between folders of the engine; nothing without any."""
    graph = engine()
    arrows: dict[str, set[str]] = {}
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            if _folder(module) and _folder(other) and _folder(module) != _folder(other):
                arrows.setdefault(_folder(module), set()).add(_folder(other))
    return circle(arrows)


def circle_of_files() -> list[str]:
    """Return a circle between files of the engine; nothing without any."""
    graph = engine()
    return circle({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})


def public_functions() -> list[tuple[str, str, bool]]:
    """Return module, name and whether there is an example, of what the engine's modules name in ``__all__``."""
    found = []
    for path in (path for path in tracked() if path.is_relative_to(ROOT / "experiments")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named: set[str] = set()
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                named = set(ast.literal_eval(node.value))
        found += [
            (path.relative_to(ROOT).as_posix(), node.name, ">>> " in (ast.get_docstring(node) or ""))
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in named
        ]
    return found


def lengths_told(wing: str) -> str:
    """Return median, 95th percentile and most lines of a wing's functions, without docstrings."""
    lengths = [each.lines_of_code for each in functions() if each.path.startswith(wing)]
    return f"{statistics.median(lengths):.0f}, {percentile(lengths, 0.95)}, {max(lengths)} lines ({len(lengths):,})"


def figures() -> dict[str, str]:
    """Return every figure in words."""
    from tests.test_layers import apps, layers_of, lines_by_name

    lines = {app: sum(lines_by_name(app).values()) for app in apps()}
    placed = {
        app: sum(count for name, count in lines_by_name(app).items() if name in layers_of(app)) / lines[app]
        for app in apps()
    }
    examples = [has_example for _, _, has_example in public_functions()]
    largest = sorted(lines, key=lambda app: -lines[app])
    least = min(placed, key=placed.__getitem__)
    return {
        "engine: imports that run up": str(len(arrows_up())),
        "engine: circle between folders": " → ".join(circle_of_folders()) or "none",
        "engine: circle between files": " → ".join(circle_of_files()) or "none",
        "functions of the engine: median, 95 %, longest": lengths_told("experiments"),
        "functions of the platform: median, 95 %, longest": lengths_told("platform"),
        "public names of the engine with an example": f"{sum(examples)} of {len(examples)}",
        "lines an app": ", ".join(f"{app} {lines[app]:,}" for app in largest),
        "share of an app's lines under contract, least": f"{placed[least]:.0%} ({least})",
        f"files over {LONG_FILE} lines": ", ".join(f"{name} {count}" for name, count in long_files().items()) or "none",
    }


if __name__ == "__main__":
    for name, value in figures().items():
        sys.stdout.write(f"{name}: {value}\n")
