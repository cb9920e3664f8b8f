"""The n-th of a kind is one new file and one line in a table: followed to the letter on a copy of the engine."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import experiments
from tests.experiments.customers import customers

LEARNER = '''"""Nearest mean: a learner for this test."""

from experiments.errors import gettext_noop
from experiments.learners.base import About
from experiments.learners.linear import Linear


class NearestMean(Linear):
    """As a straight line, under a name of its own."""

    name = "nearest_mean"
    about = About(label=gettext_noop("Nearest mean"), merit=gettext_noop("For a test"), packages=("scikit-learn",))
'''
KIND = '''"""Fraud: a kind of target for this test."""

from dataclasses import replace

from experiments.errors import gettext_noop
from experiments.kinds.default import DEFAULT

FRAUD = replace(
    DEFAULT, name="fraud", label=gettext_noop("Fraud"), question=gettext_noop("Who will defraud the bank?"),
    ranking="lift", event_value_words=("fraud",),
)
'''


def _insert(table: Path, before: str, line: str) -> None:
    """Put a line into a table, before the line that ends it."""
    text = table.read_text(encoding="utf-8")
    assert text.count(before) == 1
    table.write_text(text.replace(before, f"{line}{before}"), encoding="utf-8")


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A copy of the engine, to which things are added as a person would."""
    source = Path(experiments.__file__).parent
    shutil.copytree(source, tmp_path / "experiments", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "experiments"


def _run(engine: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "experiments", *arguments]
    done = subprocess.run(command, cwd=engine.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_learner_and_a_kind_are_asked_for_searched_saved_scored_and_reported(engine: Path, tmp_path: Path) -> None:
    (engine / "learners" / "nearest_mean.py").write_text(LEARNER, encoding="utf-8")
    _insert(
        engine / "families.py", ")\n\n\ndef names_of",
        '    Family("nearest_mean", "experiments.learners.nearest_mean:NearestMean"),\n',
    )  # fmt: skip
    (engine / "kinds" / "fraud.py").write_text(KIND, encoding="utf-8")
    table = engine / "kinds" / "__init__.py"
    _insert(table, "from experiments.kinds.kind import", "from experiments.kinds.fraud import FRAUD\n")
    _insert(table, ")}\n", ", FRAUD")
    customers().to_csv(tmp_path / "train.csv", index=False)
    customers(40, seed=8).to_csv(tmp_path / "rows.csv", index=False)

    said = _run(
        engine, "fit", "train.csv", "--target", "bad", "--id", "id", "--kind", "fraud", "--learners", "nearest_mean",
        "--trials", "2", "--single", "--out", "model",
    )  # fmt: skip
    _run(engine, "score", "model", "rows.csv", "--out", "scores.csv")
    _run(engine, "report", "model", "--out", "report.html")

    assert "nearest_mean" in said
    assert (tmp_path / "scores.csv").read_text(encoding="utf-8").count("\n") == 41
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Fraud" in page
    assert "Nearest mean" in page
