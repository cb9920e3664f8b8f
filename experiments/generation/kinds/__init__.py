"""The kinds of generated features; the n-th is a new file and one line here."""

from experiments.generation.feature import Kind
from experiments.generation.kinds.date_gaps import DateGaps
from experiments.generation.kinds.date_parts import DateParts
from experiments.generation.kinds.differences import Differences
from experiments.generation.kinds.level_shares import LevelShares
from experiments.generation.kinds.missing import MissingCells
from experiments.generation.kinds.products import Products
from experiments.generation.kinds.ratios import Ratios
from experiments.generation.kinds.row_families import RowFamilies

_ALL: list[Kind] = [
    DateParts(), DateGaps(), RowFamilies(), Ratios(), Differences(), Products(), LevelShares(), MissingCells(),
]  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
KINDS_OF_EFFORT: dict[str, tuple[str, ...]] = {
    "off": (),
    # Products set unlike things against each other, so they are for those who ask for all there is. Marks of empty
    # cells and shares of levels helped on none of the tables we measured.
    "standard": ("date_part", "date_gap", "row_family", "ratio", "difference"),
    "deep": tuple(KINDS),
}
