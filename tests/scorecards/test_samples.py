"""The sample's card is opened once its run has finished, two bins are merged once it is counted, and it is refitted."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from experiments.scorecard.editing.seen import BinSeen, CardSeen
from jobs.models import Job
from jobs.services import enqueue
from scorecards import samples
from scorecards.job_kinds import JobKind
from scorecards.models import Act, CardRefit, EditedCard
from training.models import Experiment


@pytest.fixture
def opening(card: EditedCard) -> Job:
    """The work that prepared the card of a sample, whose bins of the job are further apart than its first two ages."""
    rates = {column.name: [n / 10 for n in range(len(column.regular))] for column in card.now.on_card}
    rates["age"] = [0.1, 0.11, *(0.3 + n / 10 for n in range(len(rates["age"]) - 2))]
    columns = {name: tuple(BinSeen(100, rate, 0, None) for rate in found) for name, found in rates.items()}
    EditedCard.objects.filter(pk=card.pk).update(seen=CardSeen("out_of_time", columns, {}).to_dict())
    Experiment.objects.filter(pk=card.experiment_id).update(is_sample=True)
    return enqueue(JobKind.OPEN_CARD, workspace=card.experiment.workspace, owner=card.opened_by, subject_id=card.pk)


def hear(job: Job, commit: Callable[..., Any]) -> None:
    with commit(execute=True):
        samples.on_opening_end(job)


def test_the_two_most_similar_bins_are_merged_and_the_card_refitted_once(
    card: EditedCard, opening: Job, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    for _again in range(2):
        hear(opening, django_capture_on_commit_callbacks)

    (edit,) = card.edits.all()
    assert edit.act == Act.MERGE
    assert edit.why == samples.WHY
    now = EditedCard.objects.get().now
    assert now.column("age").edges == card.now.column("age").edges[1:]
    assert CardRefit.objects.get().changes == 1


def test_a_card_that_somebody_else_opened_or_that_is_no_sample_is_left_as_it_is(
    card: EditedCard, opening: Job, admin: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    EditedCard.objects.filter(pk=card.pk).update(opened_by=admin)
    hear(opening, django_capture_on_commit_callbacks)
    EditedCard.objects.filter(pk=card.pk).update(opened_by=card.experiment.owner)
    Experiment.objects.filter(pk=card.experiment_id).update(is_sample=False)
    hear(opening, django_capture_on_commit_callbacks)
    assert not card.edits.exists()
    assert not CardRefit.objects.exists()


def test_the_card_of_a_finished_sample_is_opened_once(card: EditedCard, opening: Job) -> None:
    experiment = card.experiment
    experiment.is_sample = True
    experiment.leaderboard.filter(candidate="scorecard").update(model_hash="ab" * 32)
    Job.objects.all().delete()
    EditedCard.objects.all().delete()
    for _again in range(2):
        samples.open_sample(experiment)
    assert EditedCard.objects.get().opened_by == experiment.owner
    assert [job.kind for job in Job.objects.all()] == [JobKind.OPEN_CARD]
