"""What a run found out about itself, told in the reader's words."""

from typing import Any

from training.models import Experiment
from training.words import learner_name, sentence, sentences


def doubts(experiment: Experiment) -> str:
    """Say of a result that leans on columns the data check asks about what it is without them."""
    found = (experiment.result.get("data") or {}).get("doubts")
    return sentences(found) if found else ""


def ended_early(experiment: Experiment) -> dict[str, Any] | None:
    """Say of a search that was ended on request what was kept and, by name, what was dropped and why."""
    found = experiment.result.get("ended_early")
    if not found:
        return None
    dropped = [(learner_name(one["learner"]), sentence(one["message"], one["params"])) for one in found["dropped"]]
    return {"text": sentences(found), "dropped": dropped}
