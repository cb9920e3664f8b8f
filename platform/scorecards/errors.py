"""What cannot be done to a card, in sentences."""

from experiments.errors import ExperimentError, gettext_noop

STALE = gettext_noop(
    "%(person)s has changed this card since you opened the page. Your change was not made; look at the card as it is "
    "now and try again."
)
NOTHING_TO_UNDO = gettext_noop("There is no change to undo.")
NOTHING_TO_REDO = gettext_noop("There is no change to redo.")
NOT_READY = gettext_noop("This scorecard is still being prepared for editing.")
NOTHING_CHANGED = gettext_noop("This changes nothing.")
NO_MODEL = gettext_noop("This finalist has no saved scorecard to edit.")
NOT_SHOWN = gettext_noop("The values of %(column)s are sensitive, so its bins are neither shown nor changed.")
NOTHING_SHOWN = gettext_noop("Every column of this scorecard is sensitive, so there are no bins to show.")
SQL_NOT_SHOWN = gettext_noop(
    "The SQL of this scorecard would show values of sensitive columns (%(columns)s). Only those who may see personal "
    "data can download it."
)
NOT_WITHHELD = gettext_noop("%(column)s is sensitive or protected and cannot be put on a card by hand.")
NOT_REFITTED = gettext_noop(
    "The scorecard could not be refitted. Try again; if it fails again, contact your Xiaoyu administrator."
)
NOT_OPENED = gettext_noop(
    "The scorecard could not be prepared. Try again; if it fails again, contact your Xiaoyu administrator."
)
RUN_GOES_ON = gettext_noop("The experiment is running. Wait until it has ended.")


class CardRefused(ExperimentError):
    """A change that cannot be made; the sentence says why."""


class StaleCard(CardRefused):
    """Somebody else was faster."""
