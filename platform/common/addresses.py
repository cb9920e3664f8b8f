"""Where people and programs come in: each app says in ``AppConfig.ready`` which pages and operations are its own.

A page that leads to an app above its own asks for the thing it means, ``address_of("version", pk)``; which view shows
it, the app that has the view has said.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, include, path, reverse
from django.utils.module_loading import import_string

from common.declared import Declared


@dataclass(frozen=True)
class Pages:
    """A module with ``urlpatterns``, imported only by who serves pages."""

    urlconf: str
    weight: int


@dataclass(frozen=True)
class Operations:
    """A router of the API, imported only by who serves it, and the group under which its operations are listed."""

    router: str
    tag: str
    label: Any
    weight: int

    def load(self) -> Any:
        return import_string(self.router)


_pages: Declared[Pages] = Declared()
_operations: Declared[Operations] = Declared()
_views: dict[str, str] = {}


def register_pages(urlconf: str, *, weight: int = 0) -> None:
    """Have the pages of a module reached; of two patterns that fit an address the lighter module's is taken."""
    _pages.add(urlconf, Pages(urlconf, weight))


def register_views(**views: str) -> None:
    """Say which view shows a thing, or does something with it: ``version="dataset_detail"``; apps below lead there."""
    _views.update(views)


def address_of(thing: str, *key: object) -> str:
    """Return where a thing is shown, whichever app shows it.

    Raises
    ------
    KeyError : no app has said that it shows such a thing.
    """
    return reverse(_views[thing], args=key)


def register_operations(router: str, *, tag: str, label: Any, weight: int) -> None:
    """Have the operations of a router reached below the root of the API.

    Parameters
    ----------
    router : where it is, as ``"scoring.api.router"``.
    tag, label : the group in which they are listed, and what people call it.
    weight : their place in the list; of two operations that fit an address the lighter router's is taken.
    """
    _operations.add(router, Operations(router, tag, label, weight))


def answer_only(*, urlconfs: Collection[str], routers: Collection[str]) -> None:
    """Have this process answer some pages and operations and no others, whose modules it then never imports."""
    _pages.keep(urlconfs)
    _operations.keep(routers)


def pages() -> list[URLResolver]:
    """Return the patterns of all pages, to be the platform's."""
    return [path("", include(each.urlconf)) for each in _pages]


def operations() -> list[Operations]:
    """Return all routers in their order."""
    return list(_operations)


def tags() -> dict[str, Any]:
    """Return what the groups of operations are called."""
    return {each.tag: each.label for each in _operations}
