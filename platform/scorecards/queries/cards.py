"""Which cards of an experiment people edit, and what was fitted of them."""

from django.db.models import F
from django.http import Http404

from scorecards.models import CardRefit, EditedCard
from training.models import Experiment, LeaderboardRow

MOST_REFITS = 10


def card_of(experiment: Experiment, candidate: str) -> EditedCard | None:
    """Return the card of a finalist on the bench, if somebody has opened it since its model is the one it has now."""
    found = EditedCard.objects.select_related(
        "job", "opened_by", "experiment__version__dataset", "experiment__data_check", "experiment__workspace"
    )
    return found.filter(
        experiment=experiment, made_of=candidate, experiment__leaderboard__candidate=candidate,
        experiment__leaderboard__model_hash=F("model_hash"),
    ).first()  # fmt: skip


def finalist_of(experiment: Experiment, candidate: str) -> LeaderboardRow:
    row = experiment.leaderboard.select_related("experiment__version").filter(candidate=candidate).first()
    if row is None:
        raise Http404
    return row


def refits_of(card: EditedCard) -> list[CardRefit]:
    """Return what was fitted of a card, the newest first."""
    return list(card.refits.select_related("job", "asked_by", "leaderboard_row")[:MOST_REFITS])
