"""The work of comparing two versions: the rows that neither has learnt from, scored by both, and a paired test.

Where both were built on the same table, the rows are those that both had set aside, with the scores of their one
reading. On another table the former version scores the rows that the new one had set aside, less those it may have
learnt from. What cannot be compared so is not compared at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext_noop

from catalog import check_tables
from common.storage import local_path
from experiments.errors import ExperimentError
from experiments.evaluation.paired import compare_scores
from experiments.held_out_scores import HeldOutScores, read_held_out
from jobs.context import JobContext
from jobs.models import Job
from registry.approved import sealed_folder_of
from registry.artifacts import verified
from registry.models import Comparison, ModelVersion

Tell = Callable[..., None]

COMPARING = gettext_noop("Comparing both versions on the same rows")
SCORING = gettext_noop("Scoring the held-out rows with v%(former)s")
OTHER_TARGET = gettext_noop(
    "v%(number)s and v%(former)s answer different questions (%(own)s, %(other)s), so their scores are not compared."
)
OTHER_OUTCOMES = gettext_noop(
    "v%(number)s and v%(former)s were built on the same rows with different outcomes, so their scores are not compared."
)
NOT_KEPT = gettext_noop(
    "v%(number)s was trained before the scores of held-out rows were stored, so it cannot be compared row by row. Run "
    "its experiment again to get them."
)
NOTHING_SHARED = gettext_noop(
    "No row is new to both versions: each was tested on rows that the other may have been trained on."
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


def run(job: Job, context: JobContext) -> None:
    """Compare two versions; called again after a crash, it begins anew."""
    versions = ("version", "former")
    fetched = [f"{each}__{path}" for each in versions for path in ("registered_model", "leaderboard_row__experiment")]
    comparison = Comparison.objects.select_related(*fetched).filter(pk=job.subject_id).first()
    if comparison is None or comparison.is_done:
        return
    comparison.facts = facts_of(comparison.version, comparison.former, context.progress)
    comparison.compared_at = timezone.now()
    comparison.save(update_fields=["facts", "compared_at"])


def facts_of(version: ModelVersion, former: ModelVersion, tell: Tell) -> dict[str, Any]:
    """Return the paired differences of two versions, the first less the second, or why there are none."""
    try:
        rows = same_rows(version, former, tell)
    except NotComparable as refused:
        return {"refusal": {"message": refused.message, "params": refused.params} | _also(refused)}
    tell(percent=60.0, stage=COMPARING)
    experiment = version.leaderboard_row.experiment
    found = compare_scores(
        rows.new.outcomes,
        rows.new.p,
        rows.former,
        rows.new.weight,
        rows.new.customers,
        contact_share=experiment.contact_share,
    )
    set_aside = version.leaderboard_row.metrics.get(_held_out_name(version), {}).get("counts", {}).get("rows")
    first, *others = rows.told
    return {**found, "covers_all": found["rows"] == set_aside, "how": {**first, "also": others}}


def same_rows(version: ModelVersion, former: ModelVersion, tell: Tell) -> SameRows:
    """Return the rows on which two versions can be compared.

    Raises
    ------
    NotComparable : there are none.
    """
    _require_same_question(version, former)
    new = read_held_out(sealed_folder_of(version))
    if new is None:
        raise NotComparable(NOT_KEPT, number=version.number)
    in_order = np.argsort(new.rows)
    new = new.at(in_order[np.isfinite(new.outcomes[in_order])])
    before = read_held_out(sealed_folder_of(former))
    if before is not None and table_hash(version) == table_hash(former):
        return _set_aside_by_both(new, before, version, former)
    return _scored_now(new, before, version, former, tell)


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
    new: HeldOutScores, before: HeldOutScores | None, version: ModelVersion, former: ModelVersion, tell: Tell
) -> SameRows:
    numbers = {"number": version.number, "former": former.number}
    tell(percent=5.0, stage=SCORING, params={"former": former.number})
    artifact = verified(local_path(former.artifact_path), former.artifact_hash, former.artifact_seal)
    try:
        is_learnt = _may_be_learnt(new, before, version, former, artifact.facts.get("trained_on") == "training")
        kept = new.at(np.flatnonzero(~is_learnt))
        if not len(kept.rows):
            raise NotComparable(NOTHING_SHARED)
        artifact_scores = artifact.score(_rows_of(version, kept.rows), reasons=0).frame["probability"].to_numpy()
    except OSError as gone:
        raise NotComparable(TABLE_GONE, **numbers) from gone
    except NotComparable:
        raise
    except ExperimentError as refused:
        raise NotComparable(CANNOT_SCORE, **numbers) from refused
    told: list[dict[str, Any]] = [{"message": SCORED_NOW, "params": numbers}]
    if is_learnt.any():
        told.append({"message": LEFT_OUT, "params": {**numbers, "count": f"{int(is_learnt.sum()):,}"}})
    return SameRows(kept, artifact_scores, told)


def _rows_of(version: ModelVersion, rows: np.ndarray) -> Any:
    """Return rows of a version's table by their places, typed as the engine types them."""
    import polars

    from experiments.data.table import read_parquet

    wanted = polars.LazyFrame({"_place": rows.astype(np.uint32)})
    table = polars.scan_parquet(_table_of(version)).with_row_index("_place")
    with NamedTemporaryFile(suffix=".parquet") as small:
        chosen = table.join(wanted, on="_place", how="inner").sort("_place").drop("_place")
        chosen.collect(engine="streaming").write_parquet(small.name)
        return read_parquet(Path(small.name))


