"""What a worker does with a comparison: load the models, find the rows, work out the evidence, keep it."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from checks import attributes
from common.storage import local_path
from comparisons.facts import ComparisonFacts
from comparisons.models import ModelComparison
from comparisons.queries.hidden import hidden_in
from comparisons.queries.subjects import Subject, subjects_named, with_models
from comparisons.runner.rows import (
    NotComparable,
    SameRows,
    Tell,
    require_same_question,
    scored_on,
    set_aside_by_all,
)
from experiments.artifact.evidence import ModelEvidence
from experiments.artifact.model import ModelArtifact
from experiments.comparison.amounts import amount_column, money_columns
from experiments.comparison.on_rows import compare_on_rows
from experiments.errors import ExperimentError
from experiments.sentence import Sentence
from jobs.context import JobContext
from jobs.models import Job
from registry.queries.artifacts import verified
from registry.queries.signed import sealed_folder_of
from training.queries.hidden import HiddenColumns
from training.runner.readings import count_reading

MOST_CUT_BY = 6
# Before this nobody can tell how long the rest takes.
FEWEST_PERCENT = 10.0


def run(job: Job, context: JobContext) -> None:
    """Compare the models; called again after a crash, it begins anew."""
    comparison = (
        ModelComparison.objects.select_related("workspace", "version__dataset").filter(pk=job.subject_id).first()
    )
    if comparison is None or comparison.is_done:
        return
    subjects = with_models(subjects_named(comparison.subjects, comparison.workspace))
    found, is_read_again = facts_of(comparison, subjects, context.progress)
    comparison.facts = found.to_dict()
    comparison.compared_at = timezone.now()
    with transaction.atomic():
        comparison.save(update_fields=["facts", "compared_at"])
        if is_read_again:
            _count_readings(comparison, subjects)


def facts_of(comparison: ModelComparison, subjects: Sequence[Subject], tell: Tell) -> tuple[ComparisonFacts, bool]:
    """Return the evidence, or why there is none, and whether rows set aside were read once more for it."""
    artifacts = [_artifact_of(each) for each in subjects]
    try:
        require_same_question(subjects)
        same = (
            set_aside_by_all(subjects, artifacts)
            if comparison.version is None
            else scored_on(subjects, artifacts, comparison.version, tell=tell)
        )
    except NotComparable as refused:
        return ComparisonFacts(refusal=replace(refused.sentence, also=_also(refused))), False
    amount, hidden = _amount_in(same, comparison.amount), hidden_in(subjects, comparison.version)
    found = compare_on_rows(
        same.rows, artifacts, names=[each.letter for each in subjects], event=same.event,
        share=comparison.share, unlabelled=same.unlabelled, amount=amount, cut_by=_cut_by(subjects[0], same, hidden),
        tell=_from_twenty(tell),
    )  # fmt: skip
    return ComparisonFacts(compared=found, how=same.how, amount=amount or ""), same.is_read_again


def _artifact_of(subject: Subject) -> ModelArtifact:
    """Load a model whose files are those that were recorded, and of a version signed."""
    if subject.version is not None:
        sealed_folder_of(subject.version)
        return verified(
            local_path(subject.version.artifact_path), subject.version.artifact_hash, subject.version.artifact_seal
        )
    assert subject.row is not None
    return verified(local_path(subject.row.model_path), subject.row.model_hash, subject.row.model_seal)


def _from_twenty(tell: Tell) -> Tell:
    """Tell of the evidence as the last four fifths of the work, with the time by which it should be done."""
    begun = timezone.now()

    def further(percent: float, **more: object) -> None:
        passed = timezone.now() - begun
        left = None if percent < FEWEST_PERCENT else passed * (100 - percent) / percent
        end = None if left is None else timezone.now() + left
        tell(percent=20 + 0.8 * percent, expected_end=end, **more)

    return further


def _amount_in(same: SameRows, wanted: str) -> str | None:
    """Return the column of numbers that was asked for, else the first that is called an amount."""
    offered = money_columns(same.rows.table, same.rows.hidden)
    return wanted if wanted in offered else amount_column(same.rows.table, same.rows.hidden)


def _cut_by(base: Subject, same: SameRows, hidden: HiddenColumns) -> list[str]:
    """Return what customers are told apart by: protected columns first, then those the first one's segments are.

    Never one whose levels are nobody's business: they would stand there as segments.
    """
    assert base.folder is not None
    protected = sorted(attributes.protected_features(base.experiment.data_check))
    segments = [each.column for each in ModelEvidence.read(base.folder).segments]
    there = {*same.rows.columns, *same.rows.hidden} - hidden.secret
    return [name for name in dict.fromkeys([*protected, *segments]) if name in there][:MOST_CUT_BY]


def _count_readings(comparison: ModelComparison, subjects: Sequence[Subject]) -> None:
    """Count for each experiment whose table was scored that its held-out rows were read once more."""
    assert comparison.version is not None
    own = {each.experiment.pk: each for each in subjects if each.experiment.version_id == comparison.version_id}
    for subject in own.values():
        others = [each.code for each in subjects if each is not subject]
        count_reading(subject.experiment, model=subject.folder, asked=f"comparison {comparison.pk}", candidates=others)


def _also(refused: NotComparable) -> tuple[Sentence, ...]:
    """Return the sentence of what a refusal comes from, to be told behind it."""
    cause = refused.__cause__
    return (cause.sentence,) if isinstance(cause, ExperimentError) else ()
