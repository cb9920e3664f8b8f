"""A fresh process that opens a saved model, against one that only imports pandas, and pandas with LightGBM.

Run ``python -m tests.benchmarks.opening_speed`` in the root of the repository.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.credit import loan_model
from tests.benchmarks.timing import by_turns, table

TURNS = 7
OPEN = "import sys, pathlib, experiments.artifact as a; a.ModelArtifact.load(pathlib.Path(sys.argv[1]))"


def main() -> None:
    """Print the times of whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        model = loan_model(Path(folder) / "model")

        def process(code: str) -> None:
            subprocess.run([sys.executable, "-c", code, str(model)], check=True)

        works = {
            "nothing": lambda: process("pass"),
            "import pandas": lambda: process("import pandas"),
            "import pandas, lightgbm": lambda: process("import pandas, lightgbm"),
            "open a model of 4 x 400 trees": lambda: process(OPEN),
        }
        print(table(by_turns(works, TURNS)))


if __name__ == "__main__":
    main()
