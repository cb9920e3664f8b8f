"""A fresh process that opens a saved model, against one that only imports pandas, and pandas with LightGBM.

Run ``python -m tests.benchmarks.opening_speed`` in the root of the repository.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.credit import loan_ensemble, loan_model
from tests.benchmarks.timing import by_turns, table

TURNS = 7
OPEN = "import sys, pathlib, experiments.artifact.model as a; a.ModelArtifact.load(pathlib.Path(sys.argv[1]))"


def main() -> None:
    """Print the times of whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        model, ensemble = loan_model(Path(folder) / "model"), loan_ensemble(Path(folder) / "ensemble")

        def process(code: str, opened: Path = model) -> None:
            subprocess.run([sys.executable, "-c", code, str(opened)], check=True)

        works = {
            "nothing": lambda: process("pass"),
            "import pandas": lambda: process("import pandas"),
            "import pandas, lightgbm": lambda: process("import pandas, lightgbm"),
            "open a model of 4 x 400 trees": lambda: process(OPEN),
            "open an ensemble of 8 fits": lambda: process(OPEN, ensemble),
        }
        print(table(by_turns(works, TURNS)))


if __name__ == "__main__":
    main()
