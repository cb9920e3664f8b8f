"""docs/extending.md as a reader uses it: its files are taken out and put where it says they belong."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "extending.md"
BLOCK = re.compile(r"^```(?:python|html|po) (?P<name>\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def files(page: str | None = None) -> dict[str, str]:
    """Return what each file of the page holds, by its name."""
    text = PAGE.read_text(encoding="utf-8") if page is None else page
    return {found["name"]: found["text"] for found in BLOCK.finditer(text)}


def write_below(folder: Path, *prefixes: str) -> list[Path]:
    """Write the files whose names begin with one of the prefixes below a folder, and return them."""
    written = []
    for name, text in files().items():
        if name.startswith(prefixes):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def path_with(beside: Path) -> str:
    """Return Python's path of somebody who has a folder beside the product."""
    return os.pathsep.join(map(str, (beside, ROOT / "platform", ROOT)))


def python(*arguments: str, beside: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with what was written for somebody who has it beside the product."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path_with(beside), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


DIFF = re.compile(r"^```diff (?P<name>\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def changes() -> list[tuple[str, str]]:
    """Return each change of a file that is there already, as ``(file, lines)``."""
    return [(found["name"], found["text"]) for found in DIFF.finditer(PAGE.read_text(encoding="utf-8"))]


def apply(change: str, text: str) -> str:
    """Return a text with a change made: a line stays (space), goes (-), or comes after the one before it (+).

    >>> apply(" a\\n+b\\n-c\\n+d\\n", "a\\nc\\n")
    'a\\nb\\nd\\n'
    """
    lines, at = text.splitlines(), 0
    for sign, line in ((each[:1], each[1:]) for each in change.splitlines()):
        if sign == "+":
            lines.insert(at, line)
            at += 1
            continue
        assert lines.count(line) == 1, f"the page speaks of a line that is not there once: {line}"
        at = lines.index(line)
        if sign == "-":
            del lines[at]
        else:
            at += 1
    return "".join(f"{line}\n" for line in lines)