def _may_be_learnt(
    new: HeldOutScores,
    before: HeldOutScores | None,
    version: ModelVersion,
    former: ModelVersion,
    has_set_aside: bool,
) -> np.ndarray:
    """Tell of each row set aside for the new version whether the former's table holds it among those it learnt from.

    A row is known again by customer and date where both tables have them, else by all that both tables hold of it.
    """
    import polars

    tables = _table_of(version), _table_of(former)
    own, theirs = _keys(*tables, _known_by(*tables, former.leaderboard_row.experiment.spec))
    if before is not None and has_set_aside:
        theirs = theirs.filter(~polars.Series(np.isin(np.arange(len(theirs)), before.rows)))
    return np.isin(own.to_numpy()[new.rows], theirs.to_numpy())


def _known_by(own: Path, theirs: Path, spec: dict[str, Any]) -> list[str]:
    import polars

    one, other = (polars.scan_parquet(table).collect_schema().names() for table in (own, theirs))
    shared = set(one) & set(other)
    customer, day = spec.get("id_column"), spec.get("time_column")
    if customer in shared:
        return [name for name in (customer, day) if name in shared]
    return sorted(shared)


def _keys(own: Path, theirs: Path, columns: list[str]) -> list[Any]:
    """Return a number for each row of both tables by what the columns hold: the same for 5, 5.0 and a text of it."""
    import polars

    tables = [polars.scan_parquet(table) for table in (own, theirs)]
    schemas = [table.collect_schema() for table in tables]

    def alike(name: str) -> Any:
        types = [schema[name] for schema in schemas]
        if any(each.is_numeric() for each in types):
            return polars.col(name).cast(polars.Float64, strict=False)
        if all(each.is_temporal() for each in types):
            return polars.col(name).cast(polars.Datetime("us"))
        return polars.col(name).cast(polars.String)

    key = polars.struct([alike(name) for name in columns]).hash(seed=1).alias("key")
    return [table.select(key).collect(engine="streaming")["key"] for table in tables]


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


def _held_out_name(version: ModelVersion) -> str:
    metrics = version.leaderboard_row.metrics
    return next((name for name in ("out_of_time", "held_out") if metrics.get(name)), "")


def _also(refused: NotComparable) -> dict[str, Any]:
    """Return the sentence of what a refusal comes from, to be told behind it."""
    cause = refused.__cause__
    return {"also": [{"message": cause.message, "params": cause.params}]} if isinstance(cause, ExperimentError) else {}
