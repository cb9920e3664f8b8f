"""A card as a person changes it: columns with their borders, what becomes of empty cells, scale and limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from experiments.errors import BadInput, gettext_noop
from experiments.features.bins import READERS, Bin, BinnedColumn
from experiments.scorecard.scaling import PointsScale
from experiments.scorecard.scorecard import Scorecard
from experiments.stored import Part, Stored

REGULAR = ("range", "levels", "other")
#: What becomes of a missing or special bin: its own weight, none, that of the least favourable bin, or another bin's.
TREATMENTS = ("own", "neutral", "worst", "joined")
WANTED = ("auto", "in", "out")
NOT_THERE = gettext_noop("This card has no column %(column)s.")
NO_SCALE = gettext_noop("Base points and odds must be above 0 and the points that double the odds at least 1.")

Wanted = Literal["auto", "in", "out"]


@dataclass(frozen=True)
class DraftBin(Part):
    """One bin by its borders or levels; ``treatment`` is of missing and special bins, see ``TREATMENTS``."""

    kind: str
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    name: str = ""
    treatment: str = "own"
    joined_to: int | None = None

    @property
    def is_regular(self) -> bool:
        return self.kind in REGULAR


@dataclass(frozen=True)
class DraftColumn(Part):
    """A column: its regular bins in order, then special ones, then empty cells.

    Attributes
    ----------
    trend : of the event rate over the regular bins as last asked for; ``auto`` where nobody asked.
    wanted : ``in`` stays whatever it adds, ``out`` is left out, ``auto`` stays while it is worth it.
    order : levels from lowest to highest, of a category that has an order.
    sources : the original columns whose values it tells: itself, or those it is derived from. Empty on a card of an
        earlier day, which did not say.
    """

    name: str
    type: str
    bins: tuple[DraftBin, ...]
    trend: str = "auto"
    wanted: str = "auto"
    order: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def is_ordered(self) -> bool:
        """Whether its bins are ranges."""
        return self.type in READERS

    @property
    def regular(self) -> tuple[DraftBin, ...]:
        return tuple(bin_ for bin_ in self.bins if bin_.is_regular)

    @property
    def side(self) -> tuple[DraftBin, ...]:
        """Special bins and the one of empty cells."""
        return tuple(bin_ for bin_ in self.bins if not bin_.is_regular)

    @property
    def edges(self) -> tuple[float, ...]:
        """Inner borders of the ranges, ascending."""
        return tuple(bin_.low for bin_ in self.regular if bin_.low is not None)

    def to_binned(self) -> BinnedColumn:
        """Return the column as the engine bins by it, with nothing counted yet."""
        bins = [Bin(one.kind, one.low, one.high, list(one.levels), one.name) for one in self.bins]
        return BinnedColumn(self.name, self.type, self.trend, bins)


@dataclass(frozen=True)
class CardDraft(Stored):
    """A card as it shall be: columns in and out, limits of what stays by itself, scale of the points.

    Attributes
    ----------
    iv_floor : information value below which an ``auto`` column leaves. max_columns : most columns on the card.
    base, odds, pdo, direction : as in ``PointsScale``.
    """

    what = gettext_noop("a scorecard edited by hand")

    columns: tuple[DraftColumn, ...]
    iv_floor: float = 0.0
    max_columns: int = 30
    base: float = 600.0
    odds: float = 50.0
    pdo: float = 20.0
    direction: int = 1

    @property
    def scale(self) -> PointsScale:
        return PointsScale(self.base, self.odds, self.pdo, self.direction)

    @property
    def on_card(self) -> tuple[DraftColumn, ...]:
        """The columns that are not left out."""
        return tuple(column for column in self.columns if column.wanted != "out")

    def column(self, name: str) -> DraftColumn:
        """Return a column by name.

        Raises
        ------
        BadInput : there is none.
        """
        found = next((column for column in self.columns if column.name == name), None)
        if found is None:
            raise BadInput(NOT_THERE, column=name)
        return found

    def with_column(self, changed: DraftColumn) -> "CardDraft":
        """Return the card with another column in the place of the one of its name."""
        columns = tuple(changed if column.name == changed.name else column for column in self.columns)
        return replace(self, columns=columns)

    def with_scale(self, *, base: float, odds: float, pdo: float) -> "CardDraft":
        """Return the card with other points: ``base`` at ``odds`` good to one bad, ``pdo`` more double the odds.

        Raises
        ------
        BadInput : such points are none.
        """
        if not (base > 0 and odds > 0 and pdo >= 1):
            raise BadInput(NO_SCALE)
        return replace(self, base=base, odds=odds, pdo=pdo)


def draft_of(
    card: Scorecard,
    offered: Iterable[BinnedColumn] = (),
    *,
    sources: Mapping[str, Sequence[str]] | None = None,
) -> CardDraft:
    """Return a card ready to be changed; ``offered`` are further columns, left out at first.

    Parameters
    ----------
    sources : of each derived column, those it is made of.
    """
    scale, sources = card.scale, sources or {}
    return CardDraft(
        columns=(
            *(_column(column, "auto", sources) for column in card.binning_.bins_.values()),
            *(_column(column, "out", sources) for column in offered),
        ),
        max_columns=card.max_columns, base=scale.base, odds=scale.odds, pdo=scale.pdo, direction=scale.direction,
    )  # fmt: skip


def _column(column: BinnedColumn, wanted: Wanted, sources: Mapping[str, Sequence[str]]) -> DraftColumn:
    return DraftColumn(
        column.name, column.type, tuple(map(_bin, column.bins)), trend=column.trend, wanted=wanted,
        sources=tuple(sources.get(column.name, [column.name])),
    )  # fmt: skip


def _bin(bin_: Bin) -> DraftBin:
    asked: dict[str, Any] = {}
    if bin_.flag in ("joined", "neutral"):
        asked = {"treatment": bin_.flag, "joined_to": bin_.joined_to}
    return DraftBin(bin_.kind, bin_.low, bin_.high, tuple(bin_.levels), bin_.name, **asked)
