"""Wishes about an entry of the inventory that cannot be granted."""

from django.utils.translation import gettext_noop

from experiments.errors import ExperimentError

NOT_YOUR_TIER = gettext_noop("Only an admin can change the risk tier: how a model is approved depends on it.")
SAME_PERSON = gettext_noop("Owner and validator must be two people.")
IS_AUTHOR = gettext_noop("%(person)s submitted a version of this model, so someone else must validate it.")
NOT_A_MEMBER = gettext_noop("%(person)s is not a member of this workspace.")
PAST = gettext_noop("The next review must not lie in the past.")


class InventoryError(ExperimentError):
    """A wish that cannot be granted, with the reason."""
