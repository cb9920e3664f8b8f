"""A million rows of 25 columns: our scores from the table as it is read, against LightGBM's bare ``predict``.

Run ``python -m tests.benchmarks.scoring_speed`` in the root of the repository; ``--rows``, ``--explained``,
``--turns``, ``--seeds`` and ``--iterations`` change the size. LightGBM is given the finished matrix and has only to add
up trees; our time includes turning the table into that matrix, averaging the members, calibrating, scoring and finding
the bands. The same is measured of an ensemble of four families, and of both with four reasons a row. What explains many
rows is compiled before the clock starts; it is once for a machine.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from experiments.artifact.model import ModelArtifact
from tests.benchmarks.credit import loan_ensemble, loan_model, loans
from tests.benchmarks.timing import by_turns, table


def main() -> None:
    """Print the times, and ours as a share of LightGBM's."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--explained", type=int, default=12_500)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--seeds", type=int, default=4)
    options.add_argument("--iterations", type=int, default=400)
    chosen = options.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        model = loan_model(Path(folder) / "model", seeds=chosen.seeds, iterations=chosen.iterations)
        single = ModelArtifact.load(model)
        ensemble = ModelArtifact.load(loan_ensemble(Path(folder) / "ensemble", iterations=chosen.iterations))
        import lightgbm

        boosters = [lightgbm.Booster(model_file=str(path)) for path in sorted(model.glob("*.lightgbm.txt"))]
    frame = loans(chosen.rows, seed=5)
    matrix = np.ascontiguousarray(single.encoder.transform(frame)[0].to_numpy())

    def bare() -> np.ndarray:
        return np.mean([booster.predict(matrix, raw_score=True) for booster in boosters], axis=0)

    np.testing.assert_allclose(single.margin(frame.head(5_000)), bare()[:5_000], rtol=0, atol=1e-12)
    works = {
        "LightGBM predict": bare,
        "ours, table to bands": lambda: single.score(frame, reasons=0),
        "ours, an ensemble": lambda: ensemble.score(frame, reasons=0),
    }
    times = by_turns(works, chosen.turns)
    print(table(times))
    print(f"ratio of medians: {times['ours, table to bands'][0] / times['LightGBM predict'][0]:.2f}")

    few = frame.head(chosen.explained)
    explained = {
        "with four reasons": lambda: single.score(few),
        "an ensemble with four reasons": lambda: ensemble.score(few),
        "an ensemble without": lambda: ensemble.score(few, reasons=0),
    }
    print(f"{len(few):,} rows:")
    print(table(by_turns(explained, chosen.turns)))


if __name__ == "__main__":
    main()
