"""The rows on which models are compared: those all had set aside, or those of a table that none has learnt from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from catalog.models import DatasetVersion
from checks import tables as check_tables
from common.storage import local_path
from comparisons.queries.hidden import hidden_in
from comparisons.queries.subjects import Subject, table_hash
from experiments.artifact.held_out_scores import HeldOutScores, read_held_out
from experiments.artifact.model import ModelArtifact
from experiments.comparison.known_rows import rows_learnt
from experiments.comparison.scored_rows import ScoredRows, months_written
from experiments.data.target import read_target
from experiments.errors import ExperimentError, gettext_noop
from experiments.ingest.table import read_parquet, rows_at
from experiments.scored_again import score_set_aside
from experiments.sentence import Sentence

Tell = Callable[..., None]
ROWS_A_CHUNK = 50_000
SCORING = gettext_noop("Scoring %(rows)s rows with %(name)s")
KNOWING = gettext_noop("Finding the rows that no model was trained on")
DIFFERENT_TABLES = gettext_noop(
    "The difference cannot be tested: the models were built on different data, so no row was held out by all of them. "
    "Score them on one dataset version to compare them on the same rows."
)
DIFFERENT_QUESTIONS = gettext_noop(
    "The difference cannot be tested: %(first)s and %(other)s answer different questions (%(own)s, %(others)s)."
)
DIFFERENT_OUTCOMES = gettext_noop(
    "The difference cannot be tested: the models were built on the same rows with different outcomes."
)
NOTHING_SHARED = gettext_noop(
    "The difference cannot be tested: no row was held out by all of these models, because their splits differ. Score "
    "them on a dataset version that none of them was trained on."
)
NOTHING_NEW = gettext_noop(
    "The difference cannot be tested on this dataset version: each of its labelled rows may have been used to train "
    "one of these models. Choose a newer version."
)
NO_TARGET = gettext_noop("This dataset version has no column %(target)s, which holds the outcome.")
CANNOT_SCORE = gettext_noop("%(name)s cannot score this dataset version:")
SET_ASIDE_BY_ALL = gettext_noop(
    "The %(rows)s rows that all of these models held out, with the scores recorded at the time."
)
SCORED_NOW = gettext_noop("%(rows)s rows of %(dataset)s v%(number)s, now scored by all of these models.")
LEFT_OUT = gettext_noop("Rows left out because one of the models may have been trained on them: %(rows)s.")
UNKNOWN_LEFT_OUT = gettext_noop("Rows left out because their outcome is not known: %(rows)s.")


class NotComparable(ExperimentError):
    """Models of which there are no scores of the same rows; the sentence says why."""


@dataclass(frozen=True)
class SameRows:
    """Rows that every model has scored and none has learnt from; ``read_again`` those held out that were read anew."""

    rows: ScoredRows
    event: str
    unlabelled: int
    how: Sentence
    is_read_again: bool = False


def require_same_question(subjects: Sequence[Subject]) -> None:
    """Raise unless all answer one question."""
    first = subjects[0].experiment.data_check
    for each in subjects[1:]:
        check = each.experiment.data_check
        if (check.target, check.event) != (first.target, first.event):
            raise NotComparable(
                DIFFERENT_QUESTIONS, first=subjects[0].letter, other=each.letter,
                own=f"{first.target} = {first.event}", others=f"{check.target} = {check.event}",
            )  # fmt: skip


def set_aside_by_all(subjects: Sequence[Subject], artifacts: Sequence[ModelArtifact]) -> SameRows:
    """Return the rows that all models had set aside, with the scores of then.

    Raises
    ------
    NotComparable : there are none.
    """
    if len({table_hash(each.experiment.data_check) for each in subjects}) > 1:
        raise NotComparable(DIFFERENT_TABLES)
    kept = [_kept(subject, artifact) for subject, artifact in zip(subjects, artifacts, strict=True)]
    places = kept[0].rows
    for each in kept[1:]:
        places = np.intersect1d(places, each.rows)
    if not len(places):
        raise NotComparable(NOTHING_SHARED)
    kept = [_at(each, places) for each in kept]
    first = kept[0]
    if any(not np.array_equal(first.outcomes, each.outcomes, equal_nan=True) for each in kept[1:]):
        raise NotComparable(DIFFERENT_OUTCOMES)
    known = np.flatnonzero(np.isfinite(first.outcomes))
    first, scores = first.at(known), tuple(each.p[known] for each in kept)
    check = subjects[0].experiment.data_check
    table = check_tables.path_of(check)
    rows = _scored(table, subjects, None, places=first.rows, y=first.outcomes, scores=scores)
    rows = replace(rows, weight=first.weight, customers=first.customers)
    how = Sentence(SET_ASIDE_BY_ALL, {"rows": f"{len(rows):,}"})
    return SameRows(rows, check.event, len(places) - len(known), how)


def _kept(subject: Subject, artifact: ModelArtifact) -> HeldOutScores:
    assert subject.folder is not None
    kept = read_held_out(subject.folder)
    if kept is None:
        experiment = subject.experiment
        kept = score_set_aside(artifact, experiment.asked, check_tables.path_of(experiment.data_check))
    return kept.at(np.argsort(kept.rows))


def _at(kept: HeldOutScores, places: np.ndarray) -> HeldOutScores:
    return kept.at(np.searchsorted(kept.rows, places))


def scored_on(
    subjects: Sequence[Subject], artifacts: Sequence[ModelArtifact], version: DatasetVersion, *, tell: Tell
) -> SameRows:
    """Have all models score the labelled rows of a dataset version that none of them may have learnt from.

    Raises
    ------
    NotComparable : there are none, or a model cannot score them.
    """
    check = subjects[0].experiment.data_check
    table = _table_of(version, subjects)
    if check.target not in pq.read_schema(table).names:
        raise NotComparable(NO_TARGET, target=check.target)
    y, event = read_target(read_parquet(table, [check.target])[check.target], check.event or None)
    tell(percent=1.0, stage=KNOWING)
    learnt = np.zeros(len(y), dtype=bool)
    for subject, artifact in zip(subjects, artifacts, strict=True):
        learnt |= _learnt_by(subject, artifact, table)
    known = np.isfinite(y)
    places = np.flatnonzero(known & ~learnt)
    if not len(places):
        raise NotComparable(NOTHING_NEW)
    scores = [
        _score(subject, artifact, table, places, tell=tell, percent=2 + 18 * number / len(subjects))
        for number, (subject, artifact) in enumerate(zip(subjects, artifacts, strict=True))
    ]
    rows = _scored(table, subjects, version, places=places, y=y[places], scores=tuple(scores))
    left_out, unknown = int((known & learnt).sum()), int((~known).sum())
    also = [Sentence(LEFT_OUT, {"rows": f"{left_out:,}"})] if left_out else []
    also += [Sentence(UNKNOWN_LEFT_OUT, {"rows": f"{unknown:,}"})] if unknown else []
    said = {"rows": f"{len(places):,}", "dataset": version.dataset.name, "number": version.number}
    own = {check_tables.path_of(each.experiment.data_check) for each in subjects}
    return SameRows(rows, event, unknown, Sentence(SCORED_NOW, said, tuple(also)), is_read_again=table in own)


def _table_of(version: DatasetVersion, subjects: Sequence[Subject]) -> Path:
    """Return the table of a version: as one of the experiments read it, else as the file has it."""
    checks = [each.experiment.data_check for each in subjects if each.experiment.version_id == version.pk]
    return check_tables.path_of(checks[0]) if checks else local_path(version.parquet_path)


def _learnt_by(subject: Subject, artifact: ModelArtifact, table: Path) -> np.ndarray:
    """Tell of each row of a table whether a model may have learnt from it."""
    assert subject.folder is not None
    own = check_tables.path_of(subject.experiment.data_check)
    kept = read_held_out(subject.folder) if artifact.facts.get("trained_on") == "training" else None
    spec = subject.experiment.asked
    return rows_learnt(
        table, own, set_aside=None if kept is None else kept.rows, id_column=spec.id_column,
        time_column=spec.time_column,
    )  # fmt: skip


def _score(
    subject: Subject, artifact: ModelArtifact, table: Path, places: np.ndarray, *, tell: Tell, percent: float
) -> np.ndarray:
    said = {"rows": f"{len(places):,}", "name": subject.letter}
    found = []
    for start in range(0, len(places), ROWS_A_CHUNK):
        tell(percent=percent, stage=SCORING, params=said)
        try:
            scored = artifact.score(rows_at(table, places[start : start + ROWS_A_CHUNK]), reasons=0)
        except ExperimentError as refused:
            raise NotComparable(CANNOT_SCORE, name=subject.letter) from refused
        found.append(scored.frame["probability"].to_numpy(dtype=float))
    return np.concatenate(found)


def _scored(
    table: Path,
    subjects: Sequence[Subject],
    version: DatasetVersion | None,
    *,
    places: np.ndarray,
    y: np.ndarray,
    scores: tuple[np.ndarray, ...],
) -> ScoredRows:
    spec, names = subjects[0].experiment.asked, set(pq.read_schema(table).names)
    id_column = spec.id_column if spec.id_column in names else None
    return ScoredRows(
        table=table, places=places, y=y, scores=scores, months=_months(table, spec.time_column, places),
        weight=_weight(table, spec.weight_column, places), customers=_customers(table, id_column, places),
        id_column=id_column,
        hidden=hidden_in(subjects, version).unshown,
    )  # fmt: skip


def _months(table: Path, column: str | None, places: np.ndarray) -> np.ndarray | None:
    if column is None or column not in pq.read_schema(table).names:
        return None
    return months_written(rows_at(table, places, [column])[column])


def _weight(table: Path, column: str | None, places: np.ndarray) -> np.ndarray | None:
    """Return what each row counts for; None where all count alike, or where the table does not say."""
    if column is None or column not in pq.read_schema(table).names:
        return None
    weight = pd.to_numeric(rows_at(table, places, [column])[column], errors="coerce").fillna(0.0).to_numpy(dtype=float)
    return None if not weight.sum() or np.ptp(weight) == 0 else weight


def _customers(table: Path, column: str | None, places: np.ndarray) -> np.ndarray | None:
    """Return a number for each customer where one comes twice."""
    if column is None:
        return None
    codes, distinct = pd.factorize(rows_at(table, places, [column])[column], use_na_sentinel=False)
    return np.asarray(codes) if len(distinct) < len(codes) else None
