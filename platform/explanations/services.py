"""Looks for a customer and puts the look on record."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from audit import services as audit
from common.numbers import whole_number
from experiments.privacy.masking import masked
from explanations.errors import NO_PLACE, NOBODY, NOT_A_ROW, NOT_FOUND, CustomerNotFound, PlaceNotThere
from explanations.models import CustomerLook
from explanations.queries.places import Place, places_of
from serving.asking import ask
from training.models import Experiment

LONGEST_ID = 100
KEPT_AHEAD, KEPT_BEHIND = 4, 2


def look_for(experiment: Experiment, typed: str, person: User, *, within: str = "") -> CustomerLook:
    """Return the look at the customer with an id, in the place of a key or in all there are.

    Raises
    ------
    CustomerNotFound : nobody has it, and the sentence says where it was looked for.
    PlaceNotThere : there is no such place.
    ModelServerAway, ModelServerRefused : nobody could look.
    """
    typed = typed.strip()[:LONGEST_ID]
    if not typed:
        raise CustomerNotFound(NOBODY)
    places = _places_within(experiment, within)
    found = _numbered(places[0], typed) if not places[0].column else _found(places, typed)
    if found is None:
        audit.record(person, "customer.searched", workspace=experiment.workspace, obj=experiment)
        raise CustomerNotFound(NOT_FOUND, [place.name for place in places])
    place, row = found
    return record_look(experiment, place, row, shown=shown_id(typed, place), person=person)


@transaction.atomic
def record_look(experiment: Experiment, place: Place, row: int, *, shown: str, person: User) -> CustomerLook:
    """Put on record that a person looks at a customer, by the masked id."""
    look = CustomerLook.objects.create(
        experiment=experiment, person=person, place=place.kind, place_id=place.pk, place_name=place.name[:250],
        table=place.table, row=row, shown_id=shown,
    )  # fmt: skip
    details = {"customer": shown, "place": place.name}
    audit.record(person, "customer.looked_at", workspace=experiment.workspace, obj=experiment, details=details)
    return look


@transaction.atomic
def look_after(look: CustomerLook, person: User) -> CustomerLook:
    """Return the own look of somebody who was sent the address of a colleague's."""
    if look.person_id == person.pk:
        return look
    place = Place(look.place, look.place_id, look.place_name, look.table, "", 0)
    return record_look(look.experiment, place, look.row, shown=look.shown_id, person=person)


def shown_id(typed: str, place: Place) -> str:
    """Return an id as pages show it: its ends, and nothing of one that is personal data but the last two letters."""
    if not place.column:
        return f"#{typed}"
    if place.protect is not None or masked(typed) != typed or len(typed) <= KEPT_BEHIND + 1:
        return f"··{typed[-KEPT_BEHIND:]}"
    ahead = min(KEPT_AHEAD, max(0, len(typed) - KEPT_BEHIND - 2))
    return f"{typed[:ahead]}··{typed[-KEPT_BEHIND:]}"


def _places_within(experiment: Experiment, within: str) -> list[Place]:
    everywhere = places_of(experiment)
    if not everywhere:
        raise CustomerNotFound(NO_PLACE, name=experiment.version.dataset.name)
    places = [place for place in everywhere if not within or place.key == within]
    if not places:
        raise PlaceNotThere([place.name for place in everywhere], [place.key for place in everywhere])
    return places


def _found(places: Sequence[Place], typed: str) -> tuple[Place, int] | None:
    tables = [
        {"table": place.table, "column": place.column, "asked": place.spellings(typed)}
        for place in places
        if place.column
    ]
    found = ask("customer.find", tables=tables)
    if not found:
        return None
    return [place for place in places if place.column][found["place"]], int(found["row"])


def _numbered(place: Place, typed: str) -> tuple[Place, int]:
    """Find a row by its number, where customers have no ids."""
    number = whole_number(typed.removeprefix("#").replace(",", ""), most=place.rows)
    if not number:
        raise CustomerNotFound(NOT_A_ROW, rows=f"{place.rows:,}")
    return place, number - 1
