"""Runs that repeat others: what is needed for it, which there are, and whether one came out the same."""

from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from common.storage import local_path
from experiments.artifact.manifest import read_attached
from experiments.errors import BadInput, gettext_noop
from experiments.naming import BY_HAND
from experiments.search.replay import STORY, Replay
from training.models import Experiment, ExperimentState

REPLAY = "replay"
NO_STORY = gettext_noop("Only a finished run whose models were kept can be run again exactly.")


def story_of(experiment: Experiment) -> Path:
    """Return the file beside a finished run's model that tells how to make it again."""
    row = experiment.leaderboard.filter(is_recommended=True).exclude(model_path="").first()
    path = local_path(row.model_path) / STORY if row else None
    if experiment.state != ExperimentState.FINISHED or path is None or not path.is_file():
        raise BadInput(NO_STORY)
    return path


def told_for_repeating(experiment: Experiment) -> dict[str, Any]:
    """Return what an exported list of trials needs to be repeated from; nothing while there is no such story."""
    try:
        folder = story_of(experiment).parent
    except BadInput:
        return {}
    story = read_attached(folder, STORY)
    recommended = experiment.leaderboard.get(is_recommended=True).candidate
    return {
        "recommended": recommended,
        "models": hashes_of(experiment),
        "decisions": story["decisions"],
        "trials": story["trials"],
    }


def replay_for(experiment: Experiment) -> dict[str, Any]:
    """Return what the engine is told beside the question: the run to repeat, if this one repeats another."""
    folder = experiment.work_dir / REPLAY
    return {"replay": Replay.of(folder)} if "repeats" in experiment.result and folder.exists() else {}


def hashes_of(experiment: Experiment) -> dict[str, str]:
    """Return the hash of each model that the run made; cards edited since by hand are none of it."""
    made = experiment.leaderboard.exclude(candidate__contains=BY_HAND)
    return dict(made.values_list("candidate", "model_hash"))


def edited_cards_lost(experiment: Experiment) -> int:
    """Return how many cards edited by hand go when the run goes on: those of which no version was registered."""
    return experiment.leaderboard.filter(candidate__contains=BY_HAND, model_versions=None).count()


def repeats_of(experiment: Experiment) -> QuerySet[Experiment]:
    """Return the runs that repeat this one."""
    mine = Experiment.objects.filter(workspace=experiment.workspace_id)
    return mine.filter(result__repeats__experiment=experiment.pk).order_by("pk")


def has_matched(experiment: Experiment) -> bool | None:
    """Tell whether every model of a repeated run came out the same.

    ``None`` for other runs, before the end, and where the run went on beyond what it repeated.
    """
    found = experiment.found
    repeats, went_on = found.repeats, found.continuations is not None
    if repeats is None or went_on or experiment.state != ExperimentState.FINISHED:
        return None
    return bool(hashes_of(experiment) == repeats.hashes)
