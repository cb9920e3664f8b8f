"""The rows on which two versions can be compared: those that neither has learnt from, scored by both.

Where both were built on the same table, the rows are those that both had set aside, with the scores of their one
reading; a version from before these were kept scores them now. On another table the former version scores the rows
that the new one had set aside, less those it may have learnt from. What cannot be compared so is not compared at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop

from checks import tables as check_tables
from common.storage import local_path
from experiments.artifact.held_out_scores import HeldOutScores, read_held_out
from experiments.comparison.known_rows import rows_learnt
from experiments.errors import ExperimentError
from experiments.scored_again import rows_at, rows_set_aside, score_set_aside
from experiments.spec import ExperimentSpec
from registry.models import ModelVersion
from registry.queries.artifacts import verified
from registry.queries.signed import sealed_folder_of

Tell = Callable[..., None]
SCORING = gettext_noop("Scoring the held-out rows with v%(former)s")
OTHER_TARGET = gettext_noop(
    "v%(number)s and v%(former)s answer different questions (%(own)s, %(other)s), so their scores are not compared."
)
OTHER_OUTCOMES = gettext_noop(
    "v%(number)s and v%(former)s were built on the same rows with different outcomes, so their scores are not compared."
)
NOT_KEPT = gettext_noop(
    "v%(number)s was trained before the scores of held-out rows were stored, and it cannot score them now. Run its "
    "experiment again to get them."
)
NOTHING_SHARED = gettext_noop(
    "No row is new to both versions: each was tested on rows that the other may have been trained on."
)
SCORED_AGAIN = gettext_noop(
    "v%(number)s was trained before the scores of held-out rows were stored, so it has scored them now."
)
ONE_MORE_READING = gettext_noop(
    "The held-out rows of v%(number)s were read once more for this; its experiment counts it."
)
CANNOT_SCORE = gettext_noop("v%(former)s cannot score the held-out rows of v%(number)s:")
TABLE_GONE = gettext_noop(
    "The data table of one of the two versions is gone, so it is unknown which rows v%(former)s was trained on; they "
    "are not compared."
)
BOTH_SET_ASIDE = gettext_noop(
    "Rows of the same table that both versions held out, with the scores recorded at the time."
)
SCORED_NOW = gettext_noop("The held-out rows of v%(number)s, now also scored by v%(former)s.")
LEFT_OUT = gettext_noop("%(count)s rows that v%(former)s may have been trained on were left out.")


class NotComparable(ExperimentError):
    """Two versions of which there are no scores of the same rows; the sentence says why."""


@dataclass(frozen=True)
class SameRows:
    """Scores by two versions of rows that neither has learnt from."""

    new: HeldOutScores
    former: np.ndarray
    told: list[dict[str, Any]]
    is_read_again: bool = False


def same_rows(version: ModelVersion, former: ModelVersion, tell: Tell) -> SameRows:
    """Return the rows on which two versions can be compared.

    Raises
    ------
    NotComparable : there are none.
    """
    _require_same_question(version, former)
    new, told = _scores_of(version, tell)
    in_order = np.argsort(new.rows)
    new = new.at(in_order[np.isfinite(new.outcomes[in_order])])
    if table_hash(version) == table_hash(former):
        before, also = _scores_of(former, tell)
        rows = _set_aside_by_both(new, before, version, former)
        told = [*told, *also]
    else:
        rows = _scored_now(new, _rows_kept_from(former), version, former, tell)
    is_read_again = bool(told) or rows.is_read_again
    if is_read_again:
        told = [*told, {"message": ONE_MORE_READING, "params": {"number": version.number}}]
    return replace(rows, told=[*rows.told, *told], is_read_again=is_read_again)


def _scores_of(version: ModelVersion, tell: Tell) -> tuple[HeldOutScores, list[dict[str, Any]]]:
    """Return a version's scores of the rows it had set aside; one from before they were kept scores them now."""
    kept = read_held_out(sealed_folder_of(version))
    if kept is not None:
        return kept, []
    tell(percent=2.0, stage=SCORING, params={"former": version.number})
    try:
        found = score_set_aside(
            _artifact_of(version), _spec_of(version), _table_of(version), expected=_count_set_aside(version)
        )
    except (ExperimentError, OSError) as refused:
        raise NotComparable(NOT_KEPT, number=version.number) from refused
    return found, [{"message": SCORED_AGAIN, "params": {"number": version.number}}]


