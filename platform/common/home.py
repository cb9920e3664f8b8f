"""The first page: each app says in ``AppConfig.ready`` which cards are its own, and where they stand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.http import HttpRequest

from common.declared import Declared


class Place(Enum):
    """Where on the first page a card stands."""

    FACT = "fact"  # joins the sentence below the greeting
    ACTION = "action"  # a button beside the greeting
    TILE = "tile"  # one of the large doors
    SIDE = "side"  # beside what waits
    WIDE = "wide"  # over the whole width
    FOOT = "foot"


# Asked with each page; returns what the card's template needs, or nothing where there is no card to show.
Gather = Callable[[HttpRequest], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Card:
    """One part of the first page: a template, what it needs, and its place."""

    place: Place
    template: str
    weight: int
    gather: Gather = lambda request: {}


_cards: Declared[Card] = Declared()


def register(*cards: Card) -> None:
    """Have cards shown on the first page."""
    for card in cards:
        _cards.add(f"{card.place.value} {card.template}", card)


def gathered(request: HttpRequest) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
    """Return the cards of each place, in their order: their templates, each with what it needs."""
    places: dict[str, list[tuple[str, Mapping[str, Any]]]] = {place.value: [] for place in Place}
    for card in _cards:
        found = card.gather(request)
        if found is not None:
            places[card.place.value].append((card.template, found))
    return places
