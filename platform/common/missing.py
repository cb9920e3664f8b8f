"""Something that a request names and that is not there: which, where it was named, and what there is instead."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from experiments.meant import nearest, some_of

NOTHING_SEEN = _("%(field)s %(name)s does not exist, or you may not see it.")
NOTHING_LIKE_IT = _("%(field)s %(name)s does not exist, or you may not see it. Available: %(names)s.")
NEAR = _("%(field)s %(name)s does not exist, or you may not see it. Did you mean %(nearest)s?")
Row = TypeVar("Row", bound=Model)


class NotThere(Http404):
    """What a field or parameter names does not exist for this person: 404 at an address that does."""

    def __init__(self, field: str, name: Any, names: Sequence[str] = ()) -> None:
        super().__init__(f"{field} {name}")
        self.field, self.name, self.names = field, str(name), names

    @property
    def sentence(self) -> str:
        said = {"field": self.field, "name": self.name}
        meant = nearest(self.name, self.names)
        if meant is not None:
            return gettext(NEAR) % {**said, "nearest": meant}
        if self.names:
            return gettext(NOTHING_LIKE_IT) % {**said, "names": some_of(self.names)}
        return gettext(NOTHING_SEEN) % said


def named_row(rows: QuerySet[Row], *, field: str, **by: Any) -> Row:
    """Return the one row that a field names, or say that there is none for this person."""
    row = rows.filter(**by).first()
    if row is None:
        raise NotThere(field, next(iter(by.values())))
    return row