def _rows_kept_from(former: ModelVersion) -> np.ndarray | None:
    """Return which rows of its table a version has not learnt from; None where nobody can tell."""
    kept = read_held_out(sealed_folder_of(former))
    if kept is not None:
        return kept.rows
    try:
        rows = rows_set_aside(_spec_of(former), _table_of(former))
    except (ExperimentError, OSError, KeyError):
        return None
    return rows if _count_set_aside(former) == len(rows) else None


def _spec_of(version: ModelVersion) -> ExperimentSpec:
    return version.leaderboard_row.experiment.asked


def _artifact_of(version: ModelVersion) -> Any:
    return verified(local_path(version.artifact_path), version.artifact_hash, version.artifact_seal)


def _count_set_aside(version: ModelVersion) -> int | None:
    return version.leaderboard_row.experiment.found.split.rows.held_out or None


def table_hash(version: ModelVersion) -> str:
    """Return what tells the table of a version's experiment from others: its rows in their order."""
    check = version.leaderboard_row.experiment.data_check
    return str(check.table.get("sha256") or check.version.parquet_sha256 or check.version.sha256)


def _set_aside_by_both(
    new: HeldOutScores, before: HeldOutScores, version: ModelVersion, former: ModelVersion
) -> SameRows:
    ours, theirs = new.shared_with(before)
    if not len(ours.rows):
        raise NotComparable(NOTHING_SHARED)
    if not np.array_equal(ours.outcomes, theirs.outcomes):
        raise NotComparable(OTHER_OUTCOMES, number=version.number, former=former.number)
    return SameRows(ours, theirs.p, [{"message": BOTH_SET_ASIDE, "params": {}}])


def _scored_now(
    new: HeldOutScores, kept_aside: np.ndarray | None, version: ModelVersion, former: ModelVersion, tell: Tell
) -> SameRows:
    numbers = {"number": version.number, "former": former.number}
    tell(percent=5.0, stage=SCORING, params={"former": former.number})
    artifact = _artifact_of(former)
    try:
        is_learnt = _may_be_learnt(new, kept_aside, version, former, artifact.facts.get("trained_on") == "training")
        kept = new.at(np.flatnonzero(~is_learnt))
        if not len(kept.rows):
            raise NotComparable(NOTHING_SHARED)
        scored = artifact.score(rows_at(_table_of(version), kept.rows), reasons=0)
        artifact_scores = scored.frame["probability"].to_numpy()
    except OSError as gone:
        raise NotComparable(TABLE_GONE, **numbers) from gone
    except NotComparable:
        raise
    except ExperimentError as refused:
        raise NotComparable(CANNOT_SCORE, **numbers) from refused
    told: list[dict[str, Any]] = [{"message": SCORED_NOW, "params": numbers}]
    if is_learnt.any():
        told.append({"message": LEFT_OUT, "params": {**numbers, "count": f"{int(is_learnt.sum()):,}"}})
    return SameRows(kept, artifact_scores, told, is_read_again=True)


def _may_be_learnt(
    new: HeldOutScores,
    kept_aside: np.ndarray | None,
    version: ModelVersion,
    former: ModelVersion,
    has_set_aside: bool,
) -> np.ndarray:
    """Tell of each row set aside for the new version whether the former's table holds it among those it learnt from."""
    spec = _spec_of(former)
    learnt = rows_learnt(
        _table_of(version), _table_of(former), set_aside=kept_aside if has_set_aside else None,
        id_column=spec.id_column, time_column=spec.time_column,
    )  # fmt: skip
    return learnt[new.rows]


def _table_of(version: ModelVersion) -> Path:
    return check_tables.path_of(version.leaderboard_row.experiment.data_check)


def _require_same_question(version: ModelVersion, former: ModelVersion) -> None:
    own, other = (_question(each) for each in (version, former))
    if own != other:
        raise NotComparable(
            OTHER_TARGET, number=version.number, former=former.number, own=" = ".join(own), other=" = ".join(other)
        )


def _question(version: ModelVersion) -> tuple[str, str]:
    check = version.leaderboard_row.experiment.data_check
    return check.target, check.event
