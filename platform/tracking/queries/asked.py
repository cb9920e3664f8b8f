"""Which of a workspace's experiments are asked for, and in which order, as the address says."""

from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.http import QueryDict

from common.numbers import whole_number
from experiments.kinds import KINDS
from tracking.words import NEWEST_FIRST, SORTABLE
from training.models import ExperimentState


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to and sorted by; what is empty narrows nothing.

    Attributes
    ----------
    q : words in the name, the dataset, the person, a tag or the note. sort : a column; with a minus it falls.
    favourites : only the reader's own. archived : the archived ones, which are left out otherwise.
    """

    q: str = ""
    kind: str = ""
    dataset: int | None = None
    state: str = ""
    owner: int | None = None
    tag: str = ""
    favourites: bool = False
    archived: bool = False
    sort: str = NEWEST_FIRST

    @classmethod
    def of(cls, query: QueryDict) -> "Asked":
        """Read an address; what it asks for that there is not is left out."""
        kind, state, sort = query.get("kind", ""), query.get("state", ""), query.get("sort", "")
        return cls(
            q=query.get("q", "").strip()[:200],
            kind=kind if kind in KINDS else "",
            dataset=whole_number(query.get("dataset", "")),
            state=state if state in ExperimentState.values else "",
            owner=whole_number(query.get("owner", "")),
            tag=query.get("tag", "").strip()[:200],
            favourites=bool(query.get("favourites")),
            archived=bool(query.get("archived")),
            sort=sort if sort.removeprefix("-") in SORTABLE else NEWEST_FIRST,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for but the whole list."""
        return self != Asked(sort=self.sort)

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def falls(self) -> bool:
        return self.sort.startswith("-")

    def address(self, **changes: object) -> str:
        """Return the query of an address that asks for this with changes; empty, or ending in ``&``."""
        wanted = replace(self, **changes)  # type: ignore[arg-type]
        usual = Asked()
        said = {
            each.name: "1" if getattr(wanted, each.name) is True else getattr(wanted, each.name)
            for each in fields(wanted)
            if getattr(wanted, each.name) != getattr(usual, each.name)
        }
        return urlencode(said) + "&" if said else ""
