"""What an app puts on a page of an app below it: each says so in ``AppConfig.ready``, and the page asks by place.

A page names places, such as ``version.acts``, and what it is about; it knows nobody who puts something there.
"""

from dataclasses import dataclass

from common.declared import Declared


@dataclass(frozen=True)
class Offer:
    """A button, a tab or a line on somebody else's page.

    Attributes
    ----------
    place : of the page, see ``{% offers "…" %}`` in the templates.
    template : draws it, with what the page hands over and what the page itself knows.
    """

    place: str
    template: str
    weight: int


_offers: Declared[Offer] = Declared()


def register(*offers: Offer) -> None:
    """Have offers shown on pages of other apps."""
    for offer in offers:
        _offers.add(f"{offer.place} {offer.template}", offer)


def templates_at(place: str) -> list[str]:
    """Return the templates of what is offered at a place, the lightest first."""
    return [offer.template for offer in _offers if offer.place == place]
