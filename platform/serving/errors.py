"""What the model server could not do, in sentences."""

from experiments.errors import ExperimentError, gettext_noop

AWAY = gettext_noop(
    "The model server does not answer. It starts again by itself within half a minute; ask again then. If it stays "
    "away, the administrator finds why in the log of the platform."
)
TOO_SLOW = gettext_noop("The model server took longer than %(seconds)s seconds. Ask again in a moment.")
TOO_LARGE = gettext_noop("This model or table is too large for the memory that the model server may use.")
FAILED = gettext_noop("The model server could not answer (reference %(reference)s). The administrator finds why there.")


class ModelServerAway(ExperimentError):
    """Nobody answers at the model server's place, or not in time."""


class ModelServerRefused(ExperimentError):
    """The model server has said why it cannot do what was asked."""
