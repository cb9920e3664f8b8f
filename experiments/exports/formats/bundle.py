"""Everything to score without us in one folder: model, contract, rows with their scores, and two small programs."""

import csv
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.manifest import write_json
from experiments.artifact.model import ModelArtifact, versions_of
from experiments.artifact.needed_columns import heard_columns
from experiments.errors import BadInput, gettext_noop
from experiments.exports.expressions import expression_of
from experiments.exports.formats.form import OF_DOUBLE
from experiments.exports.plain import NO_DERIVED, READ_AS, Plain, plain_of
from experiments.exports.rows import UNSEEN_LEVEL, CheckRows
from experiments.features.levels import BOOLEAN_WORDS
from experiments.learners.base import FittedModel
from experiments.learners.ensemble import EnsembleModel
from experiments.learners.linear import LinearModel
from experiments.learners.scorecard import ScorecardModel
from experiments.sentence import Sentence

LABEL = gettext_noop("Offline bundle")
NOT_SCORED = gettext_noop("The bundle's own program failed: %(words)s")
PROGRAMS = Path(__file__).parents[1] / "runtime"
EXPECTED_ROWS, REASONS = 200, 4
# The program reads a file as texts, of which the rows on every edge of a forest would fill the memory.
CELLS_AT_ONCE = 2_000_000
WRITTEN = {"numpy": "NumPy", "lightgbm": "LightGBM"}
README = """{name}

python verify.py                   proves that all files are whole and that {rows} rows score as they did here
python score.py ROWS.csv OUT.csv   scores a file

Both need {needs}, and no network. contract.json describes the columns.
model/ is the model as it was approved, without what a run tells of its training rows. Its encoder.json names the levels
of the training rows, rare ones among them: keep the bundle as you keep such rows.
rows.csv holds no customers: its cells are drawn at random from the model's own borders and levels, without rare ones.
"""


class Bundle:
    """A folder that its receiver can verify and run."""

    name = "bundle"
    label = LABEL
    suffix = ".zip"
    tolerance = OF_DOUBLE
    has_times = True
    also_needed: tuple[str, ...] = ()

    def require(self, artifact: ModelArtifact) -> Plain | None:
        """Refuse what the program does not know."""
        plain = plain_of(artifact, LABEL)
        for feature in artifact.generator.features_:
            # Reasons are told of every derived column, also of those that no tree reads.
            if expression_of(feature) is None:
                raise BadInput(NO_DERIVED, column=feature.name, form=Sentence(LABEL))
        return plain

    def write(self, artifact: ModelArtifact, plain: Plain | None, out: Path, rows: CheckRows) -> None:
        """Write model, contract, programs, rows and checksums."""
        artifact.save(out / "model")
        for program in ("score.py", "reasons.py", "verify.py"):
            (out / program).write_bytes((PROGRAMS / program).read_bytes())
        write_json(out / "contract.json", contract_of(artifact))
        needs = packages_needed(artifact, also=self.also_needed)
        versions = versions_of(artifact.learner)
        write_json(out / "versions.json", versions)
        write_json(out / "licences.json", [licence_of(package) for package in needs])
        (out / "requirements.txt").write_text(
            "".join(f"{one}=={metadata(one)['Version']}\n" for one in needs), encoding="utf-8"
        )
        some = _without_rare(artifact, rows.frame.iloc[_some(len(rows.frame), rows.edges)].reset_index(drop=True))
        write_rows(some, out / "rows.csv")
        _write_expected(artifact, some, out / "expected.csv")
        readme = README.format(
            name=f"{artifact.facts.get('target', '')} · {artifact.learner} · {artifact.hash}", rows=len(some),
            needs=" and ".join(WRITTEN[one] for one in needs if one in WRITTEN),
        )  # fmt: skip
        (out / "README.txt").write_text(readme, encoding="utf-8")
        write_checksums(out)

    def scores(self, artifact: ModelArtifact, out: Path, rows: CheckRows) -> Mapping[str, np.ndarray]:
        """Run both programs that were written, in processes that see nothing of ours."""
        run_alone([str(out / "verify.py")], out.parent)

        def score(sample: Path, scored: Path) -> None:
            run_alone([str(out / "score.py"), str(sample), str(scored), "0"], out.parent)

        return {"score.py": scored_in_parts(rows.frame, out.parent, score)}


def run_alone(arguments: Sequence[str], folder: Path) -> None:
    """Run Python in a process that sees nothing of ours.

    Raises
    ------
    BadInput : it did not succeed; the sentence has its last words.
    """
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-B", *arguments], capture_output=True, text=True, check=False, cwd=folder
    )
    if ran.returncode:
        raise BadInput(NOT_SCORED, words=(ran.stderr.strip() or ran.stdout.strip())[-500:])


