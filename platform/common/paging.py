"""Long lists over HTTP come in pages: a stable order, links to the pages beside, and how many there are in all."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Field, Schema

from common.answers import said_as
from experiments.errors import BadInput

A_PAGE, LARGEST_PAGE = 100, 500
NO_PLACE_HERE = _("The cursor does not belong to this list. Start again without it.")
CURSOR = said_as("^[A-Za-z0-9_-]+$", NO_PLACE_HERE)
PAGED = {
    "responses": {
        "200": {
            "headers": {
                "Link": {
                    "description": 'Where the pages beside are (RFC 8288): <…>; rel="next", <…>; rel="prev"',
                    "schema": {"type": "string"},
                },
                "X-Total-Count": {
                    "description": "How many there are in all pages",
                    "schema": {"type": "string", "pattern": "^[0-9]+$"},
                },
            }
        }
    }
}
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")
POSITION = "#"


class PageIn(Schema):
    """Which part of a list is wanted; a list's filters are fields of its own subclass."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="rows of a page")] = A_PAGE
    cursor: Annotated[
        str | None,
        Field(max_length=2_000, pattern=CURSOR, description="from a link of another page; do not make one"),
    ] = None

    def filters(self, **paths: str) -> dict[str, Any]:
        """Return what the list is narrowed by, under the names of the fields, or the paths given for them."""
        sent = self.model_dump(exclude=set(PageIn.model_fields), exclude_none=True)
        return {paths.get(name, name): value for name, value in sent.items()}


def page_of(
    rows: QuerySet[Row], asked: PageIn, *, request: HttpRequest, response: HttpResponse, order: Sequence[str]
) -> list[Row]:
    """Return the page of rows that was asked for, and put the links to those beside it into the response.

    Parameters
    ----------
    order : fields as of ``order_by``, the last of them unique, so that a row is neither told twice nor left out.
    """
    going_back, place = _read(asked.cursor, rows, order)
    found = rows.order_by(*(_turned(name) if going_back else name for name in order))
    if place is not None:
        found = found.filter(_beyond(place, order, going_back))
    page = list(found[: asked.limit + 1])
    has_more = len(page) > asked.limit
    page = page[: asked.limit]
    if going_back:
        page.reverse()
    links = {}
    if page and (has_more or going_back):
        links["next"] = _written("next", page[-1], order)
    if page and ((place is not None and not going_back) or (going_back and has_more)):
        links["prev"] = _written("prev", page[0], order)
    _tell(response, request, links, rows.order_by().count())
    return page


def part_of(items: Sequence[Item], asked: PageIn, *, request: HttpRequest, response: HttpResponse) -> list[Item]:
    """Return the page of a list that no query makes, with the same links as ``page_of``."""
    begin = _position(asked.cursor, len(items))
    page = list(items[begin : begin + asked.limit])
    links = {}
    if begin + asked.limit < len(items):
        links["next"] = _packed("next", [POSITION], [begin + asked.limit])
    if begin:
        links["prev"] = _packed("prev", [POSITION], [max(0, begin - asked.limit)])
    _tell(response, request, links, len(items))
    return page


def _position(cursor: str | None, count: int) -> int:
    if cursor is None:
        return 0
    _direction, (position,) = _unpacked(cursor, [POSITION])
    if not isinstance(position, int) or not 0 <= position <= count:
        raise BadInput(NO_PLACE_HERE).about("cursor")
    return position


def _tell(response: HttpResponse, request: HttpRequest, links: dict[str, str], count: int) -> None:
    response["X-Total-Count"] = str(count)
    if links:
        response["Link"] = ", ".join(f'<{_address(request, cursor)}>; rel="{rel}"' for rel, cursor in links.items())


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(place: list[Any], order: Sequence[str], going_back: bool) -> Q:
    """Rows after a place in an order of several fields: beyond it in one, and level with it in all before."""
    found, level = Q(), Q()
    for name, value in zip(order, place, strict=True):
        plain, is_falling = name.removeprefix("-"), name.startswith("-")
        side = "lt" if is_falling != going_back else "gt"
        found |= level & Q(**{f"{plain}__{side}": value})
        level &= Q(**{plain: value})
    return found


def _written(direction: str, row: Model, order: Sequence[str]) -> str:
    values = [_value_of(row, name.removeprefix("-")) for name in order]
    return _packed(direction, order, values)


def _packed(direction: str, order: Sequence[str], values: list[Any]) -> str:
    packed = json.dumps([direction, list(order), values], default=str, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _value_of(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = getattr(row, step)
    return row


def _read(cursor: str | None, rows: QuerySet[Row], order: Sequence[str]) -> tuple[bool, list[Any] | None]:
    """Return whether a cursor leads back, and the place it leads to: where a list begins without one, no place."""
    if cursor is None:
        return False, None
    direction, values = _unpacked(cursor, order)
    fields = [_field_of(rows.model, name.removeprefix("-")) for name in order]
    try:
        return direction == "prev", [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, ValidationError, OverflowError) as error:
        raise BadInput(NO_PLACE_HERE).about("cursor") from error


def _unpacked(cursor: str, order: Sequence[str]) -> tuple[str, list[Any]]:
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        direction, its_order, values = json.loads(packed)
        if direction not in ("next", "prev") or its_order != list(order) or len(values) != len(order):
            raise ValueError(direction)
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadInput(NO_PLACE_HERE).about("cursor") from error
    return direction, values


def _field_of(model: type[Model], path: str) -> Any:
    *relations, name = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model  # type: ignore[assignment]
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _address(request: HttpRequest, cursor: str) -> str:
    query = request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
