"""What the clock, the listener or a crash decided in a run, so that it can be repeated to the last bit."""

from collections.abc import Callable, Mapping
from typing import Any


class Decisions:
    """The decisions of one run, and those of the run that it repeats.

    Parameters
    ----------
    replayed : decisions of an earlier run that is repeated; None where none is.

    Attributes
    ----------
    made : by name, everything that was decided, as JSON-ready plain data.

    Examples
    --------
    >>> first = Decisions()
    >>> first.decide("seeds", lambda: 3)
    3
    >>> Decisions(replayed=first.made).decide("seeds", lambda: 4)
    3
    """

    def __init__(self, replayed: Mapping[str, Any] | None = None) -> None:
        self.made: dict[str, Any] = {}
        self._replayed = replayed

    @property
    def is_repetition(self) -> bool:
        """Whether an earlier run is repeated."""
        return self._replayed is not None

    def decide(self, name: str, choose: Callable[[], Any]) -> Any:
        """Return what ``choose`` says, or what it said in the run that is repeated.

        Everything that depends on the clock, on the listener or on an earlier crash passes here after the search.
        """
        is_known = self._replayed is not None and name in self._replayed
        self.made[name] = self._replayed[name] if is_known and self._replayed is not None else choose()
        return self.made[name]

    def recall(self, name: str) -> Any:
        """Return what the run that is repeated noted under this name, or None."""
        return None if self._replayed is None else self._replayed.get(name)

    def note(self, name: str, outcome: Any) -> None:
        """Keep how something ended that a repetition must end likewise."""
        self.made[name] = outcome
