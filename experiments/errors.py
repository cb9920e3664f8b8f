"""The expected failures of the engine: each carries a sentence for the person who can mend it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from experiments.telling import filled


def gettext_noop(message: str) -> str:
    """Mark a message for translation; the platform translates it where it is shown."""
    return message


class ExperimentError(Exception):
    """An expected failure.

    ``message`` is an English sentence with ``%(name)s`` placeholders, filled from ``params``; it is also the
    translation key, so that the platform shows the same sentence in the reader's language. A parameter may itself be
    a sentence, ``{"message", "params"}``, or a list of such.
    """

    def __init__(self, message: str, **params: Any) -> None:
        self.message = message
        self.params = params
        self.at: tuple[str | int, ...] = ()
        super().__init__(spelled(message, params))

    def about(self, *steps: str | int) -> Self:
        """Say which field of what was asked this is about, with the steps into it, and return the error to raise."""
        self.at = steps
        return self


def spelled(message: str, params: Mapping[str, Any]) -> str:
    """Fill the places of a sentence; one in a place is told too, and a list is joined.

    >>> spelled("left aside: %(others)s", {"others": [{"message": "%(sheet)s (hidden)", "params": {"sheet": "S"}}]})
    'left aside: S (hidden)'
    """
    return filled(message, {name: _plain(value) for name, value in params.items()}) if params else message


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and "message" in value:
        return spelled(value["message"], value.get("params") or {})
    if isinstance(value, list):
        between = "; " if any(isinstance(part, dict) for part in value) else ", "
        return between.join(str(_plain(part)) for part in value)
    return value


@contextmanager
def about(*steps: str | int) -> Iterator[None]:
    """Say of each failure within that it is about the field that some steps lead to."""
    try:
        yield
    except ExperimentError as error:
        error.about(*steps)
        raise


class BadInput(ExperimentError):
    """A file, a column or an option that cannot be used as it is."""


class ArtifactError(ExperimentError):
    """A model folder that is incomplete, altered or of another format version."""


class Cancelled(Exception):
    """Raised by ``on_progress`` to stop a run and throw its unfinished work away."""


class FinishNow(Exception):
    """Raised by ``on_progress`` to end the search and keep the best found so far."""
