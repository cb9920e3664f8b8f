"""The work of comparing a version with the champion: paired differences on the same rows, whole and group by group."""

from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from approvals.runner.same_rows import NotComparable, SameRows, Tell, _table_of, same_rows
from checks import attributes
from experiments.artifact.evidence import ModelEvidence
from experiments.comparison.amounts import amount_column
from experiments.comparison.scored_rows import ScoredRows
from experiments.comparison.swaps import Asked, swap_asked
from experiments.errors import ExperimentError
from experiments.evaluation.paired import compare_scores
from experiments.evaluation.paired_segments import compare_segments
from experiments.scored_again import rows_at
from experiments.sentence import Sentence
from jobs.context import JobContext
from jobs.models import Job
from registry.facts import ComparisonFacts, GroupCompared, PairedMeasure
from registry.models import Comparison, ModelVersion
from registry.queries.signed import sealed_folder_of
from training.queries.hidden import hidden_columns
from training.runner.readings import count_reading

MOST_CUT_BY = 12
COMPARING = gettext_noop("Comparing both versions on the same rows")
BY_GROUP = gettext_noop("Comparing both versions group by group")


def run(job: Job, context: JobContext) -> None:
    """Compare two versions; called again after a crash, it begins anew."""
    versions = ("version", "former")
    fetched = [f"{each}__{path}" for each in versions for path in ("registered_model", "leaderboard_row__experiment")]
    comparison = Comparison.objects.select_related(*fetched).filter(pk=job.subject_id).first()
    if comparison is None or comparison.is_done:
        return
    found = facts_of(comparison.version, comparison.former, context.progress)
    comparison.facts = found.to_dict()
    comparison.compared_at = timezone.now()
    with transaction.atomic():
        comparison.save(update_fields=["facts", "compared_at"])
        if found.read_again:
            count_reading(
                comparison.version.leaderboard_row.experiment, model=sealed_folder_of(comparison.version),
                asked=f"approval comparison {comparison.pk}", candidates=[f"v{comparison.former.number}"],
            )  # fmt: skip


def facts_of(version: ModelVersion, former: ModelVersion, tell: Tell) -> ComparisonFacts:
    """Return the paired differences of two versions, the first less the second, or why there are none."""
    try:
        rows = same_rows(version, former, tell)
    except NotComparable as refused:
        return ComparisonFacts(refusal=replace(refused.sentence, also=_also(refused)))
    tell(percent=60.0, stage=COMPARING)
    experiment = version.leaderboard_row.experiment
    found = compare_scores(
        rows.new.outcomes,
        rows.new.p,
        second=rows.former,
        weight=rows.new.weight,
        groups=rows.new.customers,
        contact_share=experiment.contact_share,
    )
    set_aside = version.leaderboard_row.measures.unseen.counts
    first, *others = rows.told
    tell(percent=80.0, stage=BY_GROUP)
    return ComparisonFacts(
        rows=found["rows"],
        events=found["events"],
        verdict=found["verdict"],
        measures={name: PairedMeasure.from_dict(measure) for name, measure in found["measures"].items()},
        covers_all=set_aside is not None and found["rows"] == set_aside.rows,
        how=replace(Sentence.from_dict(first), also=tuple(Sentence.from_dict(one) for one in others)),
        segments=tuple(_segments_of(version, former, rows)),
        read_again=rows.is_read_again,
        **_swap_of(version, rows),
    )


def _swap_of(version: ModelVersion, rows: SameRows) -> dict[str, Any]:
    """Return who would change sides if a version took the former one's place, and of what column its amounts are."""
    experiment, table = version.leaderboard_row.experiment, _table_of(version)
    amount = amount_column(table, hidden_columns([experiment]).unshown) if table.is_file() else None
    scored = ScoredRows(
        table, rows.new.rows, rows.new.outcomes, (rows.former, rows.new.p), rows.new.weight, rows.new.customers
    )
    asked = Asked(share=experiment.contact_share, is_risk=experiment.is_risk, amount=amount)
    return {"swap": swap_asked(scored, 1, asked), "amount": amount or ""}


def _segments_of(version: ModelVersion, former: ModelVersion, rows: SameRows) -> list[GroupCompared]:
    """Return both versions group by group: protected columns first, then those the new one's segments are cut by."""
    experiment = version.leaderboard_row.experiment
    protected = attributes.protected_features(experiment.data_check)
    cut_by = [each.column for each in ModelEvidence.read(sealed_folder_of(version)).segments]
    table = _table_of(version)
    if not table.is_file():
        return []
    known = set(pq.read_schema(table).names)
    columns = [name for name in dict.fromkeys([*sorted(protected), *cut_by]) if name in known][:MOST_CUT_BY]
    if not columns:
        return []
    frame = rows_at(table, rows.new.rows, columns)
    found = compare_segments(
        rows.new.outcomes, rows.new.p, second=rows.former, frame=frame[columns],
        weight=rows.new.weight, groups=rows.new.customers, contact_share=experiment.contact_share,
    )  # fmt: skip
    return [GroupCompared.from_dict({**each, "is_protected": each["column"] in protected}) for each in found]


def _also(refused: NotComparable) -> tuple[Sentence, ...]:
    """Return the sentence of what a refusal comes from, to be told behind it."""
    cause = refused.__cause__
    return (cause.sentence,) if isinstance(cause, ExperimentError) else ()
