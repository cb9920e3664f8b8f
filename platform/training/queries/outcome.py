"""What a run found out about itself, told in the reader's words."""

from typing import Any

from training.models import Experiment
from training.words import learner_name, sentences


def doubts(experiment: Experiment) -> str:
    """Say of a result that leans on columns the data check asks about what it is without them."""
    return sentences(experiment.found.data.doubts)


def ended_early(experiment: Experiment) -> dict[str, Any] | None:
    """Say of a search that was ended on request what was kept and, by name, what was dropped and why."""
    found = experiment.found.ended_early
    if found is None:
        return None
    dropped = [(learner_name(one.learner), sentences(one.sentence)) for one in found.dropped]
    return {"text": sentences(found.sentence), "dropped": dropped}
