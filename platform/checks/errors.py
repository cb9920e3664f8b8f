"""Expected failures of data checks, with sentences for the person."""

from experiments.errors import ExperimentError, gettext_noop


class CheckFrozen(ExperimentError):
    """The check belongs to an experiment that has started and stays as the run found it."""


FROZEN = gettext_noop(
    "This experiment has started, so its data check can no longer be changed. Create a new "
    "experiment to decide otherwise."
)