def scored_in_parts(frame: pd.DataFrame, folder: Path, score: Callable[[Path, Path], None]) -> np.ndarray:
    """Return the probabilities of rows by a program that is given a file of rows and writes one of scores."""
    sample, scored = folder / "rows-to-check.csv", folder / "scores-to-check.csv"
    rows = max(1, CELLS_AT_ONCE // max(1, frame.shape[1]))
    found: list[float] = []
    for start in range(0, len(frame), rows):
        write_rows(frame.iloc[start : start + rows], sample)
        score(sample, scored)
        with scored.open(encoding="utf-8", newline="") as stream:
            found += [float(line["probability"]) for line in csv.DictReader(stream)]
    return np.array(found)


def contract_of(artifact: ModelArtifact) -> dict[str, Any]:
    """Return what a caller must know of a model's columns, and how its derived ones are made."""
    generator = artifact.generator
    needed = set(heard_columns(artifact.own_columns, artifact.importance, sources=generator.sources_))
    columns = [
        {
            "name": column.name, "type": column.type, "read_as": READ_AS[column.type],
            "levels": list(column.levels), "is_needed": column.name in needed,
        }
        for column in artifact.encoder.columns_ if column.name in artifact.own_columns
    ]  # fmt: skip
    return {
        "model_hash": artifact.hash,
        "event": artifact.facts.get("event"),
        "higher_is_safer": artifact.is_risk,
        "columns": columns,
        "yes_no": BOOLEAN_WORDS,
        "codes": {name: list(codes) for name, codes in (generator.special_values or {}).items()},
        "derived": {
            feature.name: {
                "kind": feature.kind, "sources": feature.sources, "settings": feature.settings,
                "expression": expression_of(feature),
            }
            for feature in generator.features_
        },
    }  # fmt: skip


def packages_needed(artifact: ModelArtifact, *, also: Iterable[str] = ()) -> list[str]:
    """Return the packages without which the programs do not run, with those that these need in turn."""
    has_trees = any(not _is_plain(member) for member in artifact.members)
    asked = ["numpy", *(["lightgbm"] if has_trees else []), *also]
    for package in asked:
        needs = [
            re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in requires(package) or [] if "extra ==" not in line
        ]
        asked += [name for name in dict.fromkeys(needs) if name not in asked and _is_here(name)]
    return asked


def _is_here(package: str) -> bool:
    """Tell whether a package is installed: what only other systems need is not."""
    try:
        metadata(package)
    except PackageNotFoundError:
        return False
    return True


def licence_of(package: str) -> dict[str, str]:
    """Return the licence of a package, as it declares it: the field called so may hold the whole text of one."""
    about: Any = metadata(package)
    classified = [one.split(" :: ")[-1] for one in about.get_all("Classifier") or [] if one.startswith("License")]
    expression, text = ((about.get_all(field) or [""])[0].strip() for field in ("License-Expression", "License"))
    licence = expression or ", ".join(classified) or text.partition("\n")[0]
    return {"package": package, "version": about["Version"], "licence": licence}


def write_rows(frame: pd.DataFrame, path: Path) -> None:
    """Write rows to the last bit as the programs read them."""
    texts = {name: [_cell(cell) for cell in frame[name].tolist()] for name in frame.columns}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(texts)
        writer.writerows(zip(*texts.values(), strict=True))


def write_checksums(folder: Path) -> None:
    """Write the SHA-256 of every file, as ``sha256sum --check`` reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in files
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_plain(member: FittedModel) -> bool:
    if isinstance(member, EnsembleModel):
        return all(_is_plain(part.model) for part in member.parts)
    return isinstance(member, LinearModel | ScorecardModel)


def _some(rows: int, edges: int) -> np.ndarray:
    """Return the places of half the rows at random and half on edges."""
    half = EXPECTED_ROWS // 2
    on_edges = np.unique(np.linspace(rows - edges, rows - 1, half).astype(int)) if edges else np.zeros(0, dtype=int)
    return np.concatenate([np.arange(EXPECTED_ROWS - len(on_edges)), on_edges])


def _without_rare(artifact: ModelArtifact, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows without the levels that were too rare in training for a code: a single customer may have had one."""
    rare = {column.name: column.rare_levels for column in artifact.encoder.columns_ if column.name in frame}
    masked = {name: frame[name].mask(frame[name].isin(levels), UNSEEN_LEVEL) for name, levels in rare.items() if levels}
    return frame.assign(**masked)


def _write_expected(artifact: ModelArtifact, frame: pd.DataFrame, path: Path) -> None:
    probability = artifact.predict(frame)
    scores, bands = artifact.score_of(probability), artifact.band_of(probability)
    phi, _ = artifact.own_contributions(frame)
    told = artifact.reason_book.top_reasons(frame, phi, n=REASONS)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["probability", "score", "band", *(f"reason_{number + 1}" for number in range(REASONS))])
        for p, score, band, reasons in zip(probability, scores, bands, told, strict=True):
            texts = [f"{one.column}: {one.state}" if one.column else one.state for one in reasons]
            texts += [""] * (REASONS - len(texts))
            writer.writerow([repr(float(p)), repr(float(score)), band, *texts])


def _cell(cell: object) -> str:
    if cell is None or cell is pd.NaT:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return "" if np.isnan(cell) else repr(cell)
    if isinstance(cell, pd.Timestamp | date):
        return cell.isoformat()
    return str(cell)
