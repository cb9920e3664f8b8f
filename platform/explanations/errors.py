"""What cannot be shown of a customer, in sentences."""

from collections.abc import Sequence

from experiments.errors import ExperimentError, gettext_noop

NOBODY = gettext_noop("Enter a customer ID.")
NOT_FOUND = gettext_noop("No customer with this ID in: %(places)s.")
NOT_A_ROW = gettext_noop("This table has no ID column. Enter a row number from 1 to %(rows)s.")
NO_SUCH_PLACE = gettext_noop("This cannot be searched. Choose one of: %(places)s.")
NOT_TRIED = gettext_noop("%(column)s cannot be tried: it is sensitive or protected.")
ROW_GONE = gettext_noop(
    "The data this customer was found in has been deleted. Look the customer up again to search the other data."
)
NO_PLACE = gettext_noop("There is no table to search: %(name)s has no data version that is ready.")


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
