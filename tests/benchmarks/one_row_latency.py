"""One row from table to probability, score, band and four reasons, in a process that has the model open.

Run ``python -m tests.benchmarks.one_row_latency`` in the root of the repository; ``--learner`` names another family
than LightGBM for the single model. An ensemble of four families is measured beside it.
"""

import argparse
import tempfile
from pathlib import Path

from experiments.artifact.model import ModelArtifact
from tests.benchmarks.credit import loan_ensemble, loan_model, loans
from tests.benchmarks.timing import by_turns, table

TURNS = 200


def main() -> None:
    """Print the times in milliseconds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--learner", default="lightgbm")
    learner = options.parse_args().learner
    with tempfile.TemporaryDirectory() as folder:
        artifact = ModelArtifact.load(loan_model(Path(folder) / "model", learner))
        ensemble = ModelArtifact.load(loan_ensemble(Path(folder) / "ensemble"))
    row = loans(300, seed=5).iloc[[7]]
    works = {
        "probability": lambda: artifact.predict(row),
        "score and band": lambda: artifact.score(row, reasons=0),
        "score, band and four reasons": lambda: artifact.score(row),
        "the same of an ensemble": lambda: ensemble.score(row),
    }
    print(table(by_turns(works, TURNS), "ms", 1_000.0))


if __name__ == "__main__":
    main()
