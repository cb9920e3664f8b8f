"""Proves that this bundle is whole and scores as it did where it was made: ``python verify.py``.

Every file is compared with its checksum, and ``rows.csv`` is scored and compared with ``expected.csv``: probabilities,
scores, bands and reasons. Needs what ``score.py`` needs, and no network.
"""

import csv
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

TOLERANCE = 1e-9


def changed_files() -> Iterator[str]:
    """Yield which files are not those of the bundle."""
    sums = FOLDER / "SHA256SUMS"
    if not sums.is_file():
        yield "SHA256SUMS is missing."
        return
    lines = [line.partition("  ") for line in sums.read_text(encoding="utf-8").splitlines()]
    listed = {name: checksum for checksum, _, name in lines}
    for name, checksum in listed.items():
        path = FOLDER / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
            yield f"{name} is missing or was changed."
    for path in sorted([*FOLDER.glob("*.py"), *(FOLDER / "model").glob("*")]):
        name = path.relative_to(FOLDER).as_posix()
        if name not in listed and path.is_file():
            yield f"{name} is not part of the bundle."


def differences() -> Iterator[str]:
    """Yield which rows do not score as they did."""
    # Nothing of a bundle is run before it is known to be whole.
    from score import Model, read_json, read_rows

    model = Model(FOLDER)
    if model.manifest["hash"] != read_json(FOLDER / "contract.json")["model_hash"]:
        yield "model/manifest.json is of another model."
    table = model.table(read_rows(FOLDER / "rows.csv"))
    with (FOLDER / "expected.csv").open(encoding="utf-8", newline="") as stream:
        expected = list(csv.DictReader(stream))
    if len(expected) != table.rows:
        yield f"rows.csv has {table.rows} rows, expected.csv {len(expected)}."
        return
    with np.errstate(all="ignore"):
        p = model.probability(table)
        told = model.reasons(table, 4)
    for row, (probability, score, band, reasons, line) in enumerate(
        zip(p, model.score(p), model.band(p), told, expected, strict=True), start=1
    ):
        wanted = [line[f"reason_{number}"] for number in range(1, 5) if line[f"reason_{number}"]]
        if abs(probability - float(line["probability"])) > TOLERANCE or abs(score - float(line["score"])) > 1e-6:
            yield f"Row {row}: {probability!r}, {score!r}; expected {line['probability']}, {line['score']}."
        if band != line["band"] or reasons != wanted:
            yield f"Row {row}: band {band}, reasons {reasons}; expected {line['band']}, {wanted}."


def main() -> int:
    """Tell what differs; 0 where nothing does."""
    found = list(changed_files()) or list(differences())
    if not found:
        rows = sum(1 for _ in (FOLDER / "rows.csv").open(encoding="utf-8")) - 1
        sys.stdout.write(f"All files are whole; {rows} rows score as expected.\n")
        return 0
    sys.stdout.write("\n".join(found) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
