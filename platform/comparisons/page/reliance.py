"""What each model relies on, and who stands in which tenth, as a page draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.templatetags.formatting import rate
from experiments.comparison.evidence import Against, ModelsCompared

RELIANCE_SHOWN = 12
DARKEST = 4


@dataclass(frozen=True)
class RelianceCell:
    """A column's share in one model, as a bar and a number, and how its rank moved against the first."""

    share: str
    bar: float
    moved: int
    is_new: bool
    is_used: bool


@dataclass(frozen=True)
class MatrixCell:
    """How many stand in a tenth of the one and a tenth of the other; ``level`` 0 to 4 is how dark it is drawn."""

    count: int
    level: int
    is_same: bool


def reliance_of(found: ModelsCompared) -> list[tuple[str, list[RelianceCell]]]:
    """Return the columns that weigh most in any of the models."""
    models = range(len(found.models))
    ranks = [_ranks(found, place) for place in models]
    top = max((share or 0.0 for one in found.reliance for share in one.shares), default=0.0) or 1.0
    return [
        (one.column, [_cell(one.column, one.shares[place], ranks, place, top=top) for place in models])
        for one in found.reliance[:RELIANCE_SHOWN]
    ]


def _ranks(found: ModelsCompared, place: int) -> dict[str, int]:
    shares = {one.column: one.shares[place] or 0.0 for one in found.reliance if one.shares[place]}
    return {name: rank for rank, name in enumerate(sorted(shares, key=lambda name: -shares[name]))}


def _cell(
    column: str, share: float | None, ranks: Sequence[Mapping[str, int]], place: int, *, top: float
) -> RelianceCell:
    before, after = ranks[0].get(column), ranks[place].get(column)
    moved = before - after if place and before is not None and after is not None else 0
    is_new = bool(place) and before is None and after is not None
    return RelianceCell(rate(share, 0), round(100 * (share or 0.0) / top, 1), moved, is_new, bool(share))


def matrix_of(against: Against) -> list[list[MatrixCell]]:
    """Return how many stand in each pair of tenths."""
    most = max((number for line in against.tenths for number in line), default=0) or 1
    return [
        [MatrixCell(number, round(DARKEST * number / most), row == column) for column, number in enumerate(line)]
        for row, line in enumerate(against.tenths)
    ]
