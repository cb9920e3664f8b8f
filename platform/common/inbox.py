"""What waits for a person: each app says in ``AppConfig.ready`` where it looks; this asks all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from common.declared import Declared

RECENT = timedelta(days=14)
MOST = 20


@dataclass(frozen=True)
class InboxItem:
    """One thing that waits: what happened, what it means, and where to go."""

    at: datetime
    icon: str
    tone: str
    title: str
    text: str
    url: str
    action: str


# Asked with a person, their workspace, and since when things count as recent; the first ``MOST`` are taken.
Look = Callable[[Any, Any, datetime], Iterable[InboxItem]]


@dataclass(frozen=True)
class Source:
    """Where an app looks for one kind of thing that waits; of two of the same moment the lighter comes first."""

    look: Look
    weight: int


_sources: Declared[Source] = Declared()


def register(name: str, look: Look, *, weight: int) -> None:
    """Have a kind of thing shown in the inbox of those it waits for."""
    _sources.add(name, Source(look, weight))


def inbox_for(user: Any, workspace: Any) -> list[InboxItem]:
    """Return what waits for a person in a workspace, newest first."""
    if workspace is None:
        return []
    since = timezone.now() - RECENT
    items = [item for source in _sources for item in source.look(user, workspace, since)]
    return sorted(items, key=lambda item: item.at, reverse=True)[:MOST]
