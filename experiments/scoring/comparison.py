"""Saved models on the same labelled rows: every measure beside the other's, what is certain, and who changes sides."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from experiments.artifact.model import ModelArtifact
from experiments.data.target import read_target
from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.bootstrap import bootstrap_difference
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.holm import Judged, judged_together
from experiments.evaluation.intervals import MATERIALITY, Difference
from experiments.evaluation.metrics import ks_of, lift_of
from experiments.evaluation.paired import TOO_FEW, overall, verdict_of
from experiments.evaluation.ranking import TallyMetric
from experiments.house_rules import is_enough
from experiments.ingest.reading import ReadingOptions, ingest_files
from experiments.ingest.table import as_frame
from experiments.scoring.batch import score_file
from experiments.stored import plain
from experiments.strategy.stakes import Stakes
from experiments.strategy.swap_set import SwapSet, swap_set

MOST_MODELS = 4
TOO_MANY = gettext_noop("At most %(most)s models are compared at once; %(given)s were given.")
ONE_ALONE = gettext_noop("Name at least two models to compare.")
OTHER_KIND = gettext_noop(
    "%(first)s and %(other)s answer different questions (%(first_kind)s and %(other_kind)s) and cannot be compared."
)
NO_SUCH_TARGET = gettext_noop("The file has no column %(column)s, in which the outcome was to stand.")
REPLICATES = 1_000


@dataclass(frozen=True)
class Compared:
    """One model on the rows: its folder's name, what it is, and every measure with its interval."""

    name: str
    hash: str
    learner: str
    measures: dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Against:
    """A challenger set against the first model on the same rows.

    ``measures`` by name: difference with its interval at the level at which Holm judged it, p-value, adjusted p-value,
    verdict. ``verdict`` is that on the whole. ``swap_set`` tells who would be chosen by the one and not by the other.
    """

    name: str
    verdict: str
    measures: dict[str, dict[str, Any]]
    swap_set: SwapSet


