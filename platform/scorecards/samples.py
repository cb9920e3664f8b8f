"""What the sample workspace shows of editing: the scorecard of its experiment, with two bins merged by hand."""

import time

from jobs.models import JobState
from scorecards import services
from scorecards.models import Act, EditedCard
from training.models import Experiment, ExperimentState

PATIENCE_SECONDS, PAUSE = 300, 1.0
WHY = "两个箱的违约率几乎相同 / the two bins have nearly the same event rate"


def edit_sample() -> None:
    """Open the sample's card, merge its two most similar bins and refit it, once."""
    experiment = Experiment.objects.filter(is_sample=True).select_related("owner", "workspace").order_by("pk").first()
    if experiment is None or not _wait_for_result(experiment):
        return
    row = experiment.leaderboard.filter(learner=services.SCORECARD, candidate=services.SCORECARD).first()
    if row is None or not row.model_path or EditedCard.objects.filter(experiment=experiment).exists():
        return
    card = services.open_card(row, experiment.owner)
    if not _wait_for_counts(card):
        return
    column, place = _most_similar(card)
    if column:
        services.edit(
            card, experiment.owner, act=Act.MERGE, fields={"column": column, "bin": place}, revision=card.revision,
            why=WHY,
        )  # fmt: skip
        services.refit(card, experiment.owner, revision=card.revision)


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


def _wait_for_result(experiment: Experiment) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while experiment.state != ExperimentState.FINISHED:
        if experiment.has_ended or time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
        experiment.refresh_from_db()
    return True


def _wait_for_counts(card: EditedCard) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not card.is_ready:
        if time.monotonic() > deadline or card.refusal or (card.job and card.job.state == JobState.FAILED):
            return False
        time.sleep(PAUSE)
        card.refresh_from_db()
    return True
