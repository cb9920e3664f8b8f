"""What cannot be shown of a customer, in sentences."""

from collections.abc import Sequence

from experiments.errors import ExperimentError, gettext_noop

NOBODY = gettext_noop("Enter a customer id.")
NOT_FOUND = gettext_noop("No customer with this id in: %(places)s.")
NOT_A_ROW = gettext_noop("This table has no column of ids. Enter the number of a row, from 1 to %(rows)s.")
NO_SUCH_PLACE = gettext_noop("There is no such place to look in. Choose one of: %(places)s.")
NOT_TRIED = gettext_noop("%(column)s cannot be tried: it is sensitive or protected.")
NO_PLACE = gettext_noop("There is no table to look in: %(name)s has no data version that is ready.")


class CustomerNotFound(ExperimentError):
    """Nobody has that id; ``places`` says where it was looked for."""

    def __init__(self, message: str, places: Sequence[str] = (), **params: object) -> None:
        super().__init__(message, **params, **({"places": list(places)} if places else {}))
        self.places = list(places)


class PlaceNotThere(CustomerNotFound):
    """The place that was named is none in which customers of the experiment stand; ``keys`` are those of all."""

    def __init__(self, places: Sequence[str], keys: Sequence[str]) -> None:
        super().__init__(NO_SUCH_PLACE, places)
        self.keys = list(keys)


class ChangeRefused(ExperimentError):
    """A column of a customer whose value nobody may see, nor find by trying."""
