"""What the model server could not do, in sentences."""

from experiments.errors import ExperimentError, gettext_noop

AWAY = gettext_noop(
    "The model server is not answering. It restarts by itself within half a minute; try again then. "
    "If it does not come back, the administrator can find the cause in the platform log."
)
TOO_SLOW = gettext_noop("The model server took longer than %(seconds)s seconds. Try again in a moment.")
TOO_LARGE = gettext_noop("This model or table is too large for the memory that the model server may use.")
FAILED = gettext_noop(
    "The model server could not answer (reference %(reference)s). The administrator can find the "
    "cause in the log by this reference."
)


class ModelServerAway(ExperimentError):
    """Nobody answers at the model server's place, or not in time."""


class ModelServerRefused(ExperimentError):
    """The model server has said why it cannot do what was asked."""
