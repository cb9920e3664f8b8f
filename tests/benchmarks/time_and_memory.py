"""Measures whether ``fit`` keeps its time and its memory on tables of many shapes; run by hand.

    python -m tests.benchmarks.time_and_memory --only zeros gaps --budget 10 20 60
    python -m tests.benchmarks.time_and_memory --sets SETS --only lendingclub --budget 10

Each fit runs as ``python -m experiments fit`` in a process of its own, from the start of the process to its end. Its
memory is the sum over the process and all that descend from it of the proportional set size, in which shared pages
count once, sampled four times a second. The data in memory are the table as a pandas frame,
``memory_usage(deep=True)``. The last lines are a table in Markdown.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.benchmarks.tables import SHAPES, TARGET, make_table

ROOT = Path(__file__).parents[2]
SECONDS_BETWEEN_SAMPLES = 0.25
BOOSTED = ("lightgbm", "xgboost", "catboost", "hist_gradient_boosting", "explainable_boosting")
HEAD = (
    "| table | rows × columns | budget | ended after | allowed | first boosted after | baseline, scorecard, boosted | "
    "memory | allowed | note |"
)


@dataclass(frozen=True)
class Question:
    """A file to fit, and what is known of it; ``megabytes`` are the table's in memory."""

    name: str
    path: Path
    target: str
    rows: int
    columns: int
    megabytes: float


@dataclass
class Measured:
    """One fit: wall seconds, peak megabytes, and the story that lies beside the model (empty without a model)."""

    seconds: float
    megabytes: float
    story: dict
    note: str


class TreeMemory(threading.Thread):
    """Watches the memory of a process and all its descendants; ``peak`` in megabytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0.0
        self._ended = threading.Event()

    def run(self) -> None:
        """Sample until ``end``."""
        while not self._ended.wait(SECONDS_BETWEEN_SAMPLES):
            self.peak = max(self.peak, sum(proportional_megabytes(pid) for pid in descendants(self.pid)))

    def end(self) -> float:
        """Stop, and return the peak."""
        self._ended.set()
        self.join()
        return self.peak


def descendants(pid: int) -> list[int]:
    """Return a process and everything below it that lives."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def proportional_megabytes(pid: int) -> float:
    """Return the proportional set size of a process, 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.split("Pss:")[1].split()[0]) * 1024 / 1e6
    except (OSError, IndexError):
        return 0.0


def measure(question: Question, budget: float, more: list[str], folder: Path) -> Measured:
    """Fit once and watch."""
    out = folder / "model"
    command = [sys.executable, "-m", "experiments", "fit", str(question.path), "--target", question.target]
    command += ["--event", "1", "--budget", str(budget), "--out", str(out), *more]
    began = time.monotonic()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONWARNINGS": "ignore"}
        )
        memory = TreeMemory(process.pid)
        memory.start()
        code = process.wait()
    seconds = time.monotonic() - began
    text = (folder / "log").read_text()
    story = json.loads((out / "run.json").read_text()) if code == 0 else {}
    note = "" if code == 0 else (text.strip().splitlines() or [""])[-1][:200]
    return Measured(seconds, memory.end(), story, note)


def line(question: Question, budget: float, found: Measured) -> str:
    """Return one row of the table."""
    # A first look was a model too, even if columns that were made later took its place.
    trials = [
        trial
        for trial in found.story.get("trials", [])
        if trial["state"] == "finished" or trial["backend"] == "first_look"
    ]
    boosted = [trial["elapsed"] for trial in trials if trial["learner"] in BOOSTED]
    finalists = {row["candidate"] for row in found.story.get("finalists", [])}
    kinds = ["yes" if name in finalists else "no" for name in ("baseline", "scorecard")]
    kinds.append("yes" if finalists & set(BOOSTED) else "no")
    allowed = budget * 1.02 + 3.0
    room = 3.0 * question.megabytes + 500.0
    first = f"{min(boosted):.1f} s" if boosted else "–"
    note = found.note or "; ".join(
        [*(["late"] if found.seconds > allowed else []), *(["memory"] if found.megabytes > room else [])]
    )
    cells = [
        question.name, f"{question.rows:,} × {question.columns}", f"{budget:g} s", f"{found.seconds:.1f} s",
        f"{allowed:.1f} s", first, ", ".join(kinds), f"{found.megabytes:,.0f} MB", f"{room:,.0f} MB", note,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _questions(options: argparse.Namespace, folder: Path) -> list[Question]:
    if options.sets is None:
        return [_made_up(name, folder, options.format) for name in options.only or SHAPES]
    known = json.loads((options.sets / "sets.json").read_text(encoding="utf-8"))
    return [
        _question(name, options.sets / f"{name}.train.csv", known[name]["target"]) for name in options.only or known
    ]


def _made_up(name: str, folder: Path, file_format: str) -> Question:
    path = folder / f"{name}.{file_format}"
    if not path.exists():
        table = make_table(SHAPES[name])
        table.write_csv(path) if file_format == "csv" else table.write_parquet(path)
    return _question(name, path, TARGET)


def _question(name: str, path: Path, target: str) -> Question:
    frame = pd.read_csv(path, low_memory=False) if path.suffix == ".csv" else pd.read_parquet(path)
    megabytes = float(frame.memory_usage(deep=True).sum()) / 1e6
    return Question(name, path, target, len(frame), frame.shape[1] - 1, megabytes)


def main() -> None:
    """Fit each table with each budget, one after another, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", metavar="TABLE", help=f"of {', '.join(SHAPES)}, or of --sets")
    parser.add_argument("--sets", type=Path, help="folder with NAME.train.csv and a sets.json, as for accuracy")
    parser.add_argument("--budget", nargs="+", type=float, default=[20.0], metavar="SECONDS")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of made-up tables")
    parser.add_argument("--tables", type=Path, help="folder in which made-up tables are kept for the next time")
    parser.add_argument("--more", nargs="*", default=[], help="further arguments of fit, such as --more=--features=off")
    options = parser.parse_args()
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    with tempfile.TemporaryDirectory(prefix="time-and-memory-") as folder:
        kept = options.tables or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        for question in _questions(options, kept):
            for budget in options.budget:
                with tempfile.TemporaryDirectory(dir=folder) as work:
                    lines.append(line(question, budget, measure(question, budget, options.more, Path(work))))
                sys.stderr.write(f"{lines[-1]}\n")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
