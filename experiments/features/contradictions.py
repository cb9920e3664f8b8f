"""What a column's cells hold that the reading learnt in training does not foresee, counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

Otherwise = Literal[
    "decimal_comma", "decimal_point", "thousands", "new_unit", "no_unit", "other_day_order", "unknown_day_order"
]
MOST_WORDS = 20


@dataclass
class Contradictions:
    """What a column's cells hold that the learnt reading does not foresee; those of two parts of a column add up.

    Attributes
    ----------
    kind : the column's type. units : the signs that its numbers carried in training.
    cells : cells that hold something.
    unreadable : cells whose text is no number, or no date; they count as empty. words : these texts, the most frequent.
    otherwise : cells written otherwise than was learnt, by the way. examples : one of them each.
    """

    kind: str = ""
    units: tuple[str, ...] = ()
    cells: int = 0
    unreadable: int = 0
    words: Counter[str] = field(default_factory=Counter)
    otherwise: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.unreadable or self.otherwise)

    def plus(self, other: "Contradictions") -> "Contradictions":
        """Return the counts of both parts together."""
        return Contradictions(
            self.kind or other.kind,
            self.units or other.units,
            self.cells + other.cells,
            self.unreadable + other.unreadable,
            most_frequent(self.words + other.words),
            self.otherwise + other.otherwise,
            {**other.examples, **self.examples},
        )

    def count_words(self, unread: "pl.Series") -> None:
        """Count cells that could not be read."""
        self.add_words(Counter(unread.to_list()))

    def add_words(self, words: Mapping[str, int]) -> None:
        """Count cells of these words, which could not be read."""
        self.unreadable += sum(words.values())
        self.words = most_frequent(self.words + Counter(words))

    def count(self, way: Otherwise, cells: "pl.Series") -> None:
        """Count cells written otherwise than was learnt."""
        if len(cells):
            self.otherwise[way] += len(cells)
            self.examples.setdefault(way, cells[0])

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON-ready plain data."""
        return {**vars(self), "units": list(self.units), "words": dict(self.words), "otherwise": dict(self.otherwise)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Contradictions":
        """Build the counts from what ``to_dict`` gave."""
        return cls(
            plain["kind"],
            tuple(plain["units"]),
            plain["cells"],
            plain["unreadable"],
            Counter(plain["words"]),
            Counter(plain["otherwise"]),
            dict(plain["examples"]),
        )


def most_frequent(words: Counter[str]) -> Counter[str]:
    """Return the most frequent of many words; of equally frequent ones, the first by the alphabet."""
    return Counter(dict(sorted(words.items(), key=lambda item: (-item[1], item[0]))[:MOST_WORDS]))
