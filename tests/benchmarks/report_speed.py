"""The validation report of a model of 150,000 rows in each of its forms: time, and how large the file is.

Run ``python -m tests.benchmarks.report_speed`` in the root of the repository. The model is searched first, which takes
a minute or two and is not counted; ``--model`` names one that is there already.
"""

import argparse
import gc
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.report import FORMS, make_report
from experiments.report.pdf import why_no_pdf
from tests.benchmarks.credit import defaults, loans
from tests.benchmarks.timing import by_turns, table

ROWS, TURNS = 150_000, 3


def model_of(rows: int, folder: Path) -> Path:
    """Search a scorecard on loans of eighteen months, and return its folder."""
    frame = loans(rows)
    months = pd.period_range("2024-01", periods=18, freq="M").to_timestamp()
    frame = frame.assign(bad=defaults(frame), month=months[np.arange(rows) % len(months)])
    spec = ExperimentSpec("bad", "1", time_column="month", budget=SearchBudget(None, 2), learners=("linear",),
        feature_effort="off", ensemble=False,
    )  # fmt: skip
    result = run_experiment(spec, frame.assign(bad=frame["bad"].astype(int).astype(str)), work_dir=folder)
    found = {row.candidate: row.model_dir for row in result.finalists if row.model_dir}
    return Path(found["scorecard"])


def main() -> None:
    """Print the times and sizes of all forms in both languages."""
    options = argparse.ArgumentParser()
    options.add_argument("--model", type=Path)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--turns", type=int, default=TURNS)
    asked = options.parse_args()
    forms = [form for form in FORMS if form != "pdf" or why_no_pdf() is None]
    with tempfile.TemporaryDirectory() as folder:
        model = asked.model or model_of(asked.rows, Path(folder))
        sizes: dict[str, int] = {}

        def written(form: str, language: str) -> None:
            sizes[f"{form}, {language}"] = len(make_report(model, form, language=language))
            gc.collect()

        works = {
            f"{form}, {language}": (lambda form=form, language=language: written(form, language))
            for form in forms
            for language in ("zh", "en")
        }
        print(table(by_turns(works, asked.turns)))
        for name, size in sizes.items():
            print(f"{name:10} {size / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()
