"""What cannot be shown of a customer, in sentences."""

from collections.abc import Sequence

from experiments.errors import ExperimentError, gettext_noop

NOBODY = gettext_noop("Enter a customer id.")
NOT_FOUND = gettext_noop("No customer with this id in: %(places)s.")
NOT_A_ROW = gettext_noop("This table has no column of ids. Enter the number of a row, from 1 to %(rows)s.")
NO_PLACE = gettext_noop("There is no table to look in: %(name)s has no data version that is ready.")


class CustomerNotFound(ExperimentError):
    """Nobody has that id; ``places`` says where it was looked for."""

    def __init__(self, message: str, places: Sequence[str] = (), **params: object) -> None:
        super().__init__(message, **params, **({"places": list(places)} if places else {}))
        self.places = list(places)
