"""Find: each app says in ``AppConfig.ready`` how it looks for what it holds; this asks all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from common.declared import Declared

LEAST_LETTERS = 1
SHOWN_A_GROUP = 6


@dataclass(frozen=True)
class Found:
    """One thing that answers what was typed: where it is, and a word on what it is."""

    url: str
    title: str
    detail: str = ""


@dataclass(frozen=True)
class Finder:
    """How one kind of thing is looked for, under which heading; ``look`` returns only what the asker may see."""

    label: Any
    icon: str
    look: Callable[[HttpRequest, str], Iterable[Found]]
    weight: int


@dataclass(frozen=True)
class Group:
    """What was found of one kind; ``has_more`` when the list is cut."""

    label: str
    icon: str
    found: list[Found]
    has_more: bool


_finders: Declared[Finder] = Declared()


def register(finder: Finder) -> None:
    """Have a kind of thing found from every page."""
    _finders.add(f"{finder.look.__module__}.{finder.look.__qualname__}", finder)


def kinds() -> list[str]:
    """Return what can be found, kind by kind, as the headings call it."""
    return [str(finder.label) for finder in _finders]


def find(request: HttpRequest, text: str) -> list[Group]:
    """Return what matches, kind by kind."""
    # A byte 0 ends a text for one database and is an error for another.
    words = text.replace("\0", "").strip()
    if len(words) < LEAST_LETTERS:
        return []
    groups = []
    for finder in _finders:
        found = list(_first(finder.look(request, words)))
        if found:
            shown = found[:SHOWN_A_GROUP]
            groups.append(Group(str(finder.label), finder.icon, shown, len(found) > len(shown)))
    return groups


def _first(found: Iterable[Found]) -> Iterable[Found]:
    for number, each in enumerate(found):
        if number > SHOWN_A_GROUP:
            return
        yield each
