"""The expected failures of the engine: each carries a sentence for the person who can mend it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from experiments.sentence import Sentence

__all__ = ["ArtifactError", "BadInput", "Cancelled", "ExperimentError", "FinishNow"]


def gettext_noop(message: str) -> str:
    """Mark a message for translation; the platform translates it where it is shown."""
    return message


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether something failed for want of memory: libraries in C++ say so in words only."""
    return isinstance(error, MemoryError) or "bad_alloc" in str(error)


class ExperimentError(Exception):
    """An expected failure.

    ``message`` is an English sentence with ``%(name)s`` placeholders, filled from ``params``; it is also the
    translation key, so that everybody reads the same sentence in their language. A parameter may itself be a
    ``Sentence``, or a list of such.

    Examples
    --------
    >>> str(ExperimentError("There are %(count)s rows.", count=3))
    'There are 3 rows.'
    """

    def __init__(self, message: str, **params: Any) -> None:
        self.message = message
        self.params = params
        self.at: tuple[str | int, ...] = ()
        super().__init__(str(Sentence(message, params)))

    @property
    def sentence(self) -> Sentence:
        """What went wrong, for a reader of any language."""
        return Sentence(self.message, self.params)

    def about(self, *steps: str | int) -> Self:
        """Say which field of what was asked this is about, with the steps into it, and return the error to raise."""
        self.at = steps
        return self


@contextmanager
def about(*steps: str | int) -> Iterator[None]:
    """Say of each failure within that it is about the field that some steps lead to."""
    try:
        yield
    except ExperimentError as error:
        error.about(*steps)
        raise


class BadInput(ExperimentError):
    """A file, a column or an option that cannot be used as it is.

    Examples
    --------
    >>> BadInput("There is no file %(path)s.", path="a.csv").params
    {'path': 'a.csv'}
    """


class ArtifactError(ExperimentError):
    """A model folder that is incomplete, altered or of another format version.

    Examples
    --------
    >>> issubclass(ArtifactError, ExperimentError)
    True
    """


class Cancelled(Exception):
    """Raised by ``on_progress`` to stop a run and throw its unfinished work away.

    Examples
    --------
    >>> issubclass(Cancelled, ExperimentError)
    False
    """


class FinishNow(Exception):
    """Raised by ``on_progress`` to end the search and keep the best found so far.

    Examples
    --------
    >>> issubclass(FinishNow, ExperimentError)
    False
    """
