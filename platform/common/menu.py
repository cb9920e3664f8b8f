"""The sidebar: each app says in ``AppConfig.ready`` which lines are its own."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from common.access import may_reach
from common.declared import Declared


class Part(Enum):
    """The two parts of the sidebar: the work itself, and how it is governed."""

    WORK = "work"
    GOVERNANCE = "governance"


@dataclass(frozen=True)
class Entry:
    """One line that an app declares.

    Attributes
    ----------
    address : the name of the page; only those who may open it see the line.
    count : how many things the line tells of, asked for with each page; ``is_mine`` where they wait for this person.
    """

    address: str
    icon: str
    label: Any
    part: Part
    weight: int
    count: Callable[[HttpRequest], int] | None = None
    is_mine: bool = False


@dataclass(frozen=True)
class Line:
    """One line as it is shown; ``is_mine`` makes its count red."""

    url: str
    icon: str
    label: str
    is_current: bool
    count: int
    is_mine: bool


_entries: Declared[Entry] = Declared()


def register(*entries: Entry) -> None:
    """Have lines shown in the sidebar."""
    for entry in entries:
        _entries.add(entry.address, entry)


def lines(request: HttpRequest, part: Part) -> list[Line]:
    """Return the lines of a part for who asks."""
    return [_line(request, entry) for entry in _entries if entry.part == part and may_reach(request, entry.address)]


def _line(request: HttpRequest, entry: Entry) -> Line:
    url = reverse(entry.address)
    is_current = request.path == url if url == "/" else request.path.startswith(url)
    count = entry.count(request) if entry.count else 0
    return Line(url, entry.icon, str(entry.label), is_current, count, entry.is_mine)
