"""What the sample workspace shows of editing: the scorecard of its experiment, with two bins merged by hand."""

from django.db import transaction

from jobs.models import Job
from scorecards import services
from scorecards.models import Act, EditedCard
from training.models import Experiment

WHY = "两个箱的违约率几乎相同 / the two bins have nearly the same event rate"


def open_sample(experiment: Experiment) -> None:
    """Open the card of the sample experiment; ``on_opening_end`` hears when it is."""
    row = experiment.leaderboard.filter(learner=services.SCORECARD, candidate=services.SCORECARD).first()
    if experiment.is_sample and row is not None and row.model_path:
        edit_sample(services.open_card(row, experiment.owner))


def on_opening_end(job: Job) -> None:
    """Edit the sample's card as soon as its rows are counted."""
    card = EditedCard.objects.filter(pk=job.subject_id, experiment__is_sample=True).first()
    if card is not None:
        # A change that is refused leaves the card open all the same.
        transaction.on_commit(lambda: edit_sample(card), robust=True)


def edit_sample(card: EditedCard) -> None:
    """Merge the two most similar bins of a card that nobody has changed, and refit it."""
    owner = card.experiment.owner
    if not card.is_ready or card.opened_by_id != owner.pk or card.edits.exists() or card.refits.exists():
        return
    column, place = _most_similar(card)
    if column:
        services.edit(
            card, owner, act=Act.MERGE, fields={"column": column, "bin": place}, revision=card.revision, why=WHY
        )  # fmt: skip
        services.refit(card, owner, revision=card.revision)


def _most_similar(card: EditedCard) -> tuple[str, int]:
    """Return the neighbouring bins whose event rates on training rows are nearest to each other."""
    seen = card.rates_seen.columns
    pairs = [
        (abs((seen[column.name][n].event_rate or 0.0) - (seen[column.name][n + 1].event_rate or 0.0)), column.name, n)
        for column in card.now.on_card
        if len(column.regular) > 2
        for n in range(len(column.regular) - 1)
    ]
    _apart, name, place = min(pairs, default=(0.0, "", 0))
    return name, place
