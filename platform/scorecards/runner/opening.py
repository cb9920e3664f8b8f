"""Opening a card: a worker counts the rows that its experiment trained on."""

import shutil
from typing import Any

from checks import tables as check_tables
from common.storage import local_path
from experiments.by_hand import OpenedCard, open_card
from experiments.errors import BadInput, ExperimentError
from experiments.scorecard.editing.effects import card_ranking
from experiments.scorecard.editing.fine_counts import FineCounts
from jobs.context import JobContext
from jobs.models import Job
from results.queries.evidence import untouched_folder_of
from scorecards import errors
from scorecards.models import EditedCard
from scorecards.queries.withheld import withheld_columns
from scorecards.runner.progress import told_to
from training.runner.readings import count_reading


def run(job: Job, context: JobContext) -> None:
    """Count a card's rows; called again after a crash, it begins anew."""
    fetched = "experiment__data_check__version", "experiment__version__dataset"
    card = EditedCard.objects.select_related(*fetched).filter(pk=job.subject_id).first()
    if card is None or card.is_ready:
        return
    experiment, is_kept = card.experiment, False
    shutil.rmtree(card.counts_dir, ignore_errors=True)
    try:
        row = experiment.leaderboard.filter(candidate=card.made_of).exclude(model_path="").first()
        if row is None:
            raise BadInput(errors.NO_MODEL)
        opened = open_card(
            experiment.asked, check_tables.path_of(experiment.data_check), model=untouched_folder_of(row),
            work_dir=experiment.work_dir, counts=card.counts_dir, withheld=withheld_columns(experiment),
            on_progress=told_to(context), on_reading=lambda: count_reading(
                experiment, model=local_path(row.model_path), asked=f"card {card.pk} {card.model_hash}",
                candidates=[card.made_of],
            ),
        )  # fmt: skip
        is_kept = _keep(card, opened)
    except ExperimentError as error:
        params: dict[str, Any] = {key: str(value) for key, value in error.params.items()}
        EditedCard.objects.filter(pk=card.pk).update(refusal={"message": error.message, "params": params})
    finally:
        if not is_kept:
            shutil.rmtree(card.counts_dir, ignore_errors=True)


def _keep(card: EditedCard, opened: OpenedCard) -> bool:
    """Keep a card whose rows are counted, ready to be changed; return whether there still is one."""
    ranking = card_ranking(opened.draft, FineCounts(card.counts_dir), opened.coefficients)
    plain = opened.draft.to_dict()
    # Updated, not saved: the experiment may have been deleted meanwhile, and its cards with it.
    found = EditedCard.objects.filter(pk=card.pk).update(
        draft=plain, saved=plain, coefficients=opened.coefficients, intercept=opened.intercept,
        seen=opened.seen.to_dict(), ranking=ranking.to_dict(), saved_ranking=ranking.to_dict(), refusal={},
    )  # fmt: skip
    return found > 0
