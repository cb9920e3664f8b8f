"""Refitting a card: a worker fits it by its bins and puts it on the leaderboard of its experiment."""

from django.db import transaction

from checks import tables as check_tables
from common.storage import key_of, local_path
from experiments.by_hand import refit_card
from experiments.errors import ExperimentError
from experiments.search.finalist import Finalist
from experiments.search.leaderboard import rank_beside
from experiments.sentence import Sentence
from jobs.context import JobContext
from jobs.models import Job
from jobs.outage import outlast
from scorecards import errors
from scorecards.errors import CardRefused
from scorecards.models import CardRefit
from scorecards.runner.progress import told_to
from training.models import Experiment, ExperimentState, LeaderboardRow
from training.runner.experiment import values_of
from training.runner.readings import count_reading


def run(job: Job, context: JobContext) -> None:
    """Fit a card; called again after a crash, it begins anew."""
    fetched = "card__experiment__data_check__version"
    refit = CardRefit.objects.select_related(fetched).filter(pk=job.subject_id).first()
    if refit is None or refit.leaderboard_row_id is not None:
        return
    try:
        found = _refitted(refit, context)
        outlast(lambda: store(refit, found))
    except ExperimentError as error:
        told = Sentence(error.message, {key: str(value) for key, value in error.params.items()})
        CardRefit.objects.filter(pk=refit.pk).update(refusal=told.to_dict())


def _refitted(refit: CardRefit, context: JobContext) -> Finalist:
    card, experiment = refit.card, refit.card.experiment
    _require_ended(experiment)
    known = [finalist_of(row) for row in experiment.leaderboard.all()]
    made_of = next((row for row in known if row.candidate == card.made_of and row.model_hash == card.model_hash), None)
    if made_of is None or made_of.model_dir is None:
        raise CardRefused(errors.NO_MODEL)
    return refit_card(
        experiment.asked, check_tables.path_of(experiment.data_check), refit.wanted,
        name=refit.candidate, work_dir=experiment.work_dir, made_of=made_of, known=known,
        changes=refit.changes, on_progress=told_to(context),
        # Before they are read, so that a refit which is stopped half-way counts as well.
        on_reading=lambda: count_reading(
            experiment, model=made_of.model_dir, asked=f"refit {refit.pk}", candidates=[refit.candidate]
        ),
    )  # fmt: skip


def _require_ended(experiment: Experiment) -> None:
    """Refuse a run that was given more time since: it puts another leaderboard in the place of the one that is."""
    if experiment.state != ExperimentState.FINISHED:
        raise CardRefused(errors.RUN_GOES_ON)


def finalist_of(row: LeaderboardRow) -> Finalist:
    """Return a row of the leaderboard as the engine knows it."""
    return Finalist(
        candidate=row.candidate, learner=row.learner, objective=row.kept.ranking_value or 0.0, metrics=row.metrics,
        evidence=row.evidence, rank=row.rank, is_tie=row.is_tie, is_recommended=row.is_recommended, reason=row.reason,
        model_dir=local_path(row.model_path) if row.model_path else None, model_hash=row.model_hash,
        model_seal=row.model_seal,
    )  # fmt: skip


@transaction.atomic
def store(refit: CardRefit, new: Finalist) -> None:
    """Put the card on the leaderboard; the others move down behind it and stay as they are."""
    experiment = Experiment.objects.select_for_update().get(pk=refit.card.experiment_id)
    _require_ended(experiment)
    folder = new.model_dir
    assert folder is not None
    # Others may have come since: all are put in order anew.
    known = [finalist_of(row) for row in experiment.leaderboard.exclude(candidate=new.candidate)]
    for finalist in rank_beside(new, known, experiment.asked):
        experiment.leaderboard.filter(candidate=finalist.candidate).update(rank=finalist.rank)
        new = finalist if finalist.candidate == new.candidate else new
    values = values_of(new) | {"model_path": key_of(folder)}
    row, _is_new = LeaderboardRow.objects.update_or_create(
        experiment=experiment, candidate=new.candidate, defaults=values
    )
    CardRefit.objects.filter(pk=refit.pk).update(leaderboard_row=row)
