"""What is worked out once: a model's JSON for each value of its column, and answers within one page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

Read = TypeVar("Read")
Asked = ParamSpec("Asked")


class ReadOnce(Generic[Read]):
    """A property that reads a column of JSON as what it holds, and again only after the column changed.

    Told apart are another value of the column and other values of its keys. Who changes something deeper within
    gives the column a new value.
    """

    def __init__(self, column: str, read: Callable[[Any], Read]) -> None:
        self.column, self.read = column, read
        self.__doc__ = read.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.kept_as = f"_read_{name}"

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> Read: ...
    def __get__(self, row: object | None, owner: type) -> Self | Read:
        if row is None:
            return self
        stored = getattr(row, self.column)
        kept: tuple[Any, Any, Read] | None = row.__dict__.get(self.kept_as)
        if kept is not None and kept[0] is stored and kept[1] == stored:
            return kept[2]
        found = self.read(row)
        # Comparing with a shallow copy costs next to nothing: values that are the same object are not looked into.
        row.__dict__[self.kept_as] = (stored, stored.copy() if isinstance(stored, dict | list) else stored, found)
        return found


def read_once(column: str) -> Callable[[Callable[[Any], Read]], ReadOnce[Read]]:
    """Make a method of a model a property that reads a column of JSON once for each of its values."""
    return lambda read: ReadOnce(column, read)


_page: ContextVar[dict[Any, Any] | None] = ContextVar("what_this_page_has_asked", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """Remember within the block what was asked by functions that are asked once a page."""
    token = _page.set({})
    try:
        yield
    finally:
        _page.reset(token)


def once_a_page(ask: Callable[Asked, Read]) -> Callable[Asked, Read]:
    """Answer a question once while a page is shown, and anew everywhere else: in forms, workers and commands.

    What is asked about must be hashable; nobody may change the answer.
    """

    @wraps(ask)
    def asked(*args: Asked.args, **named: Asked.kwargs) -> Read:
        answers = _page.get()
        if answers is None:
            return ask(*args, **named)
        question = (ask, args, tuple(sorted(named.items())))
        if question not in answers:
            answers[question] = ask(*args, **named)
        found: Read = answers[question]
        return found

    return asked
