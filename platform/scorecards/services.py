"""Changing a card: each change is made once, on the card as its maker saw it, and is kept with who, what and why."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from experiments.scorecard.editing.acts import OF_COLUMN, Asked, Done, do, part_of, with_part
from experiments.scorecard.editing.draft import CardDraft
from experiments.scorecard.editing.effects import Ranking, card_ranking, column_effect
from experiments.scorecard.editing.fine_counts import FineCounts
from experiments.scorecard.editing.weighing import weighed
from jobs import services as jobs
from jobs.models import Job, JobState
from scorecards import errors
from scorecards.errors import CardRefused, StaleCard
from scorecards.job_kinds import JobKind
from scorecards.models import Act, CardEdit, CardRefit, EditedCard
from scorecards.queries.withheld import secret_on, withheld_among
from training.models import Experiment, ExperimentState, LeaderboardRow

SCORECARD = "scorecard"


@transaction.atomic
def open_card(row: LeaderboardRow, user: User) -> EditedCard:
    """Have a finalist's card prepared for editing, unless it is or a worker is at it.

    Raises
    ------
    CardRefused : it has no card.
    """
    if row.learner != SCORECARD or not row.model_path:
        raise CardRefused(errors.NO_MODEL)
    experiment = row.experiment
    Experiment.objects.select_for_update().get(pk=experiment.pk)
    card, is_new = EditedCard.objects.select_related("job").get_or_create(
        experiment=experiment, made_of=row.candidate, defaults={"opened_by": user, "model_hash": row.model_hash}
    )
    if not is_new and card.model_hash == row.model_hash and not card.has_failed:
        return card
    card.draft, card.saved, card.refusal, card.done, card.undone = {}, {}, {}, [], []
    card.model_hash, card.opened_by, card.revision = row.model_hash, user, card.revision + 1
    card.job = jobs.enqueue(
        JobKind.OPEN_CARD, workspace=experiment.workspace, owner=user, subject_id=card.pk,
        size=experiment.version.size_bytes,
    )  # fmt: skip
    card.save()
    record(user, "scorecard.opened", workspace=experiment.workspace, obj=experiment, details={"card": row.candidate})
    return card


def edit(card: EditedCard, user: User, *, act: str, fields: dict[str, Any], revision: int, why: str = "") -> CardEdit:
    """Make one change of a card.

    Parameters
    ----------
    fields : what was filled in. revision : of the card as its maker saw it.

    Raises
    ------
    StaleCard : somebody has changed the card since.
    CardRefused, BadInput : the change cannot be made.
    """
    _require_as_seen(card, revision)
    counts = FineCounts(card.counts_dir)
    if act in (Act.UNDO, Act.REDO):
        return _take_back(card, user, act=act, counts=counts)
    asked, before = Asked(fields), card.now
    if act != Act.WANT and asked.text("column") in secret_on(card) and act in OF_COLUMN:
        raise CardRefused(errors.NOT_SHOWN, column=asked.text("column"))
    if act == Act.WANT and asked.text("wanted") != "out":
        _refuse_withheld(card, {asked.text("column")})
    done = do(act, before, asked, counts)
    if before == done.draft:
        raise CardRefused(errors.NOTHING_CHANGED)
    number = card.revision + 1
    return _keep(
        card, user, done, act=act, counts=counts, why=why, done_numbers=[*card.done, number], undone_numbers=[]
    )


def refit(card: EditedCard, user: User, *, revision: int) -> CardRefit:
    """Have the card fitted as it is now, as a new finalist; one of the same that is under way is taken in its place.

    Raises
    ------
    StaleCard : somebody has changed the card since.
    CardRefused : the experiment is running, or a column was put in that is sensitive or protected by now.
    """
    _require_as_seen(card, revision)
    _refuse_withheld(card, _names_on(card.now))
    with transaction.atomic():
        experiment = Experiment.objects.select_for_update().get(pk=card.experiment_id)
        if experiment.state != ExperimentState.FINISHED:
            raise CardRefused(errors.RUN_GOES_ON)
        for known in card.refits.select_related("job"):
            if known.is_under_way and known.draft == card.draft:
                return known
        made = CardRefit.objects.filter(card__experiment=experiment)
        number = max(made.values_list("number", flat=True), default=0) + 1
        wanted = CardRefit.objects.create(
            card=card, number=number, draft=card.draft, changes=len(card.done), asked_by=user
        )
        wanted.job = jobs.enqueue(
            JobKind.REFIT_CARD, workspace=experiment.workspace, owner=user, subject_id=wanted.pk,
            size=experiment.version.size_bytes,
        )  # fmt: skip
        wanted.save(update_fields=["job"])
        details = {"card": card.made_of, "changes": len(card.done)}
        record(user, "scorecard.refitted", workspace=experiment.workspace, obj=experiment, details=details)
    return wanted


def on_opening_end(job: Job) -> None:
    """A card that could not be prepared says so; the page must not wait for ever."""
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        EditedCard.objects.filter(pk=job.subject_id, draft={}, refusal={}).update(refusal=_told(job, errors.NOT_OPENED))


def on_refit_end(job: Job) -> None:
    """A card that could not be fitted says so."""
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        wanted = CardRefit.objects.filter(pk=job.subject_id, leaderboard_row=None, refusal={})
        wanted.update(refusal=_told(job, errors.NOT_REFITTED))


def let_go(experiment: Experiment) -> list[str]:
    """Stop the work on the cards of an experiment that is thrown away, and return the folders of their counts."""
    cards = list(EditedCard.objects.filter(experiment=experiment).select_related("job"))
    refits = CardRefit.objects.filter(card__experiment=experiment).select_related("job")
    for job in [*(card.job for card in cards), *(refit.job for refit in refits)]:
        if job is not None and not job.is_terminated:
            jobs.request_cancel(job)
    return [EditedCard.folder_of(experiment.pk)] if cards else []


def _told(job: Job, otherwise: str) -> dict[str, Any]:
    return {"message": job.error_message or otherwise, "params": job.error_params}


def _require_as_seen(card: EditedCard, revision: int) -> None:
    if not card.is_ready:
        raise CardRefused(errors.NOT_READY)
    if card.revision != revision:
        last = card.edits.select_related("person").first()
        raise StaleCard(errors.STALE, person=str(last.person if last else card.opened_by))


def _refuse_withheld(card: EditedCard, columns: Collection[str]) -> None:
    """Refuse columns that nobody puts on a card by hand today, whatever they were when a person did."""
    refused = sorted(withheld_among(card.experiment, card.now, columns) - card.before_names)
    if refused:
        raise CardRefused(errors.NOT_WITHHELD, column=", ".join(refused))


def _names_on(draft: CardDraft) -> set[str]:
    return {column.name for column in draft.on_card}


def _take_back(card: EditedCard, user: User, *, act: str, counts: FineCounts) -> CardEdit:
    """Undo the last change, or do the last undone one again; either is a change of its own in the history."""
    is_undo = act == Act.UNDO
    stack = card.done if is_undo else card.undone
    if not stack:
        raise CardRefused(errors.NOTHING_TO_UNDO if is_undo else errors.NOTHING_TO_REDO)
    meant = card.edits.get(number=stack[-1])
    draft = with_part(card.now, meant.before if is_undo else meant.after)
    _refuse_withheld(card, _names_on(draft) - _names_on(card.now))
    done, undone = (
        (card.done[:-1], [*card.undone, stack[-1]]) if is_undo else ([*card.done, stack[-1]], card.undone[:-1])
    )
    found = Done(draft, meant.sentence, meant.column_name)
    return _keep(card, user, found, act=act, counts=counts, why="", done_numbers=done, undone_numbers=undone)


def _keep(
    card: EditedCard,
    user: User,
    found: Done,
    *,
    act: str,
    counts: FineCounts,
    why: str,
    done_numbers: list[int],
    undone_numbers: list[int],
) -> CardEdit:
    before, number = card.now, card.revision + 1
    ranking = card_ranking(found.draft, counts, card.coefficients)
    effect = _effect(card, before, found, counts, ranking)
    with transaction.atomic():
        # The database decides who was first: only one UPDATE finds the revision that both saw.
        was_first = EditedCard.objects.filter(pk=card.pk, revision=card.revision).update(
            draft=found.draft.to_dict(), revision=number, done=done_numbers, undone=undone_numbers,
            ranking=ranking.to_dict(),
        )  # fmt: skip
        if not was_first:
            card.refresh_from_db()
            _require_as_seen(card, number - 1)
        kept = CardEdit.objects.create(
            card=card, number=number, person=user, act=act, column_name=found.column, told=found.told.to_dict(),
            why=why[:300], before=part_of(before, found.column), after=part_of(found.draft, found.column),
            effect=effect,
        )  # fmt: skip
        details = {"card": card.made_of, "change": number, "why": kept.why}
        record(user, "scorecard.edited", workspace=card.experiment.workspace, obj=card.experiment, details=details)
    card.refresh_from_db()
    return kept


def _effect(card: EditedCard, before: CardDraft, found: Done, counts: FineCounts, ranking: Ranking) -> dict[str, Any]:
    effect: dict[str, Any] = {"card": [card.ranking, ranking.to_dict()]}
    if found.column:
        effect["column"] = [
            column_effect(weighed(column, counts.bins_of(column), direction=before.direction)).to_dict()
            for column in (before.column(found.column), found.draft.column(found.column))
        ]
    return effect