@dataclass(frozen=True)
class Comparison:
    """Two to four models on the same labelled rows; the first is the one the others are set against."""

    rows: int
    events: int
    unlabelled: int
    event: str
    kind: str
    models: list[Compared]
    against: list[Against] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON-ready data."""
        return plain(
            {
                "rows": self.rows,
                "events": self.events,
                "unlabelled": self.unlabelled,
                "event": self.event,
                "kind": self.kind,
                "models": [vars(model) for model in self.models],
                "against": [vars(each) | {"swap_set": each.swap_set.to_dict()} for each in self.against],
            }
        )


def compare_models(
    folders: Sequence[str | PathLike[str]],
    source: str | PathLike[str],
    target: str,
    *,
    event: str | None = None,
    share: float = 0.1,
    stakes: Stakes | None = None,
    reading: ReadingOptions | None = None,
    seed: int = 1,
) -> Comparison:
    """Return two to four saved models side by side on the labelled rows of a file.

    Parameters
    ----------
    folders : of the models; the first is the champion, the others are set against it.
    source, target : a CSV, Excel or Parquet file and its column with the outcome. Rows from which a model has learnt
        flatter it: compare on rows that none of them has seen.
    event : the value of ``target`` that is the event; that of the champion when ``None``.
    share : of the customers, for lift and swap set; where the event is a loss, the other 1 − ``share`` are approved.
    stakes : money per chosen customer, for the swap set.

    Raises
    ------
    BadInput : fewer than two models or more than four, models of different kinds, no such column, or a file that cannot
        be read.
    ArtifactError : a model's files are incomplete or altered.
    """
    paths = [Path(folder) for folder in folders]
    artifacts = _loaded(paths)
    # What the champion was taught to be the event is the event here too.
    asked = event or artifacts[0].facts.get("event")
    y, chosen_event = _outcomes(Path(source), target, asked, reading)
    scores = [_probabilities(path, Path(source), reading) for path in paths]
    known = ~np.isnan(y)
    labels, known_scores = y[known], [p[known] for p in scores]
    names = _names(paths)
    return Comparison(
        rows=len(labels),
        events=int(labels.sum()),
        unlabelled=int((~known).sum()),
        event=chosen_event,
        kind=artifacts[0].kind,
        models=[
            Compared(
                name, artifact.hash, str(artifact.facts.get("learner", "")),
                evaluate(labels, p, contact_share=share, seed=seed),
            )
            for name, artifact, p in zip(names, artifacts, known_scores, strict=True)
        ],
        against=_against(
            names, labels, known_scores, is_risk=artifacts[0].is_risk, share=share, stakes=stakes, seed=seed
        ),
    )  # fmt: skip


def _loaded(paths: Sequence[Path]) -> list[ModelArtifact]:
    if len(paths) < 2:
        raise BadInput(ONE_ALONE)
    if len(paths) > MOST_MODELS:
        raise BadInput(TOO_MANY, most=MOST_MODELS, given=len(paths))
    artifacts = [ModelArtifact.load(path) for path in paths]
    first = artifacts[0]
    for path, other in zip(paths, artifacts, strict=True):
        if other.kind != first.kind:
            raise BadInput(
                OTHER_KIND, first=paths[0].name, other=path.name, first_kind=first.kind, other_kind=other.kind
            )
    return artifacts


def _outcomes(source: Path, target: str, event: str | None, reading: ReadingOptions | None) -> tuple[np.ndarray, str]:
    with tempfile.TemporaryDirectory(prefix="xiaoyu-compare-") as folder:
        parquet = Path(folder) / "rows.parquet"
        ingest_files([(source, source.name)], parquet, options=reading or ReadingOptions())
        if target not in pq.read_schema(parquet).names:
            raise BadInput(NO_SUCH_TARGET, column=target)
        return read_target(as_frame(pq.read_table(parquet, columns=[target]))[target], event)


def _probabilities(model: Path, source: Path, reading: ReadingOptions | None) -> np.ndarray:
    """Return what a model says of every row, in the file's order."""
    with tempfile.TemporaryDirectory(prefix="xiaoyu-compare-") as folder:
        scored = Path(folder) / "scores.parquet"
        score_file(model, source, out_parquet=scored, reasons=0, reading=reading)
        return np.asarray(pq.read_table(scored, columns=["probability"])["probability"].to_numpy(), dtype=np.float64)


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the folders' names, or their whole paths where two are called alike."""
    names = [path.resolve().name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def _against(
    names: Sequence[str],
    y: np.ndarray,
    scores: Sequence[np.ndarray],
    *,
    is_risk: bool,
    share: float,
    stakes: Stakes | None,
    seed: int,
) -> list[Against]:
    champion, challengers = scores[0], scores[1:]
    drawn: dict[str, TallyMetric] = {"ks": ks_of, "lift": partial(lift_of, share=share)}
    differences = {"auc": [delong_difference(y, p, second=champion) for p in challengers]} | {
        name: [
            bootstrap_difference(measure, y, first=p, second=champion, replicates=REPLICATES, seed=seed)
            for p in challengers
        ]
        for name, measure in drawn.items()
    }
    judged = {name: judged_together(found) for name, found in differences.items()}
    enough = is_enough(len(y), int(y.sum()))
    found = []
    for place, (name, p) in enumerate(zip(names[1:], challengers, strict=True)):
        measures = {measure: _told(each[place], measure, is_judged=enough) for measure, each in judged.items()}
        swapped = swap_set(
            y, champion, p, share=1 - share if is_risk else share, chosen="lowest" if is_risk else "highest",
            stakes=stakes,
        )  # fmt: skip
        found.append(
            Against(name, overall({key: told["verdict"] for key, told in measures.items()}), measures, swapped)
        )
    return found


def _told(judged: Judged, measure: str, *, is_judged: bool) -> dict[str, Any]:
    difference: Difference = judged.difference
    return {
        "difference": difference.value,
        "low": difference.low,
        "high": difference.high,
        "level": judged.level,
        "p_value": difference.p_value,
        "p_holm": judged.p_holm,
        "verdict": verdict_of(difference, MATERIALITY.get(measure, 0.0)) if is_judged else TOO_FEW,
    }
