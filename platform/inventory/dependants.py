"""What rests on a model: each app that uses models says so in ``AppConfig.ready``, and the inventory asks.

Knows nobody above: scores, scenarios, lists, deployments, campaigns register themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, QuerySet

from common.declared import Declared


@dataclass(frozen=True)
class Dependant:
    """One thing that uses a model; ``number`` is the version's, None where it is of the model as a whole."""

    name: str
    number: int | None
    url: str
    at: datetime


@dataclass(frozen=True)
class Kind:
    """A kind of things that use models.

    Attributes
    ----------
    label : what people call them. icon : beside it.
    rows : all of them; asked only when the inventory is, by when every table is there.
    model, number : lead from a row to its registered model, and to the number of its version where it has one.
    url_of : where a row is shown. at : its column with the moment it was made.
    """

    code: str
    label: Any
    icon: str
    rows: Callable[[], QuerySet[Any]]
    model: str
    url_of: Callable[[Any], str]
    number: str = ""
    at: str = "created_at"
    weight: int = 50

    def counted(self, models: Sequence[int]) -> dict[int, int]:
        """Return how many there are, by model."""
        found = self.rows().filter(**{f"{self.model}__in": models}).order_by().values_list(self.model)
        return dict(found.annotate(count=Count("pk", distinct=True)))

    def newest(self, model: int, most: int) -> list[Dependant]:
        """Return those of one model, the newest first."""
        found = self.rows().filter(**{self.model: model})
        if self.number:
            found = found.annotate(used_version=Max(self.number))
        return [
            Dependant(str(row), getattr(row, "used_version", None), self.url_of(row), getattr(row, self.at))
            for row in found.order_by(f"-{self.at}", "-pk")[:most]
        ]


_kinds: Declared[Kind] = Declared()


def register(*kinds: Kind) -> None:
    """Have the inventory tell what of an app rests on models."""
    for kind in kinds:
        _kinds.add(kind.code, kind)


def kinds() -> list[Kind]:
    """Return the kinds in their order."""
    return list(_kinds)


def counts_of(models: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return by model and kind how much rests on it; kinds without anything are absent."""
    found: dict[int, dict[str, int]] = {pk: {} for pk in models}
    for kind in kinds():
        for pk, number in kind.counted(models).items():
            found[pk][kind.code] = number
    return found
