"""What the apps declare of one kind: each thing once, under its name, in the order of weights."""

from collections.abc import Collection, Iterator
from typing import Any, Generic, Protocol, TypeVar


class Weighed(Protocol):
    """Anything with a place among others of its kind: the lighter stands before the heavier."""

    @property
    def weight(self) -> int: ...


Thing = TypeVar("Thing", bound=Weighed)


class Declared(Generic[Thing]):
    """A registry that the apps fill in ``AppConfig.ready``.

    The order in which they do so is that of ``INSTALLED_APPS``, which is about imports; what people see is ordered by
    weight alone. A name that is declared again replaces what it stood for, so that getting ready twice changes nothing.

    >>> from types import SimpleNamespace as Entry
    >>> entries = Declared()
    >>> entries.add("models", Entry(weight=30))
    >>> entries.add("data", Entry(weight=10))
    >>> [entry.weight for entry in entries]
    [10, 30]
    """

    def __init__(self) -> None:
        self._all: dict[str, Thing] = {}

    def add(self, name: str, thing: Thing) -> None:
        self._all[name] = thing

    def keep(self, names: Collection[str]) -> None:
        """Forget what has another name than these."""
        self._all = {name: thing for name, thing in self._all.items() if name in names}

    def __iter__(self) -> Iterator[Thing]:
        return iter(sorted(self._all.values(), key=_weight))

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def __getitem__(self, name: str) -> Thing:
        return self._all[name]


def _weight(thing: Any) -> int:
    return int(thing.weight)
